"""Proves, by reading the source, that no value gets into the text of a statement.

A statement's text is a file of sql/, whose placeholders get *parts*, or what `execute` and the like are given. Each
must be fixed: written out in the source, or built from nothing but what is. What can't be proved is found, and is
either mended or listed by hand with the reason.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]

NAMED = frozenset({"run", "run_script", "read", "reader", "value", "load"})
"""What takes the name of a file in sql/ (which can't lead elsewhere) and parts by keyword."""

TEXTS = frozenset(
    {
        "execute", "_execute", "executemany", "executescript", "adbc_prepare", "set_sql_query", "from_query", "query",
        "sql", "sql_expr", "SQLContext", "read_database", "read_database_uri", "write_database",
        "savepoint", "ingest", "adbc_ingest", "read_sql",
    }
)  # fmt: skip
"""What takes the text of a statement, or an identifier that gets into one, first."""

_FIXED_TYPES = frozenset({"Kind", "int", "float", "bool"})
"""Annotations that mypy --strict holds callers to: a choice of literals, or a number."""
_NUMBERS = frozenset({"round", "int", "len"})
_BUILDERS = ("etl.load.columns",)
"""Modules that build column lists from the contract alone; each of their functions takes fixed arguments only."""


@dataclass(frozen=True)
class Unproved:
    """A text that was not proved fixed: its file, function and expression."""

    file: str
    function: str
    expression: str


@dataclass(frozen=True)
class _Source:
    """A parsed module: its constants and the names that it imports."""

    file: str
    tree: ast.Module

    @property
    def constants(self) -> dict[str, ast.expr]:
        found: dict[str, ast.expr] = {}
        for line in self.tree.body:
            if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
                found[line.targets[0].id] = line.value
            elif isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and line.value:
                found[line.target.id] = line.value
        return found

    def defines(self, name: str) -> bool:
        """Tell whether the module gives a name a meaning of its own, anywhere in it."""
        return bool(self.imported(name)) or any(
            getattr(node, "name", getattr(node, "arg", None)) == name
            or (isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load))
            for node in ast.walk(self.tree)
        )

    def imported(self, name: str) -> tuple[str, str] | None:
        """Return the module that a name is imported from, and its name there."""
        for line in ast.walk(self.tree):
            if isinstance(line, ast.ImportFrom) and line.module:
                for each in line.names:
                    if (each.asname or each.name) == name:
                        return line.module, each.name
        return None


def package() -> list[Path]:
    """Return every file of the package."""
    return sorted((ROOT / "etl").rglob("*.py"))


def unproved(path: Path) -> Iterator[Unproved]:
    """Yield each text in a file that goes to a database and was not proved fixed."""
    yield from unproved_in(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix())


def unproved_in(text: str, file: str = "snippet.py") -> Iterator[Unproved]:
    """Yield each text in a source that goes to a database and was not proved fixed."""
    source = _Source(file, ast.parse(text))
    for function in _functions(source.tree):
        proof = _Proof(source, function)
        for call in _calls(function):
            for text_of in _texts(call, source):
                if not proof.is_fixed(text_of):
                    yield Unproved(file, getattr(function, "name", ""), ast.unparse(text_of))


def _functions(tree: ast.Module) -> Iterator[ast.AST]:
    yield tree
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _calls(function: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls of a function itself, lambdas included, those of functions inside it apart."""
    for child in ast.iter_child_nodes(function):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            # decorators and defaults run outside
            for part in (*child.decorator_list, child.args):
                yield from _calls(part)
            continue
        if isinstance(child, ast.Call):
            yield child
        yield from _calls(child)


def _texts(call: ast.Call, source: _Source) -> Iterator[ast.expr]:
    """Yield the expressions of a call that become text of a statement."""
    called = call.func
    name = (
        called.attr
        if isinstance(called, ast.Attribute)
        else called.id
        if isinstance(called, ast.Name)
        else ""
    )
    if name in TEXTS or (name, isinstance(called, ast.Attribute)) == ("_create", True):
        yield from call.args[:1]
        yield from (each.value for each in call.keywords if each.arg in {"sql", "query", "text", None})
    elif name in NAMED and _may_be_query(call, source):
        yield from (each.value for each in call.keywords if each.arg != "doing")


def _may_be_query(call: ast.Call, source: _Source) -> bool:
    """Tell whether a call with a name like `run` may name a file in sql/."""
    match call.func:
        case ast.Name(id=name):
            return (source.imported(name) or ("",))[0] == "etl.runtime.queries"
        case ast.Attribute(value=ast.Name(id="subprocess")):
            return False
    return bool(call.args)


class _Proof:
    """Whether an expression in a function is fixed."""

    def __init__(self, source: _Source, function: ast.AST) -> None:
        self._source = source
        self._function = function
        self._asked: set[str] = set()

    def is_fixed(self, value: ast.expr) -> bool:  # noqa: PLR0911 — a return a shape
        """Tell whether an expression is made of nothing but what is written out in the source."""
        match value:
            case ast.Constant():
                return True
            case (
                ast.JoinedStr(values=parts)
                | ast.Tuple(elts=parts)
                | ast.List(elts=parts)
                | ast.Set(elts=parts)
            ):
                return all(map(self.is_fixed, parts))
            case ast.FormattedValue(value=inner) | ast.Starred(value=inner) | ast.NamedExpr(value=inner):
                return self.is_fixed(inner)
            case ast.Dict(keys=keys, values=values):
                return all(map(self.is_fixed, (*filter(None, keys), *values)))
            case ast.IfExp(body=body, orelse=other):
                return self.is_fixed(body) and self.is_fixed(other)
            case ast.BinOp(left=left, op=ast.Add() | ast.BitOr(), right=right):
                return self.is_fixed(left) and self.is_fixed(right)
            case ast.Subscript(value=inner):
                return self.is_fixed(inner)  # whatever is picked of what is fixed
            case ast.Name(id=name):
                return self._is_fixed_name(name)
            case ast.Call():
                return self._is_fixed_call(value)
        return False

    def _is_fixed_call(self, call: ast.Call) -> bool:  # noqa: PLR0911 — a return a shape
        arguments = (*call.args, *(each.value for each in call.keywords))
        match call.func:
            case ast.Name(id=name) if name in _NUMBERS:
                return len(arguments) == 1 and not self._source.defines(name)
            case ast.Name(id="reversed" | "sorted" | "enumerate" | "zip"):
                return all(map(self.is_fixed, arguments))
            case ast.Name(id=name):
                where = self._source.imported(name)
                # `load` and `part` give a file of sql/ with its parts filled in: the parts are what counts
                is_file = (
                    where is not None and where[0] == "etl.runtime.queries" and where[1] in {"load", "part"}
                )
                return is_file and all(each.arg for each in call.keywords) and all(
                    map(self.is_fixed, (*call.args[1:], *(each.value for each in call.keywords)))
                )  # fmt: skip
            case ast.Attribute(value=ast.Name(id=module), attr=name):
                where = self._source.imported(module)
                if where is not None and f"{where[0]}.{where[1]}" in _BUILDERS:
                    return all(map(self.is_fixed, arguments))
                if where == ("etl.runtime", "queries") and name in {"load", "part", "text"}:
                    return all(map(self.is_fixed, (*call.args[1:], *(each.value for each in call.keywords))))
                return name in {"items", "keys", "values"} and self._is_fixed_name(module)
        return False

    def _is_fixed_name(self, name: str) -> bool:
        """Tell whether every binding of a name in the function, or else in the module, is fixed."""
        if name in self._asked:
            return True  # on the way round: the other bindings decide
        self._asked.add(name)
        try:
            local = (
                list(_bindings(self._function, name)) if not isinstance(self._function, ast.Module) else []
            )
            if local:
                return all(bound is not None and self.is_fixed(bound) for bound in local)
            return _is_fixed_constant(self._source, name)
        finally:
            self._asked.discard(name)


def _bindings(function: ast.AST, name: str) -> Iterator[ast.expr | None]:
    """Yield what a name is bound to in a function; None for what can't be told. Nothing where it is not bound there."""
    for argument in _arguments(function, name):
        is_typed = isinstance(argument.annotation, ast.Name) and argument.annotation.id in _FIXED_TYPES
        yield ast.Constant(0) if is_typed else None
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=targets, value=value) if any(_binds(each, name) for each in targets):
                yield value
            case ast.AnnAssign(target=target, value=value) | ast.NamedExpr(target=target, value=value):
                if _binds(target, name):
                    yield value
            case ast.AugAssign(target=target, value=value) if _binds(target, name):
                yield value
            case ast.For(target=target, iter=each) | ast.comprehension(target=target, iter=each):
                if _binds(target, name):
                    yield each
            case ast.withitem(optional_vars=ast.expr() as target) if _binds(target, name):
                yield None
            case ast.ExceptHandler(name=caught) if caught == name:
                yield None


def _arguments(function: ast.AST, name: str) -> Iterator[ast.arg]:
    arguments = getattr(function, "args", None)
    if isinstance(arguments, ast.arguments):
        every = (
            *arguments.posonlyargs,
            *arguments.args,
            *arguments.kwonlyargs,
            arguments.vararg,
            arguments.kwarg,
        )
        yield from (each for each in every if each is not None and each.arg == name)


def _binds(target: ast.expr, name: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(target))


def _is_fixed_constant(source: _Source, name: str) -> bool:
    """Tell whether a name of a module is written out there, or where it is imported from."""
    if name in source.constants:
        return _Proof(source, source.tree).is_fixed(source.constants[name])
    where = source.imported(name)
    if where is None or not where[0].startswith("etl."):
        return False
    other = _module(where[0])
    return other is not None and where[1] in other.constants and _is_fixed_constant(other, where[1])


@cache
def _module(name: str) -> _Source | None:
    path = ROOT.joinpath(*name.split(".")).with_suffix(".py")
    path = path if path.exists() else path.with_suffix("") / "__init__.py"
    return _Source(name, ast.parse(path.read_text(encoding="utf-8"))) if path.exists() else None
