"""What a session rests on: its settings, the server's process behind it, and the schema of the CMS's tables."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from etl.errors import ConfigError

REQUIRED: dict[str, str] = {
    "client_encoding": "UTF8",
    "row_security": "off",
    "TimeZone": "UTC",
    "DateStyle": "ISO, MDY",
    "IntervalStyle": "postgres",
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
    "array_nulls": "on",
    "transform_null_equals": "off",
    "quote_all_identifiers": "off",
    "exit_on_error": "off",
    "default_transaction_isolation": "read committed",
    "default_transaction_deferrable": "off",
    "session_replication_role": "origin",
    "idle_in_transaction_session_timeout": "0",
}
"""What each of these settings must be once sql/check/set_session.sql has run; else the run is refused."""

_START: dict[str, str] = {
    "search_path": "pg_catalog%2Cpg_temp",
    "quote_all_identifiers": "off",  # the driver knows a type by the unquoted names of its functions
    "statement_timeout": "0",
}
"""What holds from the start, percent-encoded: the driver asks for types before any setting can be made."""

_QUOTED_START = "%20".join(f"-c%20{name}%3D{value}" for name, value in _START.items())
_NAMELESS = ('"$user", public', "pg_catalog, pg_temp", "pg_catalog,pg_temp")
_NO_OPTIONS = re.compile(
    r"unsupported startup parameter.*options|support command-line options", re.IGNORECASE
)


@dataclass(frozen=True)
class Session:
    """A session of the job.

    Attributes:
        pid: The server's process.
        started: When that started, as text, exact.
        cms_schema: The schema of the CMS's tables; '' where there is none, or several may be it.
        cms_schemas: All that may be it.
        home: That schema, or the one where a CMS would be made.
        is_shared: Other roles than the owners may create there; then it is not on the search path.
        may_use_cms: The role may use that schema.
        may_make_temporary: The role may make temporary tables.
        encoding: The database's.
        version: The server's, as text.
        version_number: As a number, e.g. 150018.
        is_read_only: The server is a replica, or its transactions are read only by default.
        username: The role.
    """

    pid: int
    started: str
    cms_schema: str
    cms_schemas: tuple[str, ...]
    home: str
    is_shared: bool
    may_use_cms: bool
    may_make_temporary: bool
    encoding: str
    version: str
    version_number: int
    is_read_only: bool
    username: str


def read_session(row: Mapping[str, Any], named: str, shown: str) -> Session:
    """Return the session of the row that sql/check/set_session.sql gives.

    Args:
        row: By column.
        named: The schemas that the address names, joined by commas.
        shown: What messages call the database.

    Raises:
        ConfigError: a setting is not what the job rests on.
    """
    wrong = {name: row[name] for name, value in REQUIRED.items() if row[name] != value}
    if wrong:
        told = ", ".join(f"{name} is {value}, not {REQUIRED[name]}" for name, value in wrong.items())
        raise ConfigError(
            f"{shown} does not let the session have its settings: {told}. Ask the server's administrator why "
            "(ALTER ROLE or ALTER DATABASE … SET, or a pooler in between)."
        )
    return Session(
        pid=row["pid"],
        started=row["started"],
        cms_schema=row["cms_schema"],
        cms_schemas=tuple(filter(None, row["cms_schemas"].split("\n"))),
        home=row["cms_schema"] or named.split(",", maxsplit=1)[0] or "public",
        is_shared=row["is_shared"],
        may_use_cms=row["may_use_cms"],
        may_make_temporary=row["may_make_temporary"],
        encoding=row["server_encoding"],
        version=row["version"],
        version_number=row["version_number"],
        is_read_only=row["is_read_only"],
        username=row["username"],
    )


def with_own_path(dsn: str) -> str:
    """Return a libpq URI whose session starts on the search path of the server's own names.

    Else an operator of somebody's in `public` could answer the driver. An address that names a search path keeps it,
    and so does one that is no URI.
    """
    if not re.match(r"postgres(ql)?://", dsn) or "search_path" in dsn:
        return dsn
    given = re.search(r"[?&]options=([^&]*)", dsn)
    if given:
        return f"{dsn[: given.end()]}%20{_QUOTED_START}{dsn[given.end() :]}"
    return f"{dsn}{'&' if '?' in dsn else '?'}options={_QUOTED_START}"


def has_own_path(dsn: str) -> bool:
    """Tell whether a session at this address starts on that search path."""
    return _QUOTED_START in dsn


def named_schemas(path: str) -> str:
    """Return the schemas that a search path names, joined by commas, also those that the role may not use.

    The server's default names none, nor does the job's own.
    """
    if path in _NAMELESS:
        return ""
    parts = (part.strip() for part in path.split(","))
    names = (part[1:-1] if part.startswith('"') else part.lower() for part in parts)
    return ",".join(name for name in names if name and name not in {"$user", "pg_catalog", "pg_temp"})


def pooled(shown: str) -> ConfigError:
    """Return the error of a connection whose statements go to different processes of the server."""
    return ConfigError(
        f"{shown} is behind a pooler that lends a process of the server for one transaction only (PgBouncer with "
        "pool_mode=transaction, Supavisor's port 6543). The job's lock, settings and temporary tables need a session of "
        "their own: let DATABASE_URL name the server itself, or a pool in session mode. Nothing was written."
    )


def is_against_options(said: str) -> bool:
    """Tell whether a pooler refused the connection because its address has `options`, as PgBouncer and RDS Proxy do."""
    return bool(_NO_OPTIONS.search(said))
