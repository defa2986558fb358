"""What others control, shown harmlessly: no control, mark of direction or invisible character reaches a terminal as itself.

Whatever comes from the feed, the database or a server passes `visible` on its way to a person, and `json_visible` on its
way to JSON that a person may look at.
"""

import re
import unicodedata

# each range in words: C0 but the line break, DEL and C1; soft hyphen; the combining grapheme joiner; a mark of direction;
# Hangul and Khmer letters that show nothing; Mongolian selectors; joiners, marks of direction, separators, invisible
# operators; blank Hangul; variation selectors; the byte order mark; anchors of annotations; half characters; marks of
# shorthand and music that show nothing; tags and further selectors, in which whole texts can be hidden
_UNSEEN = re.compile(
    "["
    "\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "]"
)
_LOOKALIKE = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000\u0300-\u036f\u0e4d]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7e]")
_JOINERS = "\u200c\u200d"
_SELECTORS = re.compile("[\ufe00-\ufe0f]")
_KEYCAPS = "0123456789#*"


def visible(text: str, *, line_break: str = "\n") -> str:
    r"""Return a text with each character that a terminal obeys, or nobody sees, as an escape (`\x1b`, `\u202e`).

    What takes part in a letter or an emoji stays: a joiner between two characters beyond ASCII, a variation selector
    behind one. Backslashes stay as they are: the text is for people, and not to be read back.

    Args:
        text: Any text; lone surrogates too.
        line_break: What a line break becomes: itself, or `⏎` where a value must stay on its line.
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNSEEN.sub(_escape, text).replace("\n", line_break)


def exact(text: str, *, line_break: str = "\n") -> str:
    r"""Return a text as `visible` does, with escapes too for spaces and marks beyond ASCII that look like others.

    A space that is not the plain one (`\xa0`), an accent apart from its letter, half of a sara am: for a person who asks
    what was really sent.
    """
    return _LOOKALIKE.sub(lambda found: _escape_of(ord(found[0])), visible(text, line_break=line_break))


def _escape(found: re.Match[str]) -> str:
    return found[0] if _takes_part(found) else _escape_of(ord(found[0]))


def _escape_of(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _takes_part(found: re.Match[str]) -> bool:
    """Tell whether a joiner or a variation selector belongs to the characters beside it."""
    text, place = found.string, found.start()
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    if found[0] in _JOINERS:
        return _is_shown(before) and _is_shown(after)
    return bool(_SELECTORS.match(found[0])) and (_is_shown(before) or (before != "" and before in _KEYCAPS))


def _is_shown(letter: str) -> bool:
    """Tell whether a character beyond ASCII is a letter, a mark, a sign or an emoji."""
    return letter > "\x7f" and unicodedata.category(letter)[0] in "LMNS"


def json_visible(text: str, encoding: str | None = "utf-8") -> str:
    r"""Return JSON that means the same, with `\u` escapes for what `visible` would escape.

    Args:
        text: JSON, or a piece of it; beyond ASCII it has characters in its strings only.
        encoding: Of where it goes: in one that is none of Unicode's, all beyond ASCII is escaped.
    """
    if text.isascii() and text.isprintable():
        return text
    is_unicode = (encoding or "utf-8").lower().replace("-", "").startswith("utf")
    return (_UNSEEN if is_unicode else _BEYOND_ASCII).sub(_json_escape, text)


def _json_escape(found: re.Match[str]) -> str:
    if found[0] in "\t\r":  # between the values of JSON; within a string they are escaped already
        return found[0]
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place]:02x}{units[place + 1]:02x}" for place in range(0, len(units), 2))
