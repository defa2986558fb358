"""`etl check`: try everything that a sync needs, and write nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

from etl.config.api import Api
from etl.config.settings import Settings
from etl.db.connect import connect
from etl.db.connection import Postgres
from etl.engines.base import describe_cluster, require_staging_right
from etl.errors import ConfigError, EtlError
from etl.extract.source import folder_of, open_client
from etl.load import schema
from etl.model.options import EngineName
from etl.model.results import Check
from etl.runs.cms_log import SCREEN_RIGHTS
from etl.runtime.redact import scrubber
from etl.snapshot import list_snapshots

OLDEST_POSTGRES = 130_000


def run_checks(
    load: Callable[[], Settings], engine: EngineName = "local", ray_address: str | None = None
) -> list[Check]:
    """Try settings, API, snapshot folder and database in turn; one failure does not hide the next.

    Settings that can't be loaded hide all the others, as these need them.

    Args:
        load: Loads the settings.
        engine: With ray, what its workers need is tried too.
        ray_address: Of the cluster; None starts one.
    """
    try:
        settings = load()
    except ConfigError as error:
        return [Check("settings", "failed", str(error), error.exit_code)]
    checks = [
        _settings(settings),
        *_api(settings),
        _try("snapshots", lambda: _snapshots(settings)),
        *_database(settings, engine),
    ]
    if engine == "ray":
        checks.append(_try("Ray", lambda: _cluster(settings, ray_address)))
    scrub = scrubber(settings.secrets())
    return [replace(check, message=scrub(check.message)) for check in checks]


def _try(name: str, attempt: Callable[[], str]) -> Check:
    try:
        return Check(name, "ok", attempt())
    except EtlError as error:
        return Check(name, "failed", str(error), error.exit_code)


def _settings(settings: Settings) -> Check:
    given = [setting for setting in settings.describe() if not setting.is_default]
    return Check(
        "settings", "ok", ", ".join(f"{item.name}={item.value}" for item in given) or "all as by default"
    )


def _api(settings: Settings) -> Iterator[Check]:
    try:
        sources = settings.sources()
    except ConfigError as error:
        yield Check("API", "failed", str(error), error.exit_code)
        return
    for source in sources:
        name = f"API {source.name}".strip()
        for note in source.api.notes:
            yield Check(name, "warning", note)
        yield _try(name, partial(_offer, source.api))


def _offer(api: Api) -> str:
    with open_client(api) as client:
        page = client.fetch(1, 1)
    return f"{api.shown}: {page.total_records:,} records on offer"


def _snapshots(settings: Settings) -> str:
    try:
        names = [source.name for source in settings.sources()]
    except ConfigError:  # told as that of the API
        names = [""]
    found = [len(list_snapshots(folder_of(settings.snapshot_dir, name))) for name in names]
    each = " of each source" if len(names) > 1 else ""
    return f"{settings.snapshot_dir}: {sum(found)} snapshots, at most {settings.snapshot_keep or 'all'} kept{each}"


def _cluster(settings: Settings, address: str | None) -> str:
    return describe_cluster(address, settings.ray_tasks)


def _database(settings: Settings, engine: EngineName) -> Iterator[Check]:
    with ExitStack() as stack:
        try:
            database = settings.database()
            yield from (Check("database", "warning", note) for note in database.notes)
            db = stack.enter_context(connect(database, limits_s=settings.session_limits_s))
        except EtlError as error:
            yield Check("database", "failed", str(error), error.exit_code)
            return
        yield _try("database", lambda: _server(db))
        yield _try("CMS tables", lambda: _cms(db))
        yield _try("rights", lambda: _rights(db))
        yield from _screen_rights(db)
        yield _try("job's tables", lambda: _own_tables(db))
        if engine == "ray":
            yield _try("staging", lambda: _staging(db))


def _server(db: Postgres) -> str:
    server = db.read("check/server").row(0, named=True)
    if server["version_number"] < OLDEST_POSTGRES:
        raise ConfigError(f"Postgres {server['version']} is too old: 13 or later is needed.")
    if server["encoding"] != "UTF8":
        raise ConfigError(f"The database's encoding is {server['encoding']}; UTF8 is needed.")
    if server["in_recovery"] or server["read_only"] == "on":
        raise ConfigError(f"{db.shown} is read-only (a replica?). Point DATABASE_URL at the primary.")
    return f"{db.shown}: Postgres {server['version']}, as {server['username']}"


def _cms(db: Postgres) -> str:
    columns = schema.require_cms(db)
    floors, categories = schema.read_reference(db)
    skip = [kind for kind in ("shops", "dinings") if "skip_sync" in columns[kind]]
    return (
        f"complete; {floors.height} floors, {categories.height} categories; "
        f"skip_sync {'in ' + ' and '.join(skip) if skip else 'not there: no row is skipped'}"
    )


_OWN_RIGHTS: dict[str, tuple[str, ...]] = {
    "etl.migrations": ("SELECT",),
    "etl.sync_logs": ("SELECT", "INSERT", "UPDATE", "DELETE"),
    "etl.sync_issues": ("SELECT", "INSERT", "DELETE"),
    "etl.sync_changes": ("SELECT", "INSERT", "DELETE"),
    "etl.sync_sources": ("SELECT", "INSERT"),
    "etl.sources": ("SELECT", "INSERT", "UPDATE"),
    "etl.tenants_base": ("SELECT", "INSERT", "UPDATE"),
}


def _rights(db: Postgres) -> str:
    wanted = {
        **dict.fromkeys(schema.CMS_READ, ("SELECT",)),
        **dict.fromkeys(schema.cms_written(), ("SELECT", "INSERT", "UPDATE", "DELETE")),
        **_OWN_RIGHTS,
    }
    lacking = _lacking(db, wanted)
    if not db.value("check/temporary"):
        lacking.append("TEMPORARY on the database")
    if lacking:
        raise ConfigError(
            f"The role does not have {len(lacking)} rights: {', '.join(lacking[:3])}{', …' if len(lacking) > 3 else ''}. "
            "Let the tables' owner GRANT them; sql/roles.sql makes a role that has all."
        )
    return "all that a sync needs"


def _screen_rights(db: Postgres) -> list[Check]:
    """Warn of rights on the CMS's own screen of runs; a run does without, and warns each time."""
    if lacking := _lacking(db, SCREEN_RIGHTS):
        return [
            Check(
                "CMS screen",
                "warning",
                f"The CMS's screen of runs can't be written: {', '.join(lacking)} is missing.",
            )
        ]
    return []


def _lacking(db: Postgres, wanted: Mapping[str, Sequence[str]]) -> list[str]:
    pairs = ",".join(f"{table}:{right}" for table, rights in wanted.items() for right in rights)
    return [f"{right} on {name}" for name, right in db.read("check/privileges", pairs).iter_rows()]


def _own_tables(db: Postgres) -> str:
    pending = schema.pending_migrations(db)
    if pending:
        raise ConfigError(f"{len(pending)} migrations are missing. Run `etl init` once.")
    return f"current ({len(schema.migration_names())} migrations)"


def _staging(db: Postgres) -> str:
    require_staging_right(db)
    return "the role may make tables in schema etl"
