"""One run of pytest in a process that is forked, so that the libraries are imported once for all mutants."""

import os
import resource
import sys
from multiprocessing import get_context

LIBRARIES = (
    "pytest", "polars", "duckdb", "pyarrow", "adbc_driver_postgresql.dbapi", "psycopg", "requests",
    "pydantic_settings", "structlog", "typer", "rich", "msgspec", "yaml",
)  # fmt: skip
"""What every test needs; nothing of the product or of its tests, which come from the copy with the mutant."""

CPU_SECONDS = 300
"""A run of pytest that needs more is taken for a loop."""

FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(list(LIBRARIES))


def run_pytest(tree: str, arguments: list[str], output: str) -> None:
    """Run pytest in a copy of the tree, and end this process with its exit code.

    Args:
        tree: The copy.
        arguments: Those of pytest.
        output: A file for what it prints; the last line is the CPU seconds of the run.
    """
    os.setsid()  # the processes that tests start can be ended with it
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 10))
    _write_to(output)
    for name in [name for name in sys.modules if name.partition(".")[0] in {"tests", "etl"}]:
        del sys.modules[name]
    os.chdir(tree)
    sys.path.insert(0, tree)
    os.environ["PYTHONPATH"] = tree
    import pytest  # noqa: PLC0415 — imported by the process that this one was forked from

    code = pytest.main(arguments)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(f"\n{sum(one.ru_utime + one.ru_stime for one in used):.2f}", flush=True)
    raise SystemExit(int(code))


def _write_to(output: str) -> None:
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(file, stream)
