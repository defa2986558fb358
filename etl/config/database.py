"""Read DATABASE_URL as people write it, and give libpq an address that it accepts.

Two traps are dealt with: parameters of other tools, which libpq refuses (`?schema=public`), and passwords
with characters that should have been percent-encoded. No message here holds a password: libpq's own message
about a malformed address would.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, unquote_to_bytes

from pydantic import SecretStr

from etl.config import libpq
from etl.errors import ConfigError

FORMS = (
    "postgresql://user:password@host:5432/database, a host name (with DATABASE_NAME, DATABASE_USER and "
    "DB_PASS), or embedded:///folder for the embedded Postgres"
)
_ESCAPE_ADVICE = (
    "write postgresql://user:password@host:5432/database, with special characters of the password "
    "percent-encoded (@ is %40, : is %3A, / is %2F, ? is %3F, # is %23, % is %25)."
)
_HOST = r"(?:\[[0-9A-Fa-f:.]+\]|%2[Ff][^/?#@:,\s]*|[A-Za-z0-9._-]+)?(?::[0-9]*)?"
_PAIR = r"[A-Za-z_]+=[^&#]*"
_AFTER_USER = re.compile(
    rf"(?P<hosts>{_HOST}(?:,{_HOST})*)(?:/(?P<dbname>[^/?#@]*))?(?:\?(?P<query>(?:{_PAIR}(?:&{_PAIR})*)?&?))?"
)
_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):(?://)?(?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True)
class Database:
    """A database to connect to.

    Attributes:
        dsn: URI for libpq; empty where `embedded` is set, since that server's address is known once it runs.
        shown: Host, database and user for messages; never a password.
        embedded: Folder of the embedded Postgres; None for any other server.
        notes: What was left out of DATABASE_URL or translated, one sentence each.
        is_proved: The server is of this machine, or has to prove by its certificate that it is the right one.
    """

    dsn: SecretStr
    shown: str
    embedded: Path | None = None
    notes: tuple[str, ...] = ()
    is_proved: bool = True


@dataclass(frozen=True)
class HostParts:
    """The settings beside a DATABASE_URL that is a bare host; each as found, None where unset."""

    port: str | None = None
    name: str | None = None
    user: str | None = None
    password: SecretStr | None = None
    ssl_mode: str | None = None


@dataclass(frozen=True)
class _Address:
    """A whole address in parts: user, password and database percent-encoded, parameters decoded."""

    hosts: str
    user: str
    password: str
    dbname: str
    parameters: dict[str, str]


def read_database_url(text: str, parts: HostParts | None = None) -> Database:
    """Make a `Database` of DATABASE_URL in any of its forms.

    It is a postgres:// or postgresql:// address, embedded:///folder, or a bare host, which needs the other parts.

    Raises:
        ConfigError: The text can't be read without guessing, or is a bare host without its parts (all are named).
    """
    text, parts = text.strip(), parts or HostParts()
    scheme, rest = _scheme_of(text)
    if scheme == "embedded":
        return _embedded(rest)
    if scheme is None:
        return _database(_bare_host(text, parts))
    if scheme not in ("postgres", "postgresql"):
        raise ConfigError(f"DATABASE_URL begins with '{scheme}:'; allowed: {FORMS}.")
    return _database(_whole_address(rest), _unused_parts(parts))


def proof_notes(database: Database, *, is_production: bool) -> Iterator[str]:
    """Yield a warning where the server need not prove who it is, in production."""
    if is_production and not database.is_proved:
        yield (
            "DATABASE_URL does not verify the server's certificate, so another server could take its place and get the "
            "password and the rows. Use sslmode=verify-full (with sslrootcert=, the authority's file) in production."
        )


def _scheme_of(text: str) -> tuple[str | None, str]:
    """Return the scheme and what follows it; (None, text) for a bare host, which may end in `:5432`."""
    match = _SCHEME.fullmatch(text)
    if match and ("://" in text or match["scheme"].lower() == "embedded"):
        return match["scheme"].lower(), match["rest"]
    return None, text


def _embedded(folder: str) -> Database:
    if not folder.strip("/"):
        raise ConfigError("DATABASE_URL names no folder for the embedded Postgres; write embedded:///folder.")
    path = Path(unquote(folder)).expanduser()
    return Database(SecretStr(""), f"embedded Postgres in {path}", embedded=path)


def _unused_parts(parts: HostParts) -> list[str]:
    names = ("DATABASE_PORT", "DATABASE_NAME", "DATABASE_USER", "DB_PASS", "DATABASE_SSL_MODE")
    values = (parts.port, parts.name, parts.user, parts.password, parts.ssl_mode)
    unused = [name for name, value in zip(names, values, strict=True) if value is not None]
    return [f"Not used, since DATABASE_URL is a whole address: {', '.join(unused)}."] if unused else []


def _bare_host(text: str, parts: HostParts) -> _Address:
    host, port, wrong = _host_and_port(text, parts.port)
    if not parts.name:
        wrong.append("DATABASE_NAME is not set; a bare host in DATABASE_URL needs it.")
    if not parts.user:
        wrong.append("DATABASE_USER is not set; a bare host in DATABASE_URL needs it.")
    if parts.ssl_mode and parts.ssl_mode.lower() not in (*libpq.SSL_MODES, "no-verify"):
        allowed = ", ".join((*libpq.SSL_MODES, "no-verify"))
        wrong.append(f"DATABASE_SSL_MODE is '{parts.ssl_mode}'; allowed: {allowed}.")
    if wrong:
        raise ConfigError("\n".join(wrong))
    password = parts.password.get_secret_value() if parts.password else ""
    parameters = {"sslmode": parts.ssl_mode.lower()} if parts.ssl_mode else {}
    return _Address(
        f"{host}:{port}", _quote(parts.user or ""), _quote(password), _quote(parts.name or ""), parameters
    )


def _host_and_port(text: str, port: str | None) -> tuple[str, str, list[str]]:
    """Return host and port, and what is wrong with them; a port in the host itself comes first."""
    if text.startswith("/"):
        host, own_port = _quote(text), None
    elif text.count(":") > 1 and not text.startswith("["):
        host, own_port = f"[{text}]", None
    else:
        host, own_port = re.sub(r":[0-9]+$", "", text), (re.search(r":([0-9]+)$", text) or [None, None])[1]
    if not host or not re.fullmatch(_HOST, host):
        return host, "", [f"DATABASE_URL is neither a whole address nor a host name; allowed: {FORMS}."]
    chosen = own_port or port or "5432"
    if not _is_port(chosen):
        return host, "", [f"DATABASE_PORT is '{chosen}'; allowed: a whole number from 1 to 65535."]
    return host, chosen, []


def _is_port(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{1,5}", text)) and 1 <= int(text) <= 65535


def _whole_address(rest: str) -> _Address:
    userinfo, match = _split_at_user(rest)
    if any(not _is_port(port) for port in re.findall(r":([0-9]+)(?:,|$)", match["hosts"])):
        raise ConfigError("DATABASE_URL has a port that is not a whole number from 1 to 65535.")
    user, _, password = userinfo.partition(":")
    values = {name: _bytes_of(value, f"parameter {name}") for name, value in _pairs(match["query"])}
    parameters = {name: value.decode("utf-8", "surrogateescape") for name, value in values.items()}
    return _Address(
        match["hosts"],
        _encoded(user, "user"),
        _encoded(password, "password"),
        _encoded(match["dbname"] or "", "database name"),
        parameters,
    )


def _pairs(query: str | None) -> Iterator[tuple[str, str]]:
    for pair in (query or "").split("&"):
        if pair:
            name, _, value = pair.partition("=")
            yield name, value


def _split_at_user(rest: str) -> tuple[str, re.Match[str]]:
    """Split into user:password and the match of what follows the `@` that ends it.

    A password may hold `@`, `/`, `?` and `#` unescaped: each `@` is tried, and the first after which a host,
    a database and parameters follow is the one. Two such readings, the first with a parameter that nobody
    knows, are ambiguous.
    """
    splits = [("", rest)] + [(rest[: at.start()], rest[at.end() :]) for at in re.finditer("@", rest)]
    readings = [(user, match) for user, after in splits if (match := _AFTER_USER.fullmatch(after))]
    if not readings:
        raise ConfigError(f"DATABASE_URL can't be read; {_ESCAPE_ADVICE}")
    names = {name for name, _ in _pairs(readings[0][1]["query"])}
    if len(readings) > 1 and not names <= libpq.LIBPQ_PARAMETERS | libpq.OTHER_TOOLS:
        raise ConfigError(f"DATABASE_URL can be read in more than one way; {_ESCAPE_ADVICE}")
    return readings[0]


def _encoded(text: str, what: str) -> str:
    return quote(_bytes_of(text, what), safe="")


def _bytes_of(text: str, what: str) -> bytes:
    """Decode percent-encoding; text in which no `%` begins one is taken as it stands.

    Raises:
        ConfigError: Some `%` begin an encoded character and others don't; or a NUL, which libpq can't hold.
    """
    encoded = len(re.findall(r"%[0-9A-Fa-f]{2}", text))
    if 0 < encoded < text.count("%"):
        raise ConfigError(f"The {what} in DATABASE_URL is percent-encoded in part only; {_ESCAPE_ADVICE}")
    plain = unquote_to_bytes(text) if encoded else text.encode("utf-8", "surrogateescape")
    if b"\0" in plain:
        raise ConfigError(f"The {what} in DATABASE_URL holds a NUL character (%00).")
    return plain


def _quote(text: str) -> str:
    return quote(text.encode("utf-8", "surrogateescape"), safe="")


def _database(address: _Address, notes: list[str] | None = None) -> Database:
    parameters, parameter_notes = libpq.translate_parameters(address.parameters)
    query = "&".join(f"{name}={_quote(value)}" for name, value in (libpq.DEFAULTS | parameters).items())
    login = f"{address.user}:{address.password}" if address.password else address.user
    at = "@" if login else ""
    dsn = f"postgresql://{login}{at}{address.hosts}/{address.dbname}?{query}"
    hosts = parameters.get("hostaddr") or parameters.get("host") or unquote(address.hosts)
    return Database(
        SecretStr(dsn),
        _shown(address),
        notes=(*(notes or ()), *parameter_notes),
        is_proved=libpq.is_of_this_machine(hosts) or libpq.is_verified(parameters),
    )


def _shown(address: _Address) -> str:
    hosts = address.parameters.get("host") or unquote(address.hosts) or "local socket"
    dbname = address.parameters.get("dbname") or unquote(address.dbname)
    user = address.parameters.get("user") or unquote(address.user)
    return hosts + (f"/{dbname}" if dbname else "") + (f" as {user}" if user else "")
