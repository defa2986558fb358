"""Promise: no password, key or cookie reaches a log, an error, a table, a file or a help text, at debug level either."""

import base64
import signal
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl
import pytest

from etl.cli import app
from tests.support import api as answers
from tests.support.process import run, start
from tests.support.sync import Mall, record

DB = "cnry/db@1 pass"
KEY = "cnry-key-2"
COOKIE = "cnry-cookie-3"
USER = "cnry-user-4"
TOKEN = "cnry-token-5"
SECRETS = (DB, KEY, COOKIE, USER, TOKEN)
FORMS = {
    form for one in SECRETS for form in (one, quote(one, safe=""), base64.b64encode(one.encode()).decode())
}

SCENARIOS: dict[str, list[tuple[str, ...]]] = {
    "sync": [("sync",), ("sync", "--json"), ("sync", "--snapshot", "{snapshot}"), ("sync", "--nonsense")],
    "diff": [
        ("diff",),
        ("diff", "--format", "json"),
        ("diff", "--format", "html", "-o", "{folder}/diff.html", "--save-plan", "{folder}/monday.plan"),
        ("diff", "{snapshot}", "--against", "{snapshot}"),
    ],
    "extract": [("extract", "-o", "{folder}/more", "--with-reference")],
    "init": [("init",)],
    "check": [("check",), ("check", "--json")],
    "runs": [("runs",), ("runs", "latest", "--json"), ("runs", "nothing-like-it")],
    "explain": [("explain", "T1"), ("explain", "T1", "--json"), ("explain", "nobody")],
    "rollback": [("rollback", "latest"), ("rollback", "latest", "--yes", "--json")],
    "serve": [("serve", "{folder}/no-such-snapshot")],
    "demo": [("demo", "--folder", "{folder}/demo", "--records", "50")],
}
"""What each command is run with; the braces are filled in."""


def _commands() -> list[str]:
    return [one.name or one.callback.__name__ for one in app.registered_commands if one.callback]


@pytest.fixture
def laden(mall: Mall) -> dict[str, Any]:
    """Give a mall of which each address and header holds a secret, and those settings."""
    mall.sync([record(f"T{number}") for number in range(30)])
    mall.api.records = [record(f"T{number}", zone="West") for number in range(30)]
    mall.via = mall.database.dsn.replace("postgres@", f"postgres:{quote(DB, safe='')}@")
    return {
        "external_api_url": f"{mall.api.url.replace('://', f'://{USER}:{USER}@')}?token={TOKEN}",
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


def _search(mall: Mall, folder: Path, outputs: list[str]) -> int:
    """Look through all that was written; return how many places were looked at."""
    for output in outputs:
        _assert_clean("the output", output)
    files = [path for path in [*folder.rglob("*"), *mall.folder.rglob("*")] if path.is_file()]
    for path in files:
        _assert_clean(str(path), path.read_bytes().decode("utf-8", "replace"))
        if path.suffix == ".parquet":
            _assert_clean(str(path), pl.read_parquet(path).write_json())
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


@pytest.mark.parametrize("form", sorted(FORMS))
def test_the_search_finds_what_is_there(mall: Mall, tmp_path: Path, form: str) -> None:
    """In a line that was wrapped, in a parquet file and in a table: this test would see a secret."""
    with pytest.raises(AssertionError, match="output"):
        _search(mall, tmp_path, [f"say {form[:4]}\n{form[4:]}"])
    file = tmp_path / "one.parquet"
    pl.DataFrame({"a": [f"x{form}"] * 9}).write_parquet(file)
    with pytest.raises(AssertionError, match="parquet"):
        _search(mall, tmp_path, [])
    file.unlink()
    mall.database.execute("INSERT INTO floors (name) VALUES (%s)", form)
    with pytest.raises(AssertionError, match="floors"):
        _search(mall, tmp_path, [])


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
    "an API that is not there": {"external_api_url": f"http://{USER}:{USER}@127.0.0.1:1/t?token={TOKEN}"},
    "an API address that can't be read": {"external_api_url": f"ftp://{USER}:{USER}@host/t?token={TOKEN}"},
    "a key that can't be sent": {"x_apig_appcode": f"{KEY}\nX: y"},
    "a wrong setting": {"sync_batch_size": "ten"},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_failure(mall: Mall, laden: dict[str, Any], tmp_path: Path, fault: str) -> None:
    """Whatever is wrong with the settings or the other side: an exit code, a message, no secret."""
    settings = laden | FAULTS[fault] | {"db_pass": DB}
    if fault == "a database that is not there":
        settings["database_url"] = mall.via.replace("/etl_test_", "/etl_test_not_")
    outputs = []
    for command in ("sync", "check", "diff"):
        ended = run(mall, command, **settings, database_retries=0)
        assert ended.returncode != 0
        outputs.append(ended.stdout + ended.stderr)
    assert _search(mall, tmp_path / "none", outputs) > 10


@pytest.mark.parametrize("code", [401, 403, 500])
def test_an_api_that_refuses(mall: Mall, laden: dict[str, Any], tmp_path: Path, code: int) -> None:
    """The API repeats the key in what it answers: it is not passed on."""
    echo = f'{{"error": "bad key {KEY}, cookie {COOKIE}"}}'.encode()
    mall.api.fail_always(1, lambda handler, _: handler.send(code, echo))
    ended = run(mall, "sync", **laden)
    assert ended.returncode == 1
    assert _search(mall, tmp_path / "none", [ended.stdout + ended.stderr]) > 10


def test_a_redirect_with_the_token(mall: Mall, laden: dict[str, Any], tmp_path: Path) -> None:
    """The address that the API sends the job to has the token in it."""
    mall.api.fail_always(
        1, answers.redirect(f"https://elsewhere.example/t?token={TOKEN}&x_apig_appcode={KEY}")
    )
    ended = run(mall, "sync", **laden)
    assert ended.returncode == 1
    assert _search(mall, tmp_path / "none", [ended.stdout + ended.stderr]) > 10


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
        stdout, stderr = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 143
    assert _search(mall, tmp_path / "none", [stdout + stderr]) > 10
