"""What a sync would change, or what changed between two snapshots: frozen dataclasses, and what fills them.

Uses load, match, extract and snapshot; writes nothing. Knows neither how a diff is shown nor who asked for it.
"""
