"""Floor labels: choose one, split a list into its parts, and say what each part may mean.

Whether a meaning exists is for the database to say (match/); nothing here knows its floors. The matcher
tries, in this order: the part as it is, `alias`, `code`, `fallback`, a partial match.
"""

import re

import polars as pl

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
}
"""Columns of a frame of candidates; null where a rule says nothing."""

_TO_ASCII = str.maketrans(
    "๐๑๒๓๔๕๖๗๘๙" + "".join(map(chr, range(0xFF01, 0xFF5F))),
    "0123456789" + "".join(map(chr, range(0x21, 0x7F))),
)
_FLOOR_WORD = r"(?:floor|flr|fl|level|lvl|ชั้นที่|ชั้น)"
_PREFIX = re.compile(rf"^(?:{_FLOOR_WORD}(?![a-z])[\s.:#-]*|[lf][\s.:#-]*(?=[0-9]))")
_SUFFIX = re.compile(rf"[\s./-]*{_FLOOR_WORD}[\s.]*$")
_NUMBER = re.compile(r"^0*([1-9][0-9]{0,2})\s*(?:st|nd|rd|th)?(?:[\s/-]*f|a)?$")
_BASEMENT_MEZZANINE = re.compile(r"^(?:bm|basement\s*mezzanine)[\s.-]*0*([1-9][0-9]?)?(?:[\s/-]*f)?$")
_BASEMENT = re.compile(r"^(?:basement|base|b|ใต้ดิน)(?:\s*floor)?[\s.-]*0*([1-9][0-9]?)?(?:[\s/-]*f)?$")

# 'G/F', '3/F': the slash is part of the name. A tab, which no label holds, stands in while the list is split.
_SLASH_F = r"(?i)/([\s&&[^\n]]*F)\b"
_STAND_IN = "\t"
_SEPARATORS = r"[,;/&+，、；／＆＋،]|\b(?i:and)\b"
_THAI_AND = "และ"  # goes first: Thai has no spaces, and in `G/Fและ3/F` no word ends at the F


def floor_label(revised: pl.Expr, original: pl.Expr) -> pl.Expr:
    """Choose the label: the revised one, else the original.

    Rows: 1:1. A revised label without a letter or digit (`-`) counts as none, unless there is no other.
    """
    says_something = revised.str.contains(r"[\p{L}\p{N}]")
    return pl.coalesce(pl.when(says_something).then(revised), original, revised)


def split_floor_label(label: pl.Expr) -> pl.Expr:
    """Split a label into its parts.

    Rows: 1:1, List[String]: trimmed, distinct, in order, without blanks. An empty list where the label is
    null or holds only separators.
    """
    lines = label.str.replace_all(_THAI_AND, "\n", literal=True)
    marked = lines.str.replace_all(_SLASH_F, _STAND_IN + "${1}").str.replace_all(_SEPARATORS, "\n")
    trimmed = pl.element().str.replace_all(_STAND_IN, "/", literal=True).str.strip_chars()
    parts = marked.str.split("\n").list.eval(trimmed.filter(trimmed != ""))
    return parts.list.unique(maintain_order=True).fill_null([])


def _core(label: str) -> tuple[str, bool]:
    """Reduce a label to what names the floor: lower case, ASCII digits, no word for floor before or after it.

    Also say whether there was such a word.
    """
    text = " ".join(label.translate(_TO_ASCII).lower().split()).strip(" .,:;#()[]-")
    core = _SUFFIX.sub("", _PREFIX.sub("", text, count=1)).strip(" .:#-")
    return core, core != text


def candidates_of(label: str) -> tuple[str | None, str | None, str | None]:
    """Say what one label may mean: alias, code and fallback, each None where that rule says nothing."""
    core, had_floor_word = _core(label)
    if alias := FLOOR_ALIASES.get(core):
        return alias, None, None
    if found := _NUMBER.match(core):
        return None, f"{found[1]}F", None
    if found := _BASEMENT_MEZZANINE.match(core):
        return None, f"BM{found[1] or ''}", f"B{found[1]}" if found[1] else None
    if found := _BASEMENT.match(core):
        return None, f"B{found[1]}" if found[1] else "BF", None
    return None, core.upper() if core and had_floor_word else None, None


def floor_candidates(labels: pl.Series) -> pl.DataFrame:
    """Say what each distinct label may mean.

    Args:
        labels: Parts of labels, as `split_floor_label` gives them.

    Returns:
        CANDIDATES, one row per distinct label that is not null, sorted by label.
    """
    distinct = labels.drop_nulls().unique().sort().to_list()
    rows = [(label, *candidates_of(label)) for label in distinct]
    return pl.DataFrame(rows, schema=CANDIDATES, orient="row")
