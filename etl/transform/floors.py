"""Floor labels: choose one, split a list into its parts, and say what each part may mean.

Whether a meaning exists is for the database to say (match/); nothing here knows its floors. The matcher
tries, in this order: the part as it is, `alias`, `code`, `fallback`, the range from `low` to `high`, a partial match.
"""

import re

import polars as pl

from etl.transform.comparable import composed

_ORDINALS = """
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth
fifteenth sixteenth seventeenth eighteenth nineteenth twentieth
"""
_CARDINALS = """
one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen twenty
"""

FLOOR_ALIASES: dict[str, str] = {
    **dict.fromkeys(("g", "ga", "gf", "g/f", "ground"), "GF"),
    **dict.fromkeys(("lg", "lgf", "lg/f", "lower ground"), "LG"),
    **dict.fromkeys(("u", "ug", "ugf", "ug/f", "upper ground"), "UG"),
    **dict.fromkeys(("m", "mf", "m/f", "mezz", "mezzanine", "ชั้นลอย", "ลอย"), "MF"),
    **{word: f"{number}F" for number, word in enumerate(_ORDINALS.split(), start=1)},
    **{word: f"{number}F" for number, word in enumerate(_CARDINALS.split(), start=1)},
}
"""What a label means that is a name: keys lower case, without the word for floor."""

CANDIDATES: dict[str, pl.DataType] = {
    "label": pl.String(),  # as it came
    "alias": pl.String(),  # by FLOOR_ALIASES
    "code": pl.String(),  # by the way such codes are built
    "fallback": pl.String(),  # the next choice where the database has no `code`
    "low": pl.String(),  # of a range, the label of one end
    "high": pl.String(),  # of a range, the label of the other end
}
"""Columns of a frame of candidates; null where a rule says nothing."""

_TO_ASCII = str.maketrans(
    "๐๑๒๓๔๕๖๗๘๙\u2212〜～" + "".join(map(chr, (*range(0xFF01, 0xFF5E), *range(0x2010, 0x2016)))),
    "0123456789-~~" + "".join(map(chr, range(0x21, 0x7E))) + "-" * 6,
)
_OPENING, _CLOSING = "([（", ")]）"
_FLOOR_WORD = r"(?:floors?|flr|fl|levels?|lvl|lv|ชั้นที่|ชั้น)"
_PREFIX = re.compile(rf"^(?:{_FLOOR_WORD}(?![a-z])[\s.:#-]*|[lf][\s.:#-]*(?=[0-9]))")
_SUFFIX = re.compile(rf"[\s./-]*{_FLOOR_WORD}[\s.]*$")
# `-1` and `Level -1` are basements, `Level-1` and `Level - 1` are not
_MINUS = re.compile(r"(?:^|(?<=[\s.:]))-(?=[0-9])")
_NUMBER = re.compile(r"^0*([1-9][0-9]{0,2})(?:\.0+)?\s*(?:st|nd|rd|th)?(?:[\s/-]*f|a)?$")
_BASEMENT_MEZZANINE = re.compile(r"^(?:bm|basement\s*mezzanine)[\s.-]*0*([1-9][0-9]?)?(?:[\s/-]*f)?$")
_BASEMENT = re.compile(
    r"^(?:basement|base|b|ใต้ดิน)(?:\s*floor)?[\s.-]*0*([1-9][0-9]?)?(?:\.0+)?(?:[\s/-]*f)?$"
)
_RANGE = re.compile(r"^(.+?)\s*(?:-+|~+|\.{2,})\s*(.+)$")
_RANGE_BY_WORD = re.compile(r"^(?:from\s)?(.+?)(?:(?<=[\sf0-9])(?:to|through|thru|until)(?=[\s0-9])|ถึง)(.+)$")

# 'G/F', '3/F': the slash is part of the name
_SEPARATOR = re.compile(r"[,;&+|\n，、；＆＋｜،]|[/／](?!\s*f(?:l|loor)?\b)|\band\b", re.IGNORECASE)


def floor_label(revised: pl.Expr, original: pl.Expr) -> pl.Expr:
    """Choose the label: the revised one, else the original.

    Rows: 1:1. A revised label without a letter or digit (`-`) counts as none, unless there is no other.
    """
    says_something = revised.str.contains(r"[\p{L}\p{N}]")
    return pl.coalesce(pl.when(says_something).then(revised), original, revised)


def split_floor_label(label: pl.Expr) -> pl.Expr:
    """Split a label into its parts, by `parts_of`.

    Rows: 1:1, List[String]. An empty list where the label is null or holds only separators.
    """
    return label.map_batches(_split, return_dtype=pl.List(pl.String))


def _split(labels: pl.Series) -> pl.Series:
    distinct = labels.drop_nulls().unique()
    parts = pl.Series([parts_of(label) for label in distinct], dtype=pl.List(pl.String))
    known = pl.DataFrame({"label": distinct, "parts": parts})
    found = labels.alias("label").to_frame().join(known, on="label", how="left", maintain_order="left")
    return found["parts"].fill_null([]).alias(labels.name)


def parts_of(label: str) -> list[str]:
    """Split one label into its parts: in order, distinct, trimmed, each with a letter or digit.

    Words in brackets are left out, unless nothing else is there.
    """
    # first: Thai has no spaces, and in `G/Fและ3/F` no word ends at the F
    lines = _without_brackets(label).replace("และ", "\n")
    parts = (composed(part) for part in _SEPARATOR.split(lines))
    return list(dict.fromkeys(part for part in parts if _says_something(part)))


def _without_brackets(label: str) -> str:
    """Return a label without what is in brackets, nested ones too; one that is not closed reaches to the end."""
    if not any(opening in label for opening in _OPENING):
        return label
    depth, rest = 0, ""
    for letter in label:
        depth += (letter in _OPENING) - (letter in _CLOSING and depth > 0)
        rest += " " if depth or letter in _CLOSING else letter
    return rest if _says_something(rest) else label


def _says_something(text: str) -> bool:
    return any(letter.isalnum() for letter in text)


def _plain(label: str) -> str:
    """Return a label in lower case and ASCII's digits and dashes, without words in brackets."""
    return composed(_without_brackets(label)).translate(_TO_ASCII).lower()


def _core(label: str) -> tuple[str, bool]:
    """Reduce a label to what names the floor: `_plain`, no word for floor before or after it.

    Also say whether there was such a word.
    """
    text = _MINUS.sub("b", _plain(label)).strip(" .,:;#()[]-")
    core = _SUFFIX.sub("", _PREFIX.sub("", text, count=1)).strip(" .:#-")
    return core, core != text


def candidates_of(label: str) -> tuple[str | None, str | None, str | None]:
    """Say what one label may mean: alias, code and fallback, each None where that rule says nothing."""
    core, had_floor_word = _core(label)
    return _meaning(core) or (None, core.upper() if core and had_floor_word else None, None)


def _meaning(core: str) -> tuple[str | None, str | None, str | None] | None:
    if alias := FLOOR_ALIASES.get(core) or FLOOR_ALIASES.get(core.replace("-", " ")):
        return alias, None, None
    if found := _NUMBER.match(core):
        return None, f"{found[1]}F", None
    if found := _BASEMENT_MEZZANINE.match(core):
        return None, f"BM{found[1] or ''}", f"B{found[1]}" if found[1] else None
    if found := _BASEMENT.match(core):
        return None, f"B{found[1]}" if found[1] else "BF", None
    return None


def ends_of(label: str) -> tuple[str, str] | None:
    """Return the labels of the two ends of a range of floors (`1F-3F`); None where a label is none."""
    plain = _plain(label)
    found = None if _meaning(_core(label)[0]) else _RANGE_BY_WORD.match(plain) or _RANGE.match(plain)
    return (found[1].strip(), found[2].strip()) if found else None


def floor_candidates(labels: pl.Series) -> pl.DataFrame:
    """Say what each distinct label, and each end of a range of floors among them, may mean.

    Args:
        labels: Parts of labels, as `split_floor_label` gives them.

    Returns:
        CANDIDATES, one row per distinct label that is not null, sorted by label.
    """
    ranges = {label: ends_of(label) or (None, None) for label in labels.drop_nulls().unique()}
    ends = dict.fromkeys((end for both in ranges.values() for end in both if end), (None, None))
    rows = [(label, *candidates_of(label), *both) for label, both in sorted((ends | ranges).items())]
    return pl.DataFrame(rows, schema=CANDIDATES, orient="row")
