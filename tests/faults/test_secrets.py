"""Promise: no password, key or cookie reaches a log, an error, a table, a file or a help text, at debug level either."""

import base64
import http.server
import io
import json
import signal
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import polars as pl
import pytest

from etl.cli.app import app
from tests.support import api as answers
from tests.support.process import run, run_here, start
from tests.support.sync import Mall, record

pytestmark = pytest.mark.quick(cases=1)

FEED = [record(f"T{number}") for number in range(30)]

DB = "cnry/db@1 pass"
KEY = "cnry-key-2"
COOKIE = "cnry-cookie-3"
USER = "cnry-user-4"
TOKEN = "cnry-token-5"
PATH_KEY = "cnry6a1b2c3d4e5f60718"
SERVE = "cnry-serve-7"
AWS_ID = "CNRYAWSID8EXAMPLE000"
AWS_SECRET = "cnry/aws+secret/9"
AWS_TOKEN = "cnry-aws-token-10=="
NOTICE_TOKEN = "cnry9Q2w8e3R7t4Y0u5I1o"
NOTICE_SECRET = "Y25yeS1ub3RpY2Utc2VjcmV0LTEyLTM0LTU2LTc4"
SECRETS = (
    DB,
    KEY,
    COOKIE,
    USER,
    TOKEN,
    PATH_KEY,
    SERVE,
    AWS_ID,
    AWS_SECRET,
    AWS_TOKEN,
    NOTICE_TOKEN,
    NOTICE_SECRET,
)
ENVIRONMENT = {
    "serve_appcode": SERVE,
    "aws_access_key_id": AWS_ID,
    "aws_secret_access_key": AWS_SECRET,
    "aws_session_token": AWS_TOKEN,
    "aws_region": "us-east-1",
}


def _base64_forms(secret: str) -> Iterator[str]:
    """Yield what base64 makes of a secret within a longer text, by the place where it begins there."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + secret.encode()).decode()
        # the characters at both ends have bits of the neighbours too
        inner = encoded[(0, 2, 3)[before] : (before + len(secret.encode())) * 8 // 6]
        yield from (inner, inner.replace("+", "-").replace("/", "_"))


FORMS = {form for one in SECRETS for form in (one, quote(one, safe=""), *_base64_forms(one))}

SCENARIOS: dict[str, list[tuple[str, ...]]] = {
    "sync": [("sync",), ("sync", "--json"), ("sync", "--snapshot", "{snapshot}"), ("sync", "--nonsense")],
    "diff": [
        ("diff",),
        ("diff", "--format", "json"),
        ("diff", "--format", "html", "-o", "{folder}/diff.html", "--save-plan", "{folder}/monday.plan"),
        ("diff", "{snapshot}", "--against", "{snapshot}"),
    ],
    "extract": [
        ("extract", "-o", "{folder}/more", "--with-reference"),
        ("extract", "-o", "s3://bucket/more"),
    ],
    "init": [("init",)],
    "check": [("check",), ("check", "--json")],
    "runs": [("runs",), ("runs", "latest", "--json"), ("runs", "nothing-like-it")],
    "explain": [("explain", "T1"), ("explain", "T1", "--json"), ("explain", "nobody")],
    "move": [("move", "T1"), ("move", "nobody"), ("move", "T1", "--yes", "--json")],
    "rollback": [("rollback", "latest"), ("rollback", "latest", "--yes", "--json")],
    "serve": [("serve", "{folder}/no-such-snapshot")],
    "demo": [("demo", "--folder", "{folder}/demo", "--records", "50")],
}
"""What each command is run with; the braces are filled in."""


def _commands() -> list[str]:
    return [one.name or one.callback.__name__ for one in app.registered_commands if one.callback]


class _Refusing(http.server.BaseHTTPRequestHandler):
    """An S3 that refuses, and repeats what it was sent."""

    def _refuse(self) -> None:
        sent = f"<AWSAccessKeyId>{AWS_ID}</AWSAccessKeyId><Message>{self.headers}</Message>"
        body = f"<Error><Code>InvalidAccessKeyId</Code>{sent}</Error>".encode()
        self.send_response(403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _refuse  # noqa: N815 — the base class's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the base class's name
        """Say nothing."""


@pytest.fixture
def s3() -> Iterator[str]:
    """Give the address of an S3 that refuses."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Refusing) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def mall(synced: Mall) -> Mall:
    """Give a mall after a sync."""
    return synced


@pytest.fixture
def laden(mall: Mall, s3: str) -> dict[str, Any]:
    """Give a mall of which each address and header holds a secret, and those settings."""
    mall.api.records = [record(f"T{number}", zone="West") for number in range(30)]
    mall.via = mall.database.dsn.replace("@", f":{quote(DB, safe='')}@", 1)
    assert quote(DB, safe="") in mall.via
    return {
        **ENVIRONMENT,
        "aws_endpoint_url": s3,
        "external_api_url": f"{mall.api.url.replace('://', f'://{USER}:{USER}@')}/{PATH_KEY}?token={TOKEN}",
        "notify_url": f"{s3}/services/{NOTICE_TOKEN}",
        "notify_secret": f"whsec_{NOTICE_SECRET}",
        "x_apig_appcode": KEY,
        "external_api_cookies": f"sid={COOKIE}",
        "node_env": "production",
        "log_level": "debug",
        "debug": "true",
        "api_retries": 1,
    }


def _assert_clean(what: str, text: str) -> None:
    joined = text.replace("\n", "")
    found = sorted(form for form in FORMS if form in text or form in joined)
    assert not found, f"{what} holds {found}: …{text[max(text.find(found[0]) - 200, 0) :][:400]}"


def _texts_of(name: str, content: bytes) -> Iterator[str]:
    """Yield what a file says: as it is, and unpacked where it is packed."""
    yield content.decode("utf-8", "replace")
    if name.endswith(".parquet"):
        yield pl.read_parquet(io.BytesIO(content)).write_json()
    if name.endswith(".plan"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                yield from _texts_of(member, archive.read(member))


def _search(mall: Mall, folder: Path, outputs: list[str]) -> int:
    """Look through all that was written; return how many places were looked at."""
    for output in outputs:
        _assert_clean("the output", output)
    files = [path for path in [*folder.rglob("*"), *mall.folder.rglob("*")] if path.is_file()]
    for path in files:
        for text in _texts_of(path.name, path.read_bytes()):
            _assert_clean(str(path), text)
    tables = mall.database.query(
        "SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables "
        "WHERE table_schema IN ('etl', 'public') AND table_type = 'BASE TABLE'"
    )
    for table in tables:
        rows = mall.database.query(f"SELECT t::text AS said FROM {table['name']} t")
        _assert_clean(table["name"], "\n".join(row["said"] for row in rows))
    return len(outputs) + len(files) + len(tables)


def test_every_command_has_a_scenario() -> None:
    """A new command can't be forgotten here."""
    assert sorted(_commands()) == sorted(SCENARIOS)


@pytest.mark.long
def test_the_search_finds_what_is_there(mall: Mall, tmp_path: Path) -> None:
    """Each form, in a wrapped line, a parquet file, a plan and a table: these tests would see a secret."""
    for form in sorted(FORMS):
        with pytest.raises(AssertionError, match="output"):
            _search(mall, tmp_path, [f"say {form[:4]}\n{form[4:]}"])
        packed = io.BytesIO()
        pl.DataFrame({"a": [f"x{form}"] * 9}).write_parquet(packed, compression="zstd")
        (tmp_path / "one.parquet").write_bytes(packed.getvalue())
        with pytest.raises(AssertionError, match="parquet"):
            _search(mall, tmp_path, [])
        (tmp_path / "one.parquet").unlink()
        with zipfile.ZipFile(tmp_path / "one.plan", "w") as archive:
            archive.writestr("tables/one.parquet", packed.getvalue())
        with pytest.raises(AssertionError, match="plan"):
            _search(mall, tmp_path, [])
        (tmp_path / "one.plan").unlink()
        mall.database.execute("INSERT INTO floors (name) VALUES (%s)", form)
        with pytest.raises(AssertionError, match="floors"):
            _search(mall, tmp_path, [])
        mall.database.execute("DELETE FROM floors WHERE name = %s", form)


@pytest.mark.parametrize("around", ["{}", "user:{}", "u:{}@", "ab{}cd"])
def test_base64_is_seen_wherever_a_secret_begins(around: str) -> None:
    """As in `Authorization: Basic …`, where the user comes first."""
    for secret in SECRETS:
        encoded = base64.b64encode(around.format(secret).encode()).decode()
        with pytest.raises(AssertionError, match="header"):
            _assert_clean("header", f"Authorization: Basic {encoded}")


@pytest.mark.parametrize("log_format", ["json", "console"])
@pytest.mark.parametrize("command", SCENARIOS)
def test_success(mall: Mall, laden: dict[str, Any], tmp_path: Path, command: str, log_format: str) -> None:
    """Each command as it is meant, and with a wrong option or a name that is not there."""
    snapshot = next(path for path in sorted(mall.folder.iterdir()) if path.is_dir())
    folder = tmp_path / "out"
    folder.mkdir()
    outputs = []
    for arguments in [*SCENARIOS[command], (command, "--help")]:
        filled = [part.format(snapshot=snapshot, folder=folder) for part in arguments]
        ended = run(mall, *filled, **laden, log_format=log_format)
        outputs.append(ended.stdout + ended.stderr)
    assert any(outputs)
    assert _search(mall, folder, outputs) > 10


def test_a_key_in_an_address_of_snapshots(mall: Mall, laden: dict[str, Any], tmp_path: Path) -> None:
    """It is refused wherever an address may stand, before it is in a log or a table."""
    address = f"s3://{AWS_ID}:{AWS_SECRET}@bucket/snapshots"
    outputs = []
    for arguments in (
        ("sync", "--snapshot", address),
        ("diff", address),
        ("diff", address, "--against", address),
        ("extract", "-o", address),
        ("explain", "T1", "--snapshot", address),
        ("serve", address),
    ):
        ended = run_here(mall, *arguments, **laden)
        assert (ended.returncode, "must not hold a key" in ended.stderr) == (2, True), ended.stderr
        outputs.append(ended.stdout + ended.stderr)
    for command in ("sync", "check", "runs"):
        ended = run_here(mall, command, **laden, snapshot_dir=address)
        assert ended.returncode == 2
        outputs.append(ended.stdout + ended.stderr)
    assert _search(mall, tmp_path / "none", outputs) > 10


FAULTS: dict[str, dict[str, Any]] = {
    "refused connection": {"database_url": f"postgresql://u:{quote(DB, safe='')}@127.0.0.1:1/x"},
    "a database that is not there": {},
    "an address that can't be read": {"database_url": f"postgresql://u:{DB}@[half/x?sslmode=no"},
    "a bare host": {
        "database_url": "127.0.0.1",
        "database_port": 1,
        "database_name": "x",
        "database_user": "u",
    },
    "an API that is not there": {
        "external_api_url": f"http://{USER}:{USER}@127.0.0.1:1/{PATH_KEY}/t?token={TOKEN}"
    },
    "an API address that can't be read": {
        "external_api_url": f"ftp://{USER}:{USER}@host/{PATH_KEY}/t?token={TOKEN}"
    },
    "a key that can't be sent": {"x_apig_appcode": f"{KEY}\nX: y"},
    "a wrong setting": {"sync_batch_size": "ten"},
    "an S3 that refuses": {"snapshot_dir": "s3://bucket/snapshots"},
}


@pytest.mark.long
@pytest.mark.parametrize("fault", FAULTS)
def test_failure(mall: Mall, laden: dict[str, Any], tmp_path: Path, fault: str) -> None:
    """Whatever is wrong with the settings or the other side: an exit code, a message, no secret."""
    settings = laden | FAULTS[fault] | {"db_pass": DB}
    if fault == "a database that is not there":
        settings["database_url"] = mall.via.replace("/etl_test_", "/etl_test_not_")
    outputs = []
    for command in ("sync", "check", "extract" if fault == "an S3 that refuses" else "diff"):
        ended = run(mall, command, **settings, database_retries=0)
        assert ended.returncode != 0
        outputs.append(ended.stdout + ended.stderr)
    assert _search(mall, tmp_path / "none", outputs) > 10


@pytest.mark.parametrize("code", [401, 403, 500])
def test_an_api_that_refuses(mall: Mall, laden: dict[str, Any], tmp_path: Path, code: int) -> None:
    """The API repeats the key in what it answers: it is not passed on."""
    echo = f'{{"error": "bad key {KEY}, cookie {COOKIE}"}}'.encode()
    mall.api.fail_always(1, lambda handler, _: handler.send(code, echo))
    ended = run_here(mall, "sync", **laden)
    assert ended.returncode == 1
    assert _search(mall, tmp_path / "none", [ended.stdout + ended.stderr]) > 10


@pytest.mark.parametrize(
    "target",
    [
        f"https://elsewhere.example/t?token={TOKEN}&x_apig_appcode={KEY}",
        f"https://elsewhere.example/in?next=%2Ft%3Ftoken%3D{TOKEN}",
        f"https://elsewhere.example/in?next=%252F{PATH_KEY}%252Ft%253Ftoken%253D{TOKEN}#{KEY}",
        f"https://elsewhere.example/{TOKEN}/{PATH_KEY}",
        f"https://elsewhere.example/in?state={base64.b64encode(f'/t?token={TOKEN}'.encode()).decode()}",
        f"https://{USER}:{USER}@elsewhere.example/",
        f"https://{TOKEN}.elsewhere.example/",
        f"https://[{TOKEN}/",
        f"{TOKEN}:elsewhere",
    ],
)
def test_a_redirect_with_the_token(mall: Mall, laden: dict[str, Any], tmp_path: Path, target: str) -> None:
    """The address that the API sends the job to has the token in it, or the key."""
    mall.api.fail_always(1, answers.redirect(target))
    ended = run_here(mall, "sync", **laden)
    assert ended.returncode == 1
    assert "redirects to another place" in ended.stderr
    assert "Traceback" not in ended.stderr
    checked = run_here(mall, "check", **laden)
    outputs = [ended.stdout + ended.stderr, checked.stdout + checked.stderr]
    assert _search(mall, tmp_path / "none", outputs) > 10


def test_an_error_that_quotes_them(
    mall: Mall, laden: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever an error says that nobody foresaw, the log of runs has none of them."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(f"{DB} {KEY} sid={COOKIE} {USER} {TOKEN} {PATH_KEY}")

    monkeypatch.setattr("etl.extract.feed.extract", fail)
    own = laden.keys() - ENVIRONMENT.keys() - {"aws_endpoint_url"}
    mall.overrides = {name: laden[name] for name in own}
    with pytest.raises(RuntimeError):
        mall.sync()
    assert mall.last_run()["error"] == "RuntimeError: *** *** *** *** *** ***"
    assert _search(mall, tmp_path / "none", []) > 10


def test_a_snapshot_that_is_served(mall: Mall, laden: dict[str, Any], tmp_path: Path) -> None:
    """`etl serve` with a key, asked with it, with another and without; its answers repeat no key either."""
    snapshot = next(path for path in sorted(mall.folder.iterdir()) if path.is_dir())
    process = start(mall, "serve", str(snapshot), "--port", "0", **laden)
    try:
        assert process.stdout
        said = process.stdout.readline()
        url = next(word for word in said.split() if word.startswith("http://")).rstrip(".,")
        answered = [_ask(url, code) for code in (SERVE, "another", None)]
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=120)
    finally:
        process.kill()
    assert [json.loads(text.split("\n\n")[-1]).get("totalRecord") for text in answered] == [30, None, None]
    assert _search(mall, tmp_path / "none", [said + stdout + stderr, *answered]) > 10


def _ask(url: str, code: str | None) -> str:
    request = Request(url, headers={"X-Apig-AppCode": code} if code else {})
    try:
        with urlopen(request) as response:
            return f"{response.headers}\n{response.read().decode()}"
    except HTTPError as error:
        return f"{error.headers}\n{error.read().decode()}"


def test_interrupted(mall: Mall, laden: dict[str, Any], tmp_path: Path) -> None:
    """In the middle of a page, with a traceback allowed."""
    mall.api.delay_s = 20
    process = start(mall, "sync", **laden)
    try:
        deadline = time.monotonic() + 20
        before = len(mall.api.requests)
        while len(mall.api.requests) == before and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        stdout, stderr = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 143
    assert _search(mall, tmp_path / "none", [stdout + stderr]) > 10
