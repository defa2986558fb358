"""Raw records to canonical tenants: pure, frames in, frames out; no I/O, clock or logging.

`tenants.transform` composes the rules; each of the other modules holds one of them.
Uses contract only. Knows neither where records come from nor which rows the CMS has.
"""
