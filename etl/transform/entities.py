r"""HTML entities and `\uXXXX` escapes, one level: decoded, or dropped where no character can come of them.

An entity without its semicolon is one only where no letter, digit or `=` follows: `Books&notebooks` and `?a=1&region=2`
stay. Each distinct one is decoded once, and put back wherever it stands: faster than value by value.
"""

import html
import re
from collections.abc import Callable
from html.entities import html5

import polars as pl

from etl.transform.invisible import is_letter

# what follows without being ASCII may be a letter: `_parts` looks at it
_ENTITY = r"&#?[A-Za-z0-9]{1,32}[;=\x{80}-\x{10ffff}]?"
_NUMBER = re.compile("#(?:[0-9]+|[xX][0-9a-fA-F]+)")
_ESCAPED_AGAIN = "&(?:(?:amp|AMP|#0*38|#[xX]0*26);){2,}"
_ESCAPE = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}"
_IMPOSSIBLE = "\ufffd"

ENTITY_NEEDLE = "&[A-Za-z#]"
ESCAPE_NEEDLE = r"\\u[0-9a-fA-F]{4}"
BROKEN_NEEDLE = r"&#|\\u[dD][89a-fA-F]"


def decode_entities(values: pl.Series, *, semicolon: bool = False) -> pl.Series:
    """Decode one level, and all levels but one of `&amp;amp;…`: a form that escapes at each save makes many.

    Rows: 1:1.

    Args:
        values: Text.
        semicolon: A name needs its semicolon wherever it stands, as in a web address.
    """
    shallow = _short_numbers(values.str.replace_all(_ESCAPED_AGAIN, "&amp;"))
    return _replace_tokens(shallow, _ENTITY, lambda token: _decode(token, semicolon=semicolon))


def decode_escapes(values: pl.Series) -> pl.Series:
    """Decode escapes, a pair of surrogates to its one character. Rows: 1:1."""
    return _replace_tokens(values, _ESCAPE, _unescaped)


def drop_broken(values: pl.Series) -> pl.Series:
    """Drop entities of numbers that no character has, and escapes that are half a pair. Rows: 1:1."""
    whole = _replace_tokens(_short_numbers(values), _ENTITY, _without_impossible)
    return _replace_tokens(whole, _ESCAPE, lambda token: "" if _is_half(token) else token)


def _short_numbers(values: pl.Series) -> pl.Series:
    """Bound the length of numbers: Python refuses to read one of more than 4,300 digits."""
    return (
        values.str.replace_all("&#0{9,}([0-9])", "&#${1}")
        .str.replace_all("&#[xX]0{9,}([0-9a-fA-F])", "&#x${1}")
        .str.replace_all("&#[0-9]{20,}", "&#99999999")
        .str.replace_all("&#[xX][0-9a-fA-F]{20,}", "&#xfffffff")
    )


def _replace_tokens(values: pl.Series, pattern: str, decode: Callable[[str], str]) -> pl.Series:
    tokens = values.str.extract_all(pattern).explode().drop_nulls().unique()
    pairs = [(token, decode(token)) for token in tokens]
    if all(token == decoded for token, decoded in pairs):
        return values
    # Of those that match at the same place the first listed wins: `&ampere`, which stays, must come before `&amp`.
    pairs.sort(key=lambda pair: (-len(pair[0]), pair[0]))
    return values.str.replace_many([old for old, _ in pairs], [new for _, new in pairs], leftmost=True)


def _parts(token: str) -> tuple[str, str]:
    """Return the name or number of an entity, '' where that is none for what follows, and what follows."""
    has_tail = not (token[-1].isascii() and token[-1].isalnum())
    name, tail = (token[1:-1], token[-1]) if has_tail else (token[1:], "")
    is_none = tail == "=" or (tail and (is_letter(tail) or tail.isnumeric()))
    is_number = _NUMBER.fullmatch(name)
    return ("" if is_none or (name.startswith("#") and not is_number) else name), tail


def _decode(token: str, *, semicolon: bool) -> str:
    name, tail = _parts(token)
    if name.startswith("#"):
        return html.unescape(f"&{name};") + tail.removeprefix(";")
    if tail == ";":
        return html5.get(f"{name};", token)
    return token if semicolon or name not in html5 else html5[name] + tail


def _without_impossible(token: str) -> str:
    name, tail = _parts(token)
    is_impossible = name.startswith("#") and html.unescape(f"&{name};") in {"", _IMPOSSIBLE}
    return tail.removeprefix(";") if is_impossible else token


def _is_half(escape: str) -> bool:
    return len(escape) == 6 and 0xD800 <= int(escape[2:], 16) <= 0xDFFF


def _unescaped(token: str) -> str:
    if len(token) > 6:
        high, low = int(token[2:6], 16), int(token[8:], 16)
        return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    return token if _is_half(token) else chr(int(token[2:], 16))
