"""Mutants of Python, made on the syntax tree: only the replaced text changes, and every line keeps its number."""

import ast
import re
from collections.abc import Iterator

from tests.mutants.model import Change

_COMPARISONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="), ast.NotEq: ("!=", "=="), ast.Is: ("is", "is not"), ast.IsNot: (r"is\s+not", "is"),
    ast.In: ("in", "not in"), ast.NotIn: (r"not\s+in", "in"),
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: (r"\+", "-"), ast.Sub: ("-", "+"), ast.Mult: (r"\*", "/"), ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "/"), ast.Mod: ("%", "*"), ast.BitAnd: ("&", "|"), ast.BitOr: (r"\|", "&"),
}  # fmt: skip
_NAMES = {
    "min": "max", "max": "min", "any": "all", "all": "any", "is_null": "is_not_null", "is_not_null": "is_null",
    "startswith": "endswith", "endswith": "startswith", "starts_with": "ends_with", "ends_with": "starts_with",
    "lstrip": "rstrip", "rstrip": "lstrip", "first": "last", "last": "first",
}  # fmt: skip
_WORD = re.compile(r"[\w/.-]+")


def changes(text: str) -> Iterator[Change]:
    """Yield every change of a module."""
    yield from _Finder(text).found()


class _Finder:
    """Finds the changes of one module; annotations, decorators, imports, messages of errors and docstrings stay."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0]
        for line in text.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._lines = text.split("\n")

    def found(self) -> Iterator[Change]:
        yield from self._within(ast.parse(self._text))

    def _within(self, node: ast.AST) -> Iterator[Change]:
        for child in _children(node):
            yield from self._of(child)
            yield from self._within(child)

    def _of(self, node: ast.AST) -> Iterator[Change]:
        match node:
            case ast.Compare():
                yield from self._comparison(node)
            case ast.BoolOp():
                yield from self._boolean(node)
            case ast.BinOp():
                yield from self._arithmetic(node)
            case ast.UnaryOp(op=ast.Not()):
                start = self._span(node)[0]
                yield Change("not", start, start + len("not "), "")
            case ast.Constant():
                yield from self._constant(node)
            case ast.Call():
                yield from self._called(node)
            case ast.Slice():
                yield from self._slice(node)
            case ast.Return(value=ast.expr() as value) if not _is_none(value):
                yield self._change("return", node, "return None")
            case ast.If() | ast.IfExp() | ast.While():
                yield from self._condition(node.test)
            case ast.comprehension(ifs=[*conditions]):
                for condition in conditions:
                    yield self._change("condition", condition, "True")
        if isinstance(node, ast.stmt) and _can_go(node):
            yield self._change("removed", node, "pass")

    def _comparison(self, node: ast.Compare) -> Iterator[Change]:
        for left, op, right in zip([node.left, *node.comparators], node.ops, node.comparators, strict=False):
            yield from self._operator("comparison", left, right, *_COMPARISONS[type(op)])
            if (
                isinstance(right, ast.Constant)
                and isinstance(right.value, str)
                and _WORD.fullmatch(right.value)
            ):
                yield self._change("constant", right, repr(right.value + "_"))

    def _boolean(self, node: ast.BoolOp) -> Iterator[Change]:
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            yield from self._operator("boolean", left, right, old, new)

    def _arithmetic(self, node: ast.BinOp) -> Iterator[Change]:
        if type(node.op) in _ARITHMETIC and not (_is_text(node.left) or _is_text(node.right)):
            yield from self._operator("arithmetic", node.left, node.right, *_ARITHMETIC[type(node.op)])

    def _operator(self, kind: str, left: ast.expr, right: ast.expr, old: str, new: str) -> Iterator[Change]:
        start, end = self._span(left)[1], self._span(right)[0]
        found = re.search(rf"(?<![\w]){old}(?![\w])" if old[0].isalpha() else old, self._text[start:end])
        if found:
            yield Change(kind, start + found.start(), start + found.end(), new)

    def _constant(self, node: ast.Constant) -> Iterator[Change]:
        if isinstance(node.value, bool):
            yield self._change("constant", node, str(not node.value))
        elif isinstance(node.value, int | float):
            yield self._change("constant", node, repr(node.value + 1))

    def _called(self, node: ast.Call) -> Iterator[Change]:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in _NAMES:
            end = self._span(node.func)[1]
            yield Change("name", end - len(name), end, _NAMES[name])

    def _slice(self, node: ast.Slice) -> Iterator[Change]:
        for bound in (node.lower, node.upper):
            if bound is not None:
                yield self._change("slice", bound, "")

    def _condition(self, test: ast.expr) -> Iterator[Change]:
        if not isinstance(test, ast.Compare | ast.BoolOp | ast.UnaryOp | ast.Constant):
            yield self._change("condition", test, f"not ({self._source(test)})")

    def _change(self, kind: str, node: ast.AST, new: str) -> Change:
        missing = self._source(node).count("\n") - new.count("\n")
        return Change(kind, *self._span(node), new + "\n" * missing)

    def _source(self, node: ast.AST) -> str:
        start, end = self._span(node)
        return self._text[start:end]

    def _span(self, node: ast.AST) -> tuple[int, int]:
        return self._at(node.lineno, node.col_offset), self._at(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def _at(self, line: int, column: int) -> int:
        # the tree counts bytes of UTF-8
        before = self._lines[line - 1].encode()[:column].decode()
        return self._starts[line - 1] + len(before)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a node that may change."""
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "type_params"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _stays(child):
                yield child


def _stays(node: ast.AST) -> bool:
    if isinstance(node, ast.Assign):  # a type by another name
        return any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets)
    return isinstance(node, ast.Import | ast.ImportFrom | ast.JoinedStr) or _is_type_checking(node)


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"


def _can_go(node: ast.stmt) -> bool:
    """Return whether a statement can be left out without a name going missing."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call | ast.Await | ast.Yield)
    if isinstance(node, ast.Assign):
        return all(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets)
    return isinstance(node, ast.AugAssign | ast.Raise | ast.Delete | ast.Continue | ast.Break)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
