"""Promise: output that can't be written changes nothing of a run, and no command shows a traceback for it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pytest

from tests.support.process import Ended, environment_of
from tests.support.sync import Mall, record

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")

FEED = [record(f"T{number}", brandNameTh="ร้าน 😀") for number in range(30)]
FULL = "/dev/full"


@pytest.fixture
def mall(synced: Mall) -> Mall:
    """Give a mall after a sync, of which one record changes."""
    synced.api.records = [*FEED[:-1], record("T29", brandNameEn="Changed → 😀", brandNameTh="ร้าน")]
    return synced


def run(
    mall: Mall,
    *arguments: str,
    stdout: "int | IO[bytes]" = subprocess.PIPE,
    stderr: "int | IO[bytes]" = subprocess.PIPE,
    before: Callable[[], object] | None = None,
    **settings: Any,
) -> Ended:
    """Run `etl` in a process of its own with these streams."""
    done = subprocess.run(
        [sys.executable, "-m", "etl", *arguments],
        env=environment_of(mall, settings),
        cwd=mall.folder.parent,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        preexec_fn=before,
        timeout=120,
        check=False,
    )
    out, err = (b"" if each is None else each for each in (done.stdout, done.stderr))
    return Ended(done.args, done.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))


def statuses(mall: Mall) -> list[str]:
    """Return how the syncs ended."""
    return [
        row["status"] for row in mall.database.query("SELECT status FROM etl.sync_logs ORDER BY started_at")
    ]


@pytest.mark.parametrize("arguments", [("sync",), ("sync", "--json"), ("sync", "--strict")])
def test_a_sync_whose_output_finds_no_space(mall: Mall, arguments: tuple[str, ...]) -> None:
    """It is committed, exits with 0, and says on standard error what could not be written."""
    with Path(FULL).open("wb") as full:
        done = run(mall, *arguments, stdout=full)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "etl: standard output can't be written: No space left on device."
    assert "Traceback" not in done.stderr
    assert statuses(mall) == ["COMPLETED", "COMPLETED"]


@pytest.mark.long
def test_a_sync_that_can_write_nothing_at_all(mall: Mall) -> None:
    """Neither standard output nor standard error: full, or closed before it began."""
    with Path(FULL).open("wb") as full:
        assert run(mall, "sync", stdout=full, stderr=full, log_level="debug").returncode == 0
    assert run(mall, "sync", before=_close_all).returncode == 0
    assert statuses(mall) == ["COMPLETED"] * 3


def _close_all() -> None:
    for number in range(3):
        os.close(number)


def test_a_sync_whose_output_is_closed(mall: Mall) -> None:
    """`etl sync >&-`: nothing is amiss, and no file or socket of the run takes the place of standard output."""
    done = run(mall, "sync", before=lambda: os.close(1))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert statuses(mall) == ["COMPLETED", "COMPLETED"]


@pytest.mark.quick(cases=1)
@pytest.mark.parametrize(
    "arguments", [("sync",), ("runs", "latest"), ("diff", "--limit", "0"), ("explain", "T1")]
)
def test_a_reader_that_goes_away(mall: Mall, arguments: tuple[str, ...]) -> None:
    """`| head`: the command ends as if all had been read, without a word."""
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "wb") as pipe:  # noqa: PTH123 — a descriptor
        done = run(mall, *arguments, stdout=pipe)
    assert (done.returncode, done.stderr.count("etl: ")) == (0, 0), done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        *(("explain", "T1"), ("diff",), ("diff", "--format", "json")),
        *(
            pytest.param(each, marks=pytest.mark.long)
            for each in (("runs",), ("runs", "--json"), ("diff", "--format", "html"), ("rollback", "latest"))
        ),
    ],
)
def test_a_result_that_finds_no_space(mall: Mall, arguments: tuple[str, ...]) -> None:
    """Of a command that only looks the result is all there is: exit 1 with the reason, since half of it is none."""
    with Path(FULL).open("wb") as full:
        done = run(mall, *arguments, stdout=full, log_level="error")
    assert (done.returncode, done.stderr) == (
        1, "etl: The result is not whole: standard output can't be written (No space left on device).\n",
    )  # fmt: skip


def test_a_rollback_whose_output_finds_no_space(mall: Mall) -> None:
    """What it wrote is written: exit 0."""
    with Path(FULL).open("wb") as full:
        assert run(mall, "rollback", "latest", "--yes", stdout=full).returncode == 0
    assert mall.database.query("SELECT count(*) AS n FROM shops")[0]["n"] == 0


@pytest.mark.long
def test_a_file_that_finds_no_space(mall: Mall) -> None:
    """A diff into a file: one message that names it."""
    for output_format in ("text", "json", "html"):
        done = run(mall, "diff", "--format", output_format, "-o", FULL, log_level="error")
        assert (done.returncode, done.stderr) == (
            2, "etl: The diff can't be written to /dev/full: No space left on device.\n",
        )  # fmt: skip


@pytest.mark.parametrize("encoding", ["cp874", pytest.param("ascii", marks=pytest.mark.long)])
def test_an_encoding_without_these_letters(mall: Mall, encoding: str) -> None:
    """Text has escapes for them, JSON has its own and means the same, a page of HTML is UTF-8 as it says."""
    with_encoding = {"pythonioencoding": encoding, "log_level": "error"}
    shown = raw(mall, "diff", **with_encoding).decode(encoding)
    assert "Changed \\u2192 \\U0001f600" in shown
    for arguments in (("diff", "--format", "json"), ("explain", "T29", "--json")):
        read = json.loads(raw(mall, *arguments, **with_encoding).decode(encoding))
        assert "ร้าน 😀" in json.dumps(read, ensure_ascii=False)
    assert "→ 😀" in raw(mall, "diff", "--format", "html", **with_encoding).decode("utf-8")
    assert raw(mall, "explain", "T29", **with_encoding)
    assert raw(mall, "runs", "latest", **with_encoding)
    assert "sync_done" in raw(mall, "sync", pythonioencoding=encoding).decode(encoding)


def raw(mall: Mall, *arguments: str, **settings: Any) -> bytes:
    """Return what a command writes to a file, byte by byte; it succeeds, and standard error stays empty."""
    place = mall.folder.parent / "output"
    with place.open("wb") as file:
        done = run(mall, *arguments, stdout=file, **settings)
    assert (done.returncode, done.stderr) == (0, "")
    return place.read_bytes()
