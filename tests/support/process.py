"""`etl` in a process of its own, as the schedule starts it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.support.sync import Mall

ROOT = Path(__file__).parents[2]
_KEPT = ("PATH", "HOME", "LANG", "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG", "PYTHONPATH")


def kept_environment() -> dict[str, str]:
    """Return what a process needs of the caller's environment; none of its settings is left."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ}


def start(
    mall: Mall,
    *arguments: str,
    module: str = "etl",
    before: Callable[[], object] | None = None,
    **settings: Any,
) -> "subprocess.Popen[str]":
    """Start `etl` on a mall; keyword arguments are settings by their lower-case names; `before` runs in the process."""
    names = {
        "database_url": mall.dsn,
        "external_api_url": mall.api.url,
        "snapshot_dir": mall.folder,
        "api_requests_per_second": 1000,
        "log_format": "json",
        **settings,
    }
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**kept_environment(), **{name.upper(): str(value) for name, value in names.items()}},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=before,  # noqa: PLW1509 — it makes one call of the system
    )


def run(
    mall: Mall,
    *arguments: str,
    module: str = "etl",
    before: Callable[[], object] | None = None,
    **settings: Any,
) -> "subprocess.CompletedProcess[str]":
    """Run `etl` on a mall to its end, two minutes at most."""
    process = start(mall, *arguments, module=module, before=before, **settings)
    try:
        stdout, stderr = process.communicate(timeout=120)
    finally:
        process.kill()
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def run_refused(mall: Mall, code: int, *words: str, **settings: Any) -> str:
    """Run a sync that must be refused with this exit code, and return its standard output.

    Standard error is one message, which has these words; there is no traceback, no password of the database, and
    nothing was written.
    """
    before = mall.fingerprint()
    result = run(mall, "sync", **settings)
    assert result.returncode == code, result.stdout + result.stderr
    assert "Traceback" not in result.stdout + result.stderr
    if password := urlsplit(mall.dsn).password:
        assert password not in result.stdout + result.stderr
        assert unquote(password) not in result.stdout + result.stderr
    assert [line.startswith("etl: ") for line in result.stderr.splitlines()].count(True) == 1
    assert result.stderr.startswith("etl: ")
    told = " ".join(result.stderr.split())
    for word in words:
        assert word in told
    assert mall.fingerprint() == before
    return result.stdout
