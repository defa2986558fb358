"""Mutants of statements, made on sqlglot's tokens: only the replaced text changes, and `{{ words }}` and `$1` stay."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import sqlglot

from tests.mutants.model import Change

_OPEN, _CLOSE = {"(", "[", "{", "CASE"}, {")", "]", "}", "END"}
_SWAPS = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "<>": "=", "!=": "=", "+": "-", "-": "+",
    "AND": "OR", "OR": "AND", "ASC": "DESC", "DESC": "ASC", "TRUE": "false", "FALSE": "true",
    "MIN": "max", "MAX": "min", "LEAST": "greatest", "GREATEST": "least", "BOOL_OR": "bool_and",
    "BOOL_AND": "bool_or", "FIRST": "LAST", "LAST": "FIRST",
}  # fmt: skip
_NAMES = {"'shops'": "'dinings'", "'dinings'": "'shops'"}
_CLAUSES = {
    "WHERE", "GROUP BY", "ORDER BY", "HAVING", "UNION", "RETURNING", "LIMIT", "OFFSET", "WINDOW", "QUALIFY", "FOR",
    "FROM", "SELECT", "ON", "INNER", "LEFT", "CROSS", "JOIN", "WHEN", "THEN", "ELSE", "DO", "AS", "USING", ";",
    "PARTITION BY", "NULLS", "ROWS", "SET",
}  # fmt: skip
_BEFORE_A_CONDITION = {"WHERE", "ON", "WHEN", "HAVING", "("}
_WORD = re.compile(r"'[\w/.-]+'")


@dataclass(frozen=True)
class _Token:
    """A token: its text in capitals, where it stands, and how deep in brackets and CASEs."""

    word: str
    start: int
    end: int
    depth: int
    type: str


def changes(text: str, dialect: str) -> Iterator[Change]:
    """Yield every change of a statement."""
    tokens = _tokens(text, dialect)
    condition_ends = _in_between(tokens)
    for place in range(len(tokens)):
        yield from _swapped(tokens, place, condition_ends)
        yield from _equal(tokens, place)
        yield from _null_tests(tokens, place)
        yield from _negations(tokens, place)
        yield from _joins(tokens, place)
        yield from _constants(tokens, place)
        yield from _less_distinct(tokens, place)
        yield from _removed_terms(text, tokens, place, condition_ends)
        yield from _removed_keys(tokens, place)
        yield from _removed_fallbacks(tokens, place)


def _tokens(text: str, dialect: str) -> list[_Token]:
    depth, found = 0, []
    for token in sqlglot.tokenize(text, dialect=dialect):
        raw = text[token.start : token.end + 1]
        word = " ".join(raw.upper().split()) if token.token_type.name != "STRING" else raw
        depth -= word in _CLOSE
        found.append(_Token(word, token.start, token.end + 1, depth, token.token_type.name))
        depth += word in _OPEN
    return found


def _in_between(tokens: list[_Token]) -> set[int]:
    """Return the places of those ANDs that belong to a BETWEEN."""
    found = set()
    for place, token in enumerate(tokens):
        if token.word == "BETWEEN":
            found.add(_next(tokens, place, token.depth, {"AND"}))
    return found


def _next(tokens: list[_Token], place: int, depth: int, words: set[str]) -> int:
    """Return the first place after this one with one of the words at a depth, or where that depth ends."""
    for later in range(place + 1, len(tokens)):
        token = tokens[later]
        if token.depth < depth or (token.depth == depth and token.word in words):
            return later
    return len(tokens)


def _words(tokens: list[_Token], place: int, count: int) -> list[str]:
    return [token.word for token in tokens[place : place + count]]


def _swapped(tokens: list[_Token], place: int, between: set[int]) -> Iterator[Change]:
    token = tokens[place]
    new = _SWAPS.get(token.word)
    if new is None or place in between or token.type == "STRING":
        return
    if token.word in {"FIRST", "LAST"} and tokens[place - 1].word != "NULLS":
        return
    if token.word == "-" and tokens[place - 1].word in {"(", ",", "THEN", "ELSE", "="}:
        return  # the sign of a number
    if (
        token.word.isalpha()
        and token.word in {"MIN", "MAX", "LEAST", "GREATEST"}
        and _words(tokens, place + 1, 1) != ["("]
    ):
        return
    kind = (
        "order"
        if new in {"ASC", "DESC", "FIRST", "LAST"}
        else "operator"
        if not token.word.isalpha()
        else "word"
    )
    yield Change(kind, token.start, token.end, new)


def _equal(tokens: list[_Token], place: int) -> Iterator[Change]:
    token = tokens[place]
    if token.word == "=" and not _is_assignment(tokens, place):
        yield Change("operator", token.start, token.end, "<>")


def _is_assignment(tokens: list[_Token], place: int) -> bool:
    depth = tokens[place].depth
    for earlier in range(place - 1, -1, -1):
        token = tokens[earlier]
        if token.depth < depth:
            return False
        if token.depth == depth and token.word in _CLAUSES:
            return token.word == "SET"
    return False


def _null_tests(tokens: list[_Token], place: int) -> Iterator[Change]:
    start = tokens[place].start
    for old, news in (
        (["IS", "NULL"], ["IS NOT NULL"]),
        (["IS", "NOT", "NULL"], ["IS NULL"]),
        (["IS", "DISTINCT", "FROM"], ["IS NOT DISTINCT FROM", "<>"]),
        (["IS", "NOT", "DISTINCT", "FROM"], ["IS DISTINCT FROM", "="]),
    ):
        if _words(tokens, place, len(old)) == old:
            for new in news:
                yield Change("null", start, tokens[place + len(old) - 1].end, new)


def _negations(tokens: list[_Token], place: int) -> Iterator[Change]:
    token = tokens[place]
    if (
        token.word == "NOT"
        and tokens[place - 1].word not in {"IS", "IF"}
        and _words(tokens, place, 2) != ["NOT", "NULL"]
    ):
        yield Change("not", token.start, tokens[place + 1].start, "")
    if token.word == "EXISTS" and tokens[place - 1].word not in {"NOT", "IF"}:
        yield Change("not", token.start, token.end, "NOT EXISTS")
    if token.word == "IN" and tokens[place - 1].word != "NOT" and _words(tokens, place + 1, 1) == ["("]:
        yield Change("not", token.start, token.end, "NOT IN")


def _joins(tokens: list[_Token], place: int) -> Iterator[Change]:
    words = _words(tokens, place, 2)
    if words == ["INNER", "JOIN"]:
        yield Change("join", tokens[place].start, tokens[place].end, "LEFT")
    if words == ["LEFT", "JOIN"]:
        yield Change("join", tokens[place].start, tokens[place].end, "INNER")


def _constants(tokens: list[_Token], place: int) -> Iterator[Change]:
    token = tokens[place]
    if token.type == "NUMBER" and token.word.isdigit() and not _is_no_value(tokens, place):
        yield Change("constant", token.start, token.end, str(int(token.word) + 1))
    if token.type == "STRING":
        if token.word in _NAMES:
            yield Change("constant", token.start, token.end, _NAMES[token.word])
        elif _WORD.fullmatch(token.word):
            yield Change("constant", token.start, token.end, f"{token.word[:-1]}_'")


def _is_no_value(tokens: list[_Token], place: int) -> bool:
    """Return whether a number is that of a parameter, or stands in `SELECT 1` of an EXISTS."""
    return tokens[place - 1].word == "$" or (
        tokens[place - 1].word == "SELECT" and _words(tokens, place + 1, 1) == ["FROM"]
    )


def _less_distinct(tokens: list[_Token], place: int) -> Iterator[Change]:
    before, after = tokens[place - 1].word, _words(tokens, place + 1, 1)
    if tokens[place].word == "DISTINCT" and before in {"SELECT", "("} and after != ["ON"]:
        yield Change("removed", tokens[place].start, tokens[place + 1].start, "")


def _removed_terms(text: str, tokens: list[_Token], place: int, between: set[int]) -> Iterator[Change]:
    """Yield conditions without one of their terms, and statements without a condition of one term."""
    token = tokens[place]
    stops = _CLAUSES | {"AND", "OR", ","}
    if token.word == "AND" and place not in between:
        yield Change("removed", token.start, _end_of_term(tokens, place, stops, between), "")
    if token.word not in _BEFORE_A_CONDITION or place + 1 == len(tokens):
        return
    depth = tokens[place + 1].depth if token.word == "(" else token.depth
    if tokens[place + 1].depth < depth:
        return
    end = _end_place(tokens, place, depth, stops, between)
    if end < len(tokens) and tokens[end].word == "AND" and tokens[end].depth == depth:
        yield Change("removed", tokens[place + 1].start, tokens[end + 1].start, "")
    elif token.word == "WHERE" and (end == len(tokens) or tokens[end].word != "OR"):
        yield Change("removed", tokens[place + 1].start, tokens[end - 1].end, "true")


def _end_place(tokens: list[_Token], place: int, depth: int, stops: set[str], between: set[int]) -> int:
    end = _next(tokens, place, depth, stops)
    while end in between or _is_inside(tokens, end):
        end = _next(tokens, end, depth, stops)
    return end


def _is_inside(tokens: list[_Token], place: int) -> bool:
    """Return whether a word that begins a clause elsewhere stands inside a term here: IS DISTINCT FROM."""
    return 0 < place < len(tokens) and tokens[place].word == "FROM" and tokens[place - 1].word == "DISTINCT"


def _end_of_term(tokens: list[_Token], place: int, stops: set[str], between: set[int]) -> int:
    return tokens[_end_place(tokens, place, tokens[place].depth, stops, between) - 1].end


def _removed_keys(tokens: list[_Token], place: int) -> Iterator[Change]:
    """Yield ORDER BYs without one of their keys, and a single key the other way round."""
    if tokens[place].word not in {"ORDER BY", "PARTITION BY"}:
        return
    depth = tokens[place].depth
    stops = (_CLAUSES - {"AS", "NULLS"}) | {","}
    commas, end = [place], _next(tokens, place, depth, stops)
    while end < len(tokens) and tokens[end].word == "," and tokens[end].depth == depth:
        commas.append(end)
        end = _next(tokens, end, depth, stops)
    if len(commas) == 1:
        if tokens[place].word == "ORDER BY" and tokens[end - 1].word not in {"ASC", "DESC", "FIRST", "LAST"}:
            yield Change("order", tokens[end - 1].end, tokens[end - 1].end, " DESC")
        return
    yield Change("removed", tokens[place + 1].start, tokens[commas[1] + 1].start, "")
    for comma, after in zip(commas[1:], [*commas[2:], end], strict=True):
        yield Change("removed", tokens[comma].start, tokens[after - 1].end, "")


def _removed_fallbacks(tokens: list[_Token], place: int) -> Iterator[Change]:
    """Yield coalesce(a, b) as a."""
    if _words(tokens, place, 2) != ["COALESCE", "("]:
        return
    depth = tokens[place].depth + 1
    comma = _next(tokens, place + 1, depth, {","})
    close = _next(tokens, place + 1, depth, set())
    yield Change("removed", tokens[comma].start, tokens[close].start, "")
