"""`etl check`: try everything that a sync needs, and write nothing."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

from etl.config.api import Api
from etl.config.settings import Settings
from etl.db.catalogue import columns_of, lacking
from etl.db.connect import connect
from etl.db.connection import Postgres
from etl.engines.base import describe_cluster, require_staging_right
from etl.errors import ConfigError, ContractError, EtlError
from etl.extract.source import folder_of, open_client
from etl.load import schema
from etl.load.requirements import Requirements, Section, examine
from etl.load.site import describe_site, required_by_site
from etl.model.options import EngineName
from etl.model.results import Check
from etl.runs.cms_log import SCREEN_RIGHTS
from etl.runtime.redact import scrubber
from etl.snapshot import list_snapshots


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
        *_notices(settings),
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


def _notices(settings: Settings) -> Iterator[Check]:
    """Say who is told of runs; nothing is sent."""
    receiver = settings.receiver()
    if receiver is None:
        return
    yield from (Check("notices", "warning", note) for note in receiver.notes)
    signed = "signed" if receiver.key else "not signed"
    message = f"go to {receiver.shown} as {receiver.form}, {signed}; tried by the first run that has news"
    yield Check("notices", "ok", message)


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
        try:
            found = examine(db, "check")
        except EtlError as error:
            yield Check("database", "failed", str(error), error.exit_code)
            return
        yield _try("database", lambda: _server(db, found))
        yield from _site(db, found, settings.cms_open_s)
        yield from _shared(db)
        yield _try("CMS tables", lambda: _cms(db, found))
        yield _try("rights", lambda: _rights(found))
        yield from _screen_rights(found)
        yield _try("job's tables", lambda: _own_tables(db))
        if engine == "ray":
            yield _try("staging", lambda: _staging(db))


def _server(db: Postgres, found: Requirements) -> str:
    _raise_first(found, "database", ConfigError)
    return f"{db.shown}: Postgres {db.session.version}, as {db.session.username}"


def _cms(db: Postgres, found: Requirements) -> str:
    _raise_first(found, "CMS tables", ContractError)
    if found.of("rights"):
        return "complete; not read, as the role may not"
    floors, categories = schema.read_reference(db)
    columns = columns_of(found.catalogue)
    skip = [kind for kind in ("shops", "dinings") if "skip_sync" in columns[kind]]
    place = "" if db.session.cms_schema == "public" else f", in schema {db.session.cms_schema}"
    return (
        f"complete{place}; {floors.height} floors, {categories.height} categories; "
        f"skip_sync {'in ' + ' and '.join(skip) if skip else 'not there: no row is skipped'}"
    )


def _site(db: Postgres, found: Requirements, open_s: int) -> Iterator[Check]:
    """Say what the CMS is, and warn of what it asks of each record."""
    if found.unmet:
        return
    yield _try("CMS", lambda: describe_site(db, found.catalogue, open_s))
    if required := list(required_by_site(found.catalogue)):
        yield Check(
            "CMS fields",
            "warning",
            f"Required in the CMS: {', '.join(required)}. A record that has nothing there is not loaded, and each run "
            "says so (rejected_by_database).",
        )


def _shared(db: Postgres) -> list[Check]:
    """Warn of a schema in which others may create things, which a run then keeps off its search path."""
    if not db.session.is_shared:
        return []
    place = db.session.cms_schema
    return [
        Check(
            "CMS tables",
            "warning",
            f"Roles beside the owner may create tables, functions and operators in schema {place}. The job calls none of "
            f"them, but triggers of the CMS may. REVOKE CREATE ON SCHEMA {place} FROM PUBLIC ends it.",
        )
    ]


def _rights(found: Requirements) -> str:
    _raise_first(found, "rights", ConfigError)
    return "all that a sync needs"


def _raise_first(found: Requirements, section: Section, error: type[EtlError]) -> None:
    """Fail a check with all that is in its way."""
    if messages := found.of(section):
        raise error("\n".join(messages))


def _screen_rights(found: Requirements) -> list[Check]:
    """Warn of rights on the CMS's own screen of runs; a run does without, and warns each time."""
    if missing := lacking(found.catalogue, SCREEN_RIGHTS):
        return [
            Check(
                "CMS screen",
                "warning",
                f"The CMS's screen of runs can't be written: {', '.join(missing)} is missing.",
            )
        ]
    return []


def _own_tables(db: Postgres) -> str:
    schema.require_made(db)
    return f"of this build (schema {schema.schema_fingerprint()})"


def _staging(db: Postgres) -> str:
    require_staging_right(db)
    return "the role may make tables in schema etl"
