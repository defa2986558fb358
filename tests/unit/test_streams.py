"""Streams that can't fail a run: what is written, what is lost, and what is said of it."""

import io
import os
import sys
from pathlib import Path
from typing import TextIO, cast

import pytest

from etl.errors import EtlError
from etl.runtime.streams import Guarded, guarded, require_written, switch_to_utf8

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="/dev/full is Linux's")


def test_an_encoding_without_a_letter() -> None:
    """What can be written is; the rest, half a character too, is an escape."""
    page = io.TextIOWrapper(io.BytesIO(), encoding="cp874")
    stream = Guarded(page)
    assert stream.write("ร้าน → 😀 \udcff") == 10
    stream.flush()
    assert page.buffer.getvalue() == "ร้าน \\u2192 \\U0001f600 \\udcff".encode("cp874")
    assert (stream.encoding, stream.failure) == ("cp874", None)


@needs_full
def test_a_full_disk() -> None:
    """It is remembered, further writes go nowhere, and the stream can be closed without an error."""
    with FULL.open("w") as page:
        stream = Guarded(page)
        stream.write("a\n")
        stream.flush()
        assert stream.lost == "No space left on device"
        assert stream.write("more") == 4
        page.write("what is in the buffer goes nowhere")


def test_a_pipe_that_nobody_reads() -> None:
    """Nothing is lost that anybody waits for."""
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w") as page:  # noqa: PTH123 — a descriptor
        stream = Guarded(page)
        stream.write("a")
        stream.flush()
        assert stream.failure is not None
        assert stream.lost is None


@pytest.mark.parametrize("page", [None, "closed"])
def test_no_stream(page: str | None) -> None:
    """A process that was started without it, or a stream that somebody closed."""
    closed = io.StringIO()
    closed.close()
    stream = Guarded(None if page is None else closed)
    assert stream.write("a") == 1
    stream.flush()
    assert stream.lost is None
    if page is None:
        assert (stream.isatty(), stream.encoding, stream.writable()) == (False, "utf-8", True)
        with pytest.raises(io.UnsupportedOperation):
            stream.fileno()


@needs_full
def test_what_was_lost_is_said_on_standard_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once, at the end; by the command itself where its result is all that it is for."""
    heard = io.StringIO()
    with FULL.open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        monkeypatch.setattr(sys, "stderr", heard)
        with guarded():
            print("a")
        assert heard.getvalue() == "etl: standard output can't be written: No space left on device.\n"
        assert sys.stdout is full
    with FULL.open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with guarded():
            print("a")
            with pytest.raises(
                EtlError, match=r"not whole: standard output can't be written \(No space left"
            ):
                require_written()
    assert len(heard.getvalue().splitlines()) == 1


def test_a_stream_that_is_not_guarded_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """In a notebook or a test nothing is required of it."""
    print("a")
    require_written()
    switch_to_utf8()
    assert capsys.readouterr().out == "a\n"


def test_a_page_is_utf8_whatever_the_terminal_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the switch on."""
    page = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", cast("TextIO", Guarded(page)))
    print("ร")
    switch_to_utf8()
    print("ร", flush=True)
    assert page.buffer.getvalue() == b"\\u0e23\n" + "ร\n".encode()
