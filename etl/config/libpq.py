"""The parameters of a Postgres address: which of them libpq takes, and what becomes of other tools' ones."""

import re
from collections.abc import Iterator
from ipaddress import ip_address

from etl.errors import ConfigError

SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")

DEFAULTS = {
    "connect_timeout": "10",
    "application_name": "iconsiam-etl",
    "keepalives": "1",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
}
"""What an address gets where it says nothing itself. Times are in seconds."""

# client_encoding, replication and service are left out on purpose: each of them breaks a bulk load.
_LIBPQ = """
    host hostaddr port dbname user password passfile require_auth channel_binding connect_timeout options
    application_name fallback_application_name keepalives keepalives_idle keepalives_interval
    keepalives_count tcp_user_timeout gssencmode krbsrvname gsslib gssdelegation sslmode sslnegotiation
    sslcompression sslcert sslkey sslpassword sslcertmode sslrootcert sslcrl sslcrldir sslsni requirepeer
    ssl_min_protocol_version ssl_max_protocol_version target_session_attrs load_balance_hosts
"""
_OTHERS = """
    schema ssl sslaccept sslidentity uselibpqcompat connection_limit pool_timeout socket_timeout pgbouncer
    statement_cache_size max_connections pool_size pool_max_conns client_encoding replication service
"""
LIBPQ_PARAMETERS = frozenset(_LIBPQ.split())
OTHER_TOOLS = frozenset(_OTHERS.split())


def translate_parameters(given: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the parameters that libpq takes, and a note for each that was left out or translated.

    Raises:
        ConfigError: `sslmode` or `schema` has a value that can't be used.
    """
    parameters = {name: value for name, value in given.items() if name in LIBPQ_PARAMETERS and value}
    notes = [
        *_translate_ssl(given, parameters),
        *_translate_certificate(given, parameters),
        *_translate_schema(given, parameters),
    ]
    if given.get("pgbouncer", "").lower() == "true":
        notes.append(
            "pgbouncer=true was left out: the job needs a session of its own (lock, temporary tables); "
            "use the server's own address, not one that pools transactions."
        )
    noted = {"schema", "ssl", "sslaccept", "pgbouncer"}
    dropped = [name for name in given if name not in LIBPQ_PARAMETERS and name not in noted]
    if dropped:
        notes.append(
            f"Left out of DATABASE_URL, since libpq does not know or take them: {', '.join(dropped)}."
        )
    return parameters, notes


def is_verified(parameters: dict[str, str]) -> bool:
    """Tell whether libpq, given these parameters, connects to no server whose certificate it can't verify.

    Of `require` beside a file of authorities libpq makes `verify-ca`; `system` goes with `verify-full` alone.
    """
    mode, authorities = parameters.get("sslmode"), parameters.get("sslrootcert")
    if authorities == "system" and mode is None:
        return True
    return mode in ("verify-ca", "verify-full") or (mode == "require" and authorities is not None)


def is_of_this_machine(hosts: str) -> bool:
    """Tell whether all hosts of a list (`a:5432,[::1]`) are sockets or addresses of this machine itself."""
    return all(
        _is_local(re.sub(r":[0-9]*$", "", host) if "]" in host or host.count(":") < 2 else host)
        for host in hosts.split(",")
    )


def _is_local(host: str) -> bool:
    is_socket = not host or host[0] in "/@"
    return is_socket or host.lower().rstrip(".") == "localhost" or is_loopback_address(host.strip("[]"))


def is_loopback_address(host: str) -> bool:
    """Tell whether a host is an address of 127.0.0.0/8, or ::1; a name is none."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _translate_ssl(given: dict[str, str], parameters: dict[str, str]) -> Iterator[str]:
    """Bring `ssl`, `sslaccept` and `sslmode` into `sslmode`; an `sslmode` in the address comes first."""
    mode = parameters.get("sslmode", "").lower()
    switch = given.get("ssl", "").lower()
    if switch and not mode:
        mode = {"false": "disable", "0": "disable"}.get(switch, "require")
        yield f"ssl={switch} became sslmode={mode}."
    elif switch:
        yield f"ssl={switch} was left out, since sslmode says it."
    if mode == "no-verify":
        mode = "require"
        yield "sslmode=no-verify became sslmode=require, which does not verify the certificate either."
    if "sslaccept" in given:
        mode, note = _accept(given["sslaccept"].lower(), mode)
        yield note
    if mode and mode not in SSL_MODES:
        raise ConfigError(f"DATABASE_URL has sslmode={mode}; allowed: {', '.join(SSL_MODES)}, no-verify.")
    if mode:
        parameters["sslmode"] = mode


def _accept(accept: str, mode: str) -> tuple[str, str]:
    if accept != "strict":
        return mode, f"sslaccept={accept} was left out; sslmode says whether certificates are verified."
    note = "sslaccept=strict became sslmode=verify-full; sslrootcert names the authority's file."
    return "verify-full", note


def _translate_certificate(given: dict[str, str], parameters: dict[str, str]) -> Iterator[str]:
    """Tell Prisma's `sslcert` (the authority's) from libpq's (the client's own, beside its `sslkey`)."""
    if "sslaccept" in given and "sslcert" in parameters and "sslkey" not in parameters:
        parameters["sslrootcert"] = parameters.pop("sslcert")
        yield "sslcert became sslrootcert, since it stands beside sslaccept and without an sslkey."


def _translate_schema(given: dict[str, str], parameters: dict[str, str]) -> Iterator[str]:
    schema = given.get("schema", "")
    if not re.fullmatch(r"[A-Za-z0-9_$-]*", schema):
        raise ConfigError(
            "DATABASE_URL has a schema= that is not a plain name; allowed: letters, digits, _, $ and -."
        )
    if schema in ("", "public"):
        if "schema" in given:
            yield f"schema={schema} was left out; it is the default."
        return
    option = f'-c search_path="{schema}"'
    parameters["options"] = f"{parameters['options']} {option}" if "options" in parameters else option
    yield f"schema={schema} became the search path of the connection."
