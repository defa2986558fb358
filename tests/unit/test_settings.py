"""The settings: where they come from, what is allowed, and that nothing secret is told."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from etl.config.dotenv import parse_env
from etl.config.settings import Settings, load_settings, read_share
from etl.config.types import parse_share
from etl.errors import ConfigError
from etl.model.options import SyncOptions
from etl.snapshot.location import locate

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty environment and working folder."""
    for name in (*Settings.model_fields, "SERVE_APPCODE", "PGPASSWORD", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def env_file(text: str) -> None:
    """Write .env into the working folder."""
    Path(".env").write_text(text, encoding="utf-8")


def test_defaults() -> None:
    """Without environment and file every setting has its documented default."""
    settings = load_settings()
    assert (settings.sync_batch_size, settings.snapshot_dir, settings.snapshot_keep) == (
        5000,
        "snapshots",
        48,
    )
    assert (settings.api_requests_per_second, settings.api_in_flight, settings.api_page_size) == (10, 4, 100)
    assert (settings.api_timeout_s, settings.api_retries, settings.api_deadline_s) == (30, 5, 3300)
    assert (settings.lock_timeout_s, settings.statement_timeout_s, settings.max_drop) == (10, 600, 0.2)
    assert (settings.log_level, settings.log_format, settings.debug) == ("info", "auto", False)
    assert (settings.environment, settings.is_production, settings.database_url) == (
        "development",
        False,
        None,
    )


def test_env_file_as_dotenv_files_are() -> None:
    """Quotes, comments, `export`, a byte order mark, `$` and `#` in values, blanks, unknown names, CRLF."""
    env_file(
        "\ufeff# the earlier job's settings\r\n"
        "export DATABASE_USER='payload'\r\n"
        'DATABASE_NAME="cms db" # the CMS\r\n'
        "DB_PASS='p@ss#w$rd${HOME}'\r\n"
        "DATABASE_PORT=\r\n"
        "SYNC_BATCH_SIZE=10 # small\r\n"
        "SNAPSHOT_DIR='   '\r\n"
        "PAYLOAD_SECRET=whatever\r\n"
    )
    settings = load_settings()
    assert (settings.database_user, settings.database_name, settings.database_port) == (
        "payload",
        "cms db",
        None,
    )
    assert settings.db_pass is not None
    assert settings.db_pass.get_secret_value() == "p@ss#w$rd${HOME}"
    assert (settings.sync_batch_size, settings.snapshot_dir) == (10, "snapshots")


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (r'DB_PASS="pa\tss"', r"pa\tss"),
        (r'DB_PASS="a\nb\rc\\d"', "a\nb\rc\\\\d"),
        (r"DB_PASS='pa\\ss'", r"pa\\ss"),
        (r"DB_PASS='pa\nss'", r"pa\nss"),
        ("DB_PASS=`pa'\"ss`", "pa'\"ss"),
        ("DB_PASS=pa#ss", "pa"),
        ("DB_PASS=pa #ss", "pa"),
        ('DB_PASS="pa#ss" # said so', "pa#ss"),
        ("DB_PASS: pass", "pass"),
        ("  export  DB_PASS = pass  ", "pass"),
        (r"DB_PASS=pa\nss", r"pa\nss"),
        (r"DB_PASS='it\'s'", r"it\'s"),
        ("DB_PASS='two\nlines'", "two\nlines"),
        ("DB_PASS='open", "'open"),
        ("DB_PASS=a'b'", "a'b'"),
        ("DB_PASS=first\nDB_PASS=last", "last"),
        ("DB_PASS=$HOME${HOME}", "$HOME${HOME}"),
        ("DB_PASS=\xa0pass\u3000", "pass"),
        ("DB_PASS:pass", None),
        ("DB_PASS pass", None),
    ],
)
def test_env_file_as_node_reads_it(line: str, value: str | None) -> None:
    """Each value is what dotenv 16.6 gives: the file was written for it, and a password must not change."""
    assert parse_env(line).get("DB_PASS") == value


def test_env_file_of_the_earlier_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole .env written for the TypeScript job works unchanged."""
    env_file(
        'DATABASE_URL="postgres://cms:p%40ss@db.example:5432/cms?schema=public&sslmode=no-verify"\n'
        "EXTERNAL_API_URL=https://api.example.com/tenants?site=1\n"
        "X_APIG_APPCODE=abc\nEXTERNAL_API_COOKIES='sid=1; lang=th'\nSYNC_BATCH_SIZE=10\n"
        "NODE_ENV=production\nLOG_LEVEL=warn\nDEBUG=payload:*\n"
    )
    settings = load_settings()
    database, api = settings.database(), settings.sources()[0].api
    assert database.shown == "db.example:5432/cms as cms"
    assert database.dsn.get_secret_value().startswith("postgresql://cms:p%40ss@db.example:5432/cms?")
    assert database.dsn.get_secret_value().endswith("&sslmode=require")
    firsts = [note.split(" ")[0] for note in database.notes]
    assert firsts == ["sslmode=no-verify", "schema=public", "DATABASE_URL"]
    assert (api.url, api.page_size) == ("https://api.example.com/tenants?site=1", 100)
    assert api.appcode is not None
    assert api.appcode.get_secret_value() == "abc"
    assert api.cookies is not None
    assert api.cookies.get_secret_value() == "sid=1; lang=th"
    assert (settings.level, settings.debug, settings.sync_batch_size) == ("warning", False, 10)


def test_command_line_then_environment_then_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first that has a value wins; a blank variable has none, and neither has an option not given."""
    env_file("API_RETRIES=1\nAPI_IN_FLIGHT=1\nAPI_PAGE_SIZE=1\nSNAPSHOT_KEEP=1\n")
    monkeypatch.setenv("API_RETRIES", "2")
    monkeypatch.setenv("API_IN_FLIGHT", "2")
    monkeypatch.setenv("API_PAGE_SIZE", "  ")
    settings = load_settings(api_retries="3", snapshot_keep=None)
    assert (settings.api_retries, settings.api_in_flight) == (3, 2)
    assert (settings.api_page_size, settings.snapshot_keep) == (1, 1)


def test_no_env_file() -> None:
    """None reads no file, though there is one."""
    env_file("API_RETRIES=1\n")
    assert load_settings(env_file=None).api_retries == 5


def test_lower_case_names_are_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable in lower case belongs to somebody else."""
    monkeypatch.setenv("api_retries", "9")
    assert load_settings().api_retries == 5


def test_named_env_file_must_be_there() -> None:
    """Only the default `.env` may be missing."""
    with pytest.raises(ConfigError, match=r"settings file prod\.env can't be read: No such file"):
        load_settings("prod.env")


def test_env_file_must_be_text(tmp_path: Path) -> None:
    """A file in another encoding, or a folder, is told, not guessed at."""
    Path(".env").write_bytes(b"DB_PASS=\xff\n")
    with pytest.raises(ConfigError, match=r"\.env can't be read: it is not UTF-8 text"):
        load_settings()
    with pytest.raises(ConfigError, match="can't be read: Is a directory"):
        load_settings(tmp_path)


@pytest.mark.parametrize("text", ["Bangkok", "+07:00", "../etc/passwd", "Asia", "ICT"])
def test_a_timezone_has_a_name(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Anything else is a usage error, which says what a name looks like; the default is Bangkok's."""
    assert load_settings().mall_timezone == "Asia/Bangkok"
    monkeypatch.setenv("MALL_TIMEZONE", " Asia/Tokyo ")
    assert load_settings().mall_timezone == "Asia/Tokyo"
    monkeypatch.setenv("MALL_TIMEZONE", text)
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert str(caught.value) == (
        f"MALL_TIMEZONE is '{text}' (in the environment); allowed: the name of a time zone, as Asia/Bangkok."
    )


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://cms.example.com", "https://cms.example.com/admin"),
        (" https://cms.example.com/ ", "https://cms.example.com/admin"),
        ("https://cms.example.com/admin/", "https://cms.example.com/admin"),
        ("'http://127.0.0.1:3000/admin'", "http://127.0.0.1:3000/admin"),
        ("https://example.com/mall/panel", "https://example.com/mall/panel"),
        ("https://cms.example.com/admin/collections/shops/25", "https://cms.example.com/admin"),
        ("https://cms.example.com/collections/shops", "https://cms.example.com"),
        ("https://cms.example.com/collections/", "https://cms.example.com"),
    ],
)
def test_the_panel_is_named_as_a_browser_shows_it(
    monkeypatch: pytest.MonkeyPatch, text: str, address: str
) -> None:
    """With or without Payload's default `/admin`; a page of a list says where a panel at another place begins."""
    assert load_settings().panel.document("shops", 25) is None
    monkeypatch.setenv("CMS_URL", text)
    panel = load_settings().panel
    assert panel.document("shops", 25) == f"{address}/collections/shops/25"
    assert panel.document("shops", None) is None
    assert panel.document(None, 25) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("cms.example.com/admin", "cms.example.com/admin"),
        ("ftp://cms.example.com", "ftp://cms.example.com"),
        ("https://", "https://"),
        ("https://cms.example.com:0/admin", "https://cms.example.com:0/admin"),
        ("https://cms.example.com/admin x", "https://cms.example.com/admin x"),
        ("https://me:pa55word@cms.example.com/admin", "https://***@cms.example.com/admin"),
        ("https://cms.example.com/admin?token=0123456789", "https://cms.example.com/admin?token=***"),
        ("https://cms.example.com/admin#/x", "https://cms.example.com/admin#/x"),
    ],
)
def test_a_panel_that_no_link_could_lead_to(monkeypatch: pytest.MonkeyPatch, text: str, shown: str) -> None:
    """It is a usage error that says what is allowed, and shows no secret."""
    monkeypatch.setenv("CMS_URL", text)
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert str(caught.value) == (
        f"CMS_URL is '{shown}' (in the environment); allowed: the http(s) address of the CMS's panel, without user, "
        "password or query, as https://cms.example.com/admin."
    )


@pytest.mark.parametrize("text", ["ten", "0", "-1", "2.5", "1e3", "1_000", "+5", "๑๐", "10 20", "9" * 13])
def test_batch_size_is_a_positive_whole_number(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Anything else is a usage error, exit code 2."""
    monkeypatch.setenv("SYNC_BATCH_SIZE", text)
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert str(caught.value) == (
        f"SYNC_BATCH_SIZE is '{text}' (in the environment); allowed: a whole number of 1 or more."
    )
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "address",
    [
        "s3://AKIAKEY:s3cret/x+y@bucket/prefix",
        "s3://AKIAs3cret@bucket",
        "S3://AKIAKEY:s3cret@bucket",
        "s3://bucket/prefix?secret_key=s3cret",
    ],
)
def test_a_key_in_an_address_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """It would be in logs, manifests and tables; the message has nothing of it."""
    monkeypatch.setenv("SNAPSHOT_DIR", address)
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert str(caught.value) == (
        "SNAPSHOT_DIR is hidden (in the environment); allowed: a folder, or s3://bucket/prefix without a key: that goes "
        "in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
    )
    for open_it in (locate, lambda found: SyncOptions(snapshot=found)):
        with pytest.raises(ConfigError, match="must not hold a key") as refused:
            open_it(address)
        assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    "address", ["s3://bucket/me@home", "s3://bucket", "s3://bucket/a:b", "/tmp/a:b@c", "C:x@y"]
)
def test_an_address_without_a_key(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """An @ or a colon in a folder's name is none."""
    monkeypatch.setenv("SNAPSHOT_DIR", address)
    assert load_settings().snapshot_dir == address


def test_a_folder_with_control_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused, and shown harmlessly."""
    monkeypatch.setenv("SNAPSHOT_DIR", "a\x1b[2J\nb")
    with pytest.raises(
        ConfigError, match=r"^SNAPSHOT_DIR is 'a\\x1b\[2J⏎b' \(in the environment\); allowed: a folder"
    ):
        load_settings()


def test_everything_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One error with a line each: name, what was found and where, what is allowed; no value of a secret."""
    env_file("API_IN_FLIGHT=65\nLOG_FORMAT=xml\nX_APIG_APPCODE=\u0e01s3cret\nSNAPSHOT_DIR=gs://bucket/x\n")
    monkeypatch.setenv("LOG_LEVEL", "loud")
    monkeypatch.setenv("API_TIMEOUT_S", "0")
    with pytest.raises(ConfigError) as caught:
        load_settings(max_drop="1", statement_timeout_s="-1")
    assert sorted(str(caught.value).split("\n")) == [
        "API_IN_FLIGHT is '65' (in .env); allowed: a whole number from 1 to 64.",
        "API_TIMEOUT_S is '0' (in the environment); allowed: a number above 0, up to 3600.",
        "LOG_FORMAT is 'xml' (in .env); allowed: auto, json, console.",
        "LOG_LEVEL is 'loud' (in the environment); allowed: debug, info, warning, error.",
        "MAX_DROP is '1' (on the command line); allowed: a share from 0% to 100%, as '20%' or '0.2'.",
        "SNAPSHOT_DIR is 'gs://bucket/x' (in .env); allowed: a folder, or s3://bucket/prefix.",
        "STATEMENT_TIMEOUT_S is '-1' (on the command line); allowed: a whole number from 0 to 86400.",
        "X_APIG_APPCODE is hidden (in .env); allowed: printable ASCII on one line, as an HTTP header takes "
        "it.",
    ]
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_unknown_override_is_a_mistake_of_ours() -> None:
    """An option that is not a setting fails at once."""
    with pytest.raises(TypeError, match="no such setting: strict"):
        load_settings(strict=True)


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("20%", 0.2),
        ("0.2", 0.2),
        (" 12.5 % ", 0.125),
        ("0", 0),
        ("0%", 0),
        ("100%", 1),
        ("1.0", 1),
        (0.3, 0.3),
    ],
)
def test_share(text: object, share: float) -> None:
    """A share is a percentage, or a number with a point."""
    assert parse_share(text) == share


@pytest.mark.parametrize("text", ["1", "20", "101%", "1.5", "-1%", "a fifth", "", "٢٠%", "0.2%%"])
def test_no_share(text: str) -> None:
    """A bare whole number is refused: `1` may mean one percent or all."""
    with pytest.raises(ValueError, match="a share from 0% to 100%"):
        parse_share(text)


def test_share_of_an_option() -> None:
    """An option's share is read alike; what is wrong is a usage error that names the option."""
    assert read_share("5%", "--max-drop") == 0.05
    with pytest.raises(ConfigError, match=r"^--max-drop is '1'; allowed: a share from 0% to 100%, as '20%'"):
        read_share("1", "--max-drop")


@pytest.mark.parametrize("text", ["s3://bucket", "s3://bucket/a b", "/srv/x", "a/b"])
def test_snapshot_folder(text: str) -> None:
    """A folder or an address of S3."""
    assert load_settings(snapshot_dir=text).snapshot_dir == text


@pytest.mark.parametrize(
    ("given", "level", "debug"),
    [
        ({"log_level": "ERROR"}, "error", False),
        ({"log_level": "trace"}, "debug", False),
        ({"log_level": "fatal"}, "error", False),
        ({"debug": "true"}, "debug", True),
        ({"debug": True}, "debug", True),
        ({"debug": "1"}, "debug", True),
        ({"debug": "Yes"}, "debug", True),
        ({"debug": "ON", "log_level": "error"}, "debug", True),
        ({"debug": "false", "log_level": "warning"}, "warning", False),
        ({"debug": "0"}, "info", False),
        ({"debug": "*"}, "info", False),
        ({"debug": "payload:*,-express", "log_level": "warn"}, "warning", False),
    ],
)
def test_log_level(given: dict[str, Any], level: str, debug: bool) -> None:
    """Levels go by other loggers' names too; DEBUG=true is level debug, and Node's DEBUG=* is not ours."""
    settings = load_settings(**given)
    assert (settings.level, settings.debug) == (level, debug)


@pytest.mark.parametrize(
    ("node", "etl", "sent"),
    [
        ("production", "", True),
        (" Production ", "", True),
        ("development", "production", True),
        ("production", "staging", False),
        ("", "", False),
    ],
)
def test_cookies_only_in_production(monkeypatch: pytest.MonkeyPatch, node: str, etl: str, sent: bool) -> None:
    """ETL_ENV comes before NODE_ENV; cookies go out in production only."""
    monkeypatch.setenv("NODE_ENV", node)
    monkeypatch.setenv("ETL_ENV", etl)
    settings = load_settings(external_api_cookies="sid=1", external_api_url="https://api.example")
    assert (settings.cookies is not None, settings.sources()[0].api.cookies is not None) == (sent, sent)


def test_database_is_needed() -> None:
    """Without DATABASE_URL the error says what to set, and that the demo needs none."""
    with pytest.raises(ConfigError, match=r"DATABASE_URL is not set\. Set it to postgresql://.*`etl demo`"):
        load_settings().database()


def test_database_of_parts() -> None:
    """A bare host is completed by the settings beside it."""
    settings = load_settings(
        database_url="db.example", database_port=6432, database_name="cms", database_user="etl", db_pass=" p "
    )
    text = settings.database().dsn.get_secret_value()
    assert text.startswith("postgresql://etl:%20p%20@db.example:6432/cms?connect_timeout=10&")


def test_quotes_that_docker_hands_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """`docker run --env-file` keeps the quotes of the file; around an address they are dropped."""
    monkeypatch.setenv("DATABASE_URL", '"postgres://u:p@h/cms"')
    monkeypatch.setenv("EXTERNAL_API_URL", "'https://api.example/t'")
    settings = load_settings()
    assert settings.database().shown == "h/cms as u"
    assert settings.sources()[0].api.url == "https://api.example/t"


def test_api() -> None:
    """The address keeps its query and loses its fragment; what is shown has no credentials."""
    settings = load_settings(
        external_api_url="https://u:pw@api.example/t?site=1&apikey=k3y#top",
        api_timeout_s="2.5",
        api_deadline_s="0",
        x_apig_appcode=" abc ",
    )
    api = settings.sources()[0].api
    assert api.url == "https://u:pw@api.example/t?site=1&apikey=k3y"
    assert api.shown == "https://api.example/t?site=1&apikey=***"
    assert "pw" not in repr(api) + repr(settings)
    assert (api.requests_per_second, api.in_flight, api.timeout_s, api.retries) == (10, 4, 2.5, 5)
    assert api.deadline_s == 0
    assert api.appcode is not None
    assert api.appcode.get_secret_value() == "abc"


def test_api_address_is_needed() -> None:
    """Without EXTERNAL_API_URL the error says what to set, and the way without the API."""
    with pytest.raises(ConfigError, match=r"EXTERNAL_API_URL is not set.*--snapshot"):
        load_settings().sources()


@pytest.mark.parametrize(
    "url",
    ["api.example/t", "ftp://api.example", "https://", "http://[::1", "https://a b/", "https://h:99999/"],
)
def test_api_address_is_http(url: str) -> None:
    """Anything but an http(s) address is a usage error that shows it."""
    with pytest.raises(ConfigError) as caught:
        load_settings(external_api_url=url).sources()
    assert f"EXTERNAL_API_URL is '{url}', which is not an http(s) address. Set it to" in str(caught.value)


def test_wrong_api_address_is_shown_without_its_password() -> None:
    """Credentials in a wrong address are not told."""
    with pytest.raises(ConfigError) as caught:
        load_settings(external_api_url="htps://u:s3cret@api.example").sources()
    assert "'htps://api.example'" in str(caught.value)


def test_describe() -> None:
    """A row a setting, in order; secrets hidden, credentials cut out, defaults marked."""
    settings = load_settings(
        database_url="postgres://u:p@h/c", external_api_url="https://u:p@a.example", max_drop="12.5%"
    )
    rows = {row.name: row for row in settings.describe()}
    assert next(iter(rows)) == "DATABASE_URL"
    assert rows["DATABASE_URL"].value == "set (hidden)"
    assert rows["DB_PASS"].value == "not set"
    assert rows["EXTERNAL_API_URL"].value == "https://a.example"
    assert (rows["MAX_DROP"].value, rows["MAX_DROP"].default, rows["MAX_DROP"].is_default) == (
        "12.5%",
        "20%",
        False,
    )
    assert (rows["API_TIMEOUT_S"].value, rows["API_TIMEOUT_S"].is_default) == ("30", True)
    assert (rows["DEBUG"].value, rows["NODE_ENV"].value) == ("false", "development")


def test_secrets_for_the_log() -> None:
    """Every secret is handed to the log, which hides it."""
    settings = load_settings(x_apig_appcode="code", db_pass="word")
    assert settings.secrets() == ("word", "code")


def test_secrets_within_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What addresses and cookies carry, and what the environment has for libraries and for `etl serve`."""
    for name in ("SERVE_APPCODE", "PGPASSWORD", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, f"the {name}")
    settings = load_settings(
        database_url="postgres://cms:p%40ss@h/c",
        external_api_url="https://h/t?lang=th&token=t0ken1",
        external_api_cookies="sid=ab12cd34; lang=th",
    )
    assert settings.secrets() == (
        "postgres://cms:p%40ss@h/c",
        "sid=ab12cd34; lang=th",
        "t0ken1",
        "ab12cd34",
        "p%40ss",
        "p@ss",
        "Y21zOnBAc3M=",
        "the SERVE_APPCODE",
        "the PGPASSWORD",
        "the AWS_SECRET_ACCESS_KEY",
        "the AWS_SESSION_TOKEN",
    )


def test_a_password_that_can_be_read_anyway_is_not_hidden() -> None:
    """Hidden wherever the database's name stands, it would be told; a bare host is not a secret either."""
    settings = load_settings(
        database_url="db.example",
        database_name="cms",
        database_user="cms",
        db_pass="cms",
        x_apig_appcode="code",
    )
    assert settings.secrets() == ("code", "Y21zOmNtcw==")


def test_env_example_documents_every_setting() -> None:
    """env.example has each setting once, in the model's order, under its meaning, with its default."""
    text = (ROOT / "env.example").read_text(encoding="utf-8")
    found = re.findall(r"^# (.+)\n#?([A-Z_]+)=(.*)$", text, re.MULTILINE)
    expected = [(row.meaning, row.name, row.default) for row in load_settings().describe()]
    assert found == expected


def test_env_example_can_be_copied() -> None:
    """As a .env it sets nothing but what is filled in."""
    env_file((ROOT / "env.example").read_text(encoding="utf-8"))
    assert all(row.is_default for row in load_settings().describe())


def test_readme_table_says_what_the_model_says() -> None:
    """Where the README has rows for settings, they are the model's, all of them, in its order."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").split("\n")
    settings = load_settings().describe()
    starts = tuple(f"| `{row.name}` |" for row in settings)
    assert [line for line in lines if line.startswith(starts)] in (
        [],
        [row.as_markdown() for row in settings],
    )


def test_markdown_row() -> None:
    """A row for the README: name, default, meaning."""
    rows = {row.name: row.as_markdown() for row in load_settings().describe()}
    assert rows["SNAPSHOT_KEEP"] == "| `SNAPSHOT_KEEP` | `48` | snapshots kept; 0 keeps all |"
    assert rows["ETL_ENV"] == "| `ETL_ENV` |  | comes before NODE_ENV |"


def test_settings_are_not_read_at_import() -> None:
    """Importing the module reads nothing: a wrong environment fails at `load_settings` only."""
    result = subprocess.run(
        [sys.executable, "-c", "import etl.config.settings"],
        env={**os.environ, "SYNC_BATCH_SIZE": "ten"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
