"""Placeholders: what people and programs write where there is nothing to say.

A value that is nothing but one counts as blank in every field, before anything falls back on another field.
"""

_WORDS = r"n/a|n\.a\.|#n/a|null|undefined|nan|tbc|tba"
_NO_DATE = (
    r"0000-00-00(?:[t ]00:00(?::00(?:\.0+)?)?z?)?"  # how MySQL writes that there is none, with its time too
)

PLACEHOLDER = rf"(?i:[-\u2010-\u2015\u2212]+|\.|{_WORDS}|{_NO_DATE})"
"""A pattern of placeholders, of which the whole value must consist. A word that may be a name is none."""
