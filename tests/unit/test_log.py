"""Log lines: what they look like, and that they hold no secret."""

import contextvars
import io
import json
import logging
import subprocess
import sys
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pydantic import SecretStr

from etl.errors import SourceError
from etl.runtime import log
from etl.runtime.redact import (
    is_secret_name,
    looks_like_key,
    public_place,
    public_url,
    redact,
    scrubber,
    secrets_of_cookies,
    secrets_of_url,
)
from tests.support.log import read_log


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.fixture(autouse=True)
def _coloured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing of the caller's environment take the colours away."""
    monkeypatch.delenv("NO_COLOR", raising=False)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """The JSON lines of a stream."""
    return read_log(stream.getvalue())


def _fail(error: Exception) -> None:
    raise error


def test_json_line() -> None:
    """Off a terminal a line is JSON: time (UTC), level, event, sync_id, then the keys; Thai readable."""
    stream = io.StringIO()
    log.configure(stream=stream)
    log.bind_run("run-1")
    log.get_logger().info(
        "stage_done", stage="match", rows_out=3, seconds=0.5, ok=True, floor="ชั้น", error=None
    )
    (line,) = lines(stream)
    assert list(line)[:4] == ["timestamp", "level", "event", "sync_id"]
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "level": "info",
        "event": "stage_done",
        "sync_id": "run-1",
        "stage": "match",
        "rows_out": 3,
        "seconds": 0.5,
        "ok": True,
        "floor": "ชั้น",
        "error": None,
    }
    assert "ชั้น" in stream.getvalue()


def test_console_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal a line is coloured text; NO_COLOR takes the colours away."""
    stream = Terminal()
    log.configure(stream=stream)
    log.get_logger().info("sync_done", created=2)
    assert "\x1b[" in stream.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    plain = Terminal()
    log.configure(stream=plain)
    log.get_logger().info("sync_done", created=2)
    assert "sync_done" in plain.getvalue()
    assert "created=2" in plain.getvalue()
    assert "\x1b[" not in plain.getvalue()


def test_format_can_be_forced() -> None:
    """'json' holds on a terminal, 'console' off one."""
    terminal, pipe = Terminal(), io.StringIO()
    log.configure("json", stream=terminal)
    log.get_logger().info("one")
    log.configure("console", stream=pipe)
    log.get_logger().info("two")
    assert lines(terminal)[0]["event"] == "one"
    assert pipe.getvalue().rstrip().endswith("two")
    assert "\x1b[" not in pipe.getvalue()


def test_level() -> None:
    """Lines below the level are not written."""
    stream = io.StringIO()
    log.configure(level="warning", stream=stream)
    log.get_logger().info("quiet")
    log.get_logger().warning("loud")
    assert [line["event"] for line in lines(stream)] == ["loud"]


def test_standard_output_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    """Without `configure` the first logger sets up JSON (off a terminal) on standard output."""
    log.get_logger().info("hello")
    captured = capsys.readouterr()
    assert json.loads(captured.out)["event"] == "hello"
    assert captured.err == ""


def test_run_is_bound_once_and_for_its_context() -> None:
    """A second run takes the place of the first; a thread has it when it runs in a copied context."""
    stream = io.StringIO()
    log.configure(stream=stream)
    log.bind_run("a")
    log.bind_run("b")
    work = contextvars.copy_context()
    thread = Thread(target=lambda: work.run(log.get_logger().info, "from_thread"))
    thread.start()
    thread.join()
    assert [line["sync_id"] for line in lines(stream)] == ["b"]


def test_error_is_one_line() -> None:
    """An exception is one line with type and message, ours without the type; no traceback."""
    stream = io.StringIO()
    log.configure(stream=stream)
    logger = log.get_logger()
    error = ValueError("first\nsecond")
    try:
        _fail(error)
    except ValueError:
        logger.exception("sync_failed")
    logger.error("sync_failed", exc_info=error)
    logger.error("sync_failed", exc_info=(ValueError, error, None))
    logger.error("sync_failed", error=SourceError("Page 3 of 5 answers 503.\nTry later."))
    logger.error("sync_failed", error=KeyError())
    assert [line["error"] for line in lines(stream)] == [
        "ValueError: first second",
        "ValueError: first second",
        "ValueError: first second",
        "Page 3 of 5 answers 503. Try later.",
        "KeyError",
    ]
    assert "Traceback" not in stream.getvalue()


def test_nothing_raised_is_no_error() -> None:
    """`exc_info` without an exception adds nothing."""
    stream = io.StringIO()
    log.configure(stream=stream)
    log.get_logger().error("odd", exc_info=True)
    log.get_logger().error("odd", exc_info=(None, None, None))
    assert [set(line) for line in lines(stream)] == [{"timestamp", "level", "event"}] * 2


def test_traceback_at_debug() -> None:
    """At debug the traceback is there too, in `exception`, without secrets."""
    stream = io.StringIO()
    log.configure(level="debug", stream=stream)
    try:
        _fail(ValueError("postgres://u:s3cret@h/c is wrong"))
    except ValueError:
        log.get_logger().exception("sync_failed")
    (line,) = lines(stream)
    assert line["error"] == "ValueError: postgres://***@h/c is wrong"
    assert line["exception"].startswith("Traceback (most recent call last):")
    assert "s3cret" not in stream.getvalue()


def test_no_secret_in_a_line() -> None:
    """Keys that look secret, addresses, headers, the secrets themselves wherever they stand, nested too."""
    stream = io.StringIO()
    log.configure(stream=stream, secrets=("hunter/22", "abc"))
    log.get_logger().info(
        "odd hunter/22",
        db_pass="s3cret",
        x_apig_appcode="s3cret",
        dsn="s3cret",
        url="https://u:s3cret@api.example/t?apikey=s3cret&page=1",
        nested={"cookie": "s3cret", "list": ["see hunter%2F22", ("abcdef", 1)]},
        setting=SecretStr("s3cret"),
        path=Path("a/b"),
        token="",
        tokens=3,
    )
    (line,) = lines(stream)
    assert "s3cret" not in stream.getvalue()
    assert "hunter" not in stream.getvalue()
    assert line["event"] == "odd ***"
    assert (line["db_pass"], line["x_apig_appcode"], line["dsn"]) == ("***", "***", "***")
    assert line["url"] == "https://***@api.example/t?apikey=***&page=1"
    assert line["nested"] == {"cookie": "***", "list": ["see ***", ["abcdef", 1]]}
    assert (line["setting"], line["path"], line["token"], line["tokens"]) == ("**********", "a/b", "", 3)


def test_text_that_cannot_be_written_does_not_fail_a_run() -> None:
    """A lone surrogate becomes a question mark."""
    stream = io.StringIO()
    log.configure(stream=stream)
    log.get_logger().info("odd", value="a\ud800b")
    assert lines(stream)[0]["value"] == "a?b"


def test_libraries_log_into_the_same_lines() -> None:
    """Warnings of libraries come as `library_message`; below warning they don't, and never twice."""
    stream = io.StringIO()
    log.configure(stream=stream)
    log.configure(stream=stream)
    logging.getLogger("urllib3.connectionpool").warning("Retrying after %s", "https://u:p@h/t")
    logging.getLogger("urllib3.connectionpool").info("quiet")
    (line,) = lines(stream)
    assert (line["level"], line["event"]) == ("warning", "library_message")
    assert (line["library"], line["message"]) == ("urllib3.connectionpool", "Retrying after https://***@h/t")


def test_import_is_light() -> None:
    """Importing the module does not import structlog."""
    code = "import sys, etl.runtime.log; sys.exit('structlog' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_is_no_line_can_be_scrubbed_too() -> None:
    """A message that leaves the program another way has no secret that the log was told of; the last set-up holds."""
    log.configure(stream=io.StringIO(), secrets=("hunter/22",))
    assert log.scrub("no hunter/22 or hunter%2F22; set token=abc") == "no *** or ***; set token=abc"
    log.configure(stream=io.StringIO())
    assert log.scrub("hunter/22") == "hunter/22"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgres://u:p@h/c", "postgres://***@h/c"),
        ("postgres://u:p@ss/w#x@h/c", "postgres://***@h/c"),
        ("https://token@h/t and http://u:p@h2", "https://***@h/t and http://***@h2"),
        ("https://h:443/@shop", "https://h:443/@shop"),
        ("https://h/@shop?email=a@b", "https://h/@shop?email=a@b"),
        ("host=h password='a b' user=u", "host=h password=*** user=u"),
        ("?key=abc&page=2&X-Amz-Signature=ff", "?key=***&page=2&X-Amz-Signature=***"),
        ("key=T123 page=2", "key=T123 page=2"),
        ("{'Cookie': 'sid=1; b=2'}", "{'Cookie': ***"),
        ("Authorization: Bearer abc\nnext", "Authorization: ***\nnext"),
        ("X-Apig-AppCode: abc", "X-Apig-AppCode: ***"),
        ("nothing to hide: a=b", "nothing to hide: a=b"),
    ],
)
def test_redact(text: str, expected: str) -> None:
    """Credentials in addresses, parameters and headers are hidden; the rest stays as it is."""
    assert redact(text) == expected


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        ("db_pass", True),
        ("X-Apig-AppCode", True),
        ("EXTERNAL_API_COOKIES", True),
        ("DATABASE_URL", True),
        ("accessKey", True),
        ("AWS_SECRET_ACCESS_KEY", True),
        ("passed", False),
        ("tokens_decoded", False),
        ("key", False),
        ("unique_id", False),
        ("external_api_url", False),
    ],
)
def test_secret_names(name: str, is_secret: bool) -> None:
    """Whole words count, in any spelling; words that only begin alike don't."""
    assert is_secret_name(name) is is_secret


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("3f9a1c0e77b24d58", True),
        ("123e4567-e89b-12d3-a456-426614174000", True),
        ("sk_live_4eC39HqLyjWDarjtT1zdp7dc", True),
        ("QmFzZTY0IGlzIG5vdCBh", True),
        ("tenant-directory-2025", False),
        ("siamparagon2025tenants", False),
        ("TenantDirectoryV2", False),
        ("internationalisation", False),
        ("1234567890123456", False),
        ("3f9a1c0e77b24d5", False),
    ],
)
def test_what_looks_like_a_key(text: str, is_one: bool) -> None:
    """Long, letters and digits mixed as in no word; a year at the end of words is none."""
    assert looks_like_key(text) is is_one


def test_public_url_hides_what_looks_like_a_key() -> None:
    """In the path and under any name; folders of S3 have such names, and stay."""
    key = "3f9a1c0e77b24d58"
    assert (
        public_url(f"https://h/v1/{key}/tenants?mall=siam&x={key}")
        == "https://h/v1/***/tenants?mall=siam&x=***"
    )
    assert public_url(f"s3://bucket/{key}") == f"s3://bucket/{key}"


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://login.example/in?next=%2Ft%3Ftoken%3Dabc", "https://login.example"),
        ("https://u:abc@login.example:8443/abc#abc", "https://login.example:8443"),
        ("//login.example/abc", "(an address that can't be shown)"),
        ("https://a\x1b[31mabc/", "(an address that can't be shown)"),
        ("https://[abc/", "(an address that can't be shown)"),
        ("file:///abc", "(an address that can't be shown)"),
        ("", "(an address that can't be shown)"),
    ],
)
def test_public_place(url: str, place: str) -> None:
    """Of an address that came from outside only scheme and host are shown, where they are plain text."""
    assert public_place(url) == place


@pytest.mark.parametrize(
    ("url", "secrets"),
    [
        ("https://u:p%40ss@h/t", ["p%40ss", "p@ss", "dTpwQHNz"]),
        ("https://sk_1234@h/t", ["sk_1234", "sk_1234", "c2tfMTIzNA=="]),
        ("https://h/t?lang=th&site=1&token=abc%2Fdef&key=123456&apikey=1", ["abc/def", "123456"]),
        (
            "https://h/v1/3f9a1c0e77b24d58/tenants?x=9f9a1c0e77b24d58",
            ["9f9a1c0e77b24d58", "3f9a1c0e77b24d58"],
        ),
        ("postgresql://u@h/c?sslpassword=secret&sslmode=require", ["u", "u", "dQ==", "secret"]),
        ("https://h/tenants?mall=iconsiam&page=1", []),
        ("http://[::1", []),
    ],
)
def test_secrets_of_an_address(url: str, secrets: list[str]) -> None:
    """Its password, or the user in its place; values that are secret by name or looks; not `th` or `1`."""
    assert list(secrets_of_url(url)) == secrets


def test_secrets_of_cookies() -> None:
    """Each value that is not a plain word."""
    assert list(secrets_of_cookies("sid=ab12cd34; lang=th; theme=dark-blue; flag; t=12345678==")) == [
        "ab12cd34",
        "12345678==",
    ]


@pytest.mark.parametrize(
    ("secrets", "text", "expected"),
    [
        (("th", "1", ""), "the 1st th", "the 1st th"),
        (("test",), "latest test, test_x, (test)", "latest ***, ***_x, (***)"),
        (("longer secret",), "xlonger secretx", "x***x"),
        (("longer secret",), "longer%20secret longer+secret", "*** ***"),
        (("abcdefgh", "abcdefghij"), "abcdefghij abcdefgh", "*** ***"),
        (("a.c(d",), "a.c(d abcd", "*** abcd"),
        ((), "token=abc", "token=abc"),
    ],
)
def test_scrubber(secrets: tuple[str, ...], text: str, expected: str) -> None:
    """Known secrets go wherever they stand, percent-encoded too; short ones only as words, very short ones never."""
    assert scrubber(secrets)(text) == expected


def test_public_url() -> None:
    """An address for people: no user, password, fragment or secret parameter; the rest of it stays."""
    assert public_url("https://u:p@h:8443/t?site=1&token=x#frag") == "https://h:8443/t?site=1&token=***"
    assert public_url("https://u:p@h/t?email=a@b") == "https://h/t?email=a@b"
    assert public_url("http://127.0.0.1:8000/tenants") == "http://127.0.0.1:8000/tenants"
