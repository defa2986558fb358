"""Raw records to canonical tenants: pure, frames in, frames out; no I/O, clock or logging.

`tenants.transform` composes the rules; each of the other modules holds one of them.
"""
