"""How the text of a setting is read; what is not allowed raises a ValueError that says what is."""

import re
import zoneinfo
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator, SecretStr

from etl.runtime.redact import holds_key

LEVELS = {
    **dict.fromkeys(("trace", "verbose", "http", "silly"), "debug"),
    **dict.fromkeys(("fatal", "critical", "silent"), "error"),
    "warn": "warning",
}
"""Other loggers' names of levels."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def parse_share(text: object) -> float:
    """Return the share that `20%` or `0.2` says, from 0 to 1.

    Raises:
        ValueError: Anything else. A bare `1` is refused, since it may mean 1% or all.
    """
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?(%?)", str(text).strip())
    is_clear = match and (match[2] or "." in match[1] or match[1] == "0")
    share = float(match[1]) / (100 if match[2] else 1) if match and is_clear else -1
    if not 0 <= share <= 1:
        raise ValueError("a share from 0% to 100%, as '20%' or '0.2'")
    return share


def whole(low: int, high: int | None = None) -> BeforeValidator:
    """Read a whole number within these bounds, both allowed."""
    allowed = f"a whole number from {low} to {high}" if high else f"a whole number of {low} or more"

    def read(value: object) -> int:
        text = str(value).strip()
        # ASCII digits only: int() also takes '1_000' and Thai digits
        if not re.fullmatch(r"[0-9]{1,12}", text) or int(text) < low or int(text) > (high or int(text)):
            raise ValueError(allowed)
        return int(text)

    return BeforeValidator(read)


def above_zero(high: float) -> BeforeValidator:
    """Read a number above zero, up to `high`."""

    def read(value: object) -> float:
        text = str(value).strip()
        if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]+)?", text) or not 0 < float(text) <= high:
            raise ValueError(f"a number above 0, up to {high:g}")
        return float(text)

    return BeforeValidator(read)


def choice(*allowed: str, aliases: dict[str, str] | None = None) -> BeforeValidator:
    """Read one of these words, in any case, or an alias of one."""

    def read(value: object) -> str:
        text = str(value).strip().lower()
        chosen = (aliases or {}).get(text, text)
        if chosen not in allowed:
            raise ValueError(", ".join(allowed))
        return chosen

    return BeforeValidator(read)


def _read_debug(value: object) -> bool:
    # Node's world has DEBUG=payload:*; that is not an error, and not for us
    return str(value).strip().lower() in ("true", "1", "yes", "on")


def _read_folder(value: object) -> str:
    text = str(value).strip()
    if holds_key(text):
        raise ValueError(
            "a folder, or s3://bucket/prefix without a key: that goes in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
    if ("://" in text and not re.fullmatch(r"s3://[^/\s]+(/.*)?", text)) or _CONTROL.search(text):
        raise ValueError("a folder, or s3://bucket/prefix")
    return text


def read_header(value: object) -> SecretStr:
    """Return the value of an HTTP header.

    Raises:
        ValueError: It can't be sent.
    """
    text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    if not re.fullmatch(r"[\t\x20-\x7e]*", text.strip()):
        raise ValueError("printable ASCII on one line, as an HTTP header takes it")
    return SecretStr(text.strip())


def read_job(value: object) -> str:
    """Return the name of a job as CloudWatch takes the value of a dimension.

    Raises:
        ValueError: It is none.
    """
    text = str(value).strip()
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}", text):
        raise ValueError("up to 100 of A-Z a-z 0-9 . _ / -, the first a letter or digit")
    return text


def unquoted(text: str) -> str:
    """Drop a pair of quotes around an address: `docker run --env-file` hands them over as they stand."""
    text = text.strip()
    return text[1:-1].strip() if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'`" else text


def _read_panel(value: object) -> str:
    """Return the address of Payload's panel; bare hosts get `/admin`, the default of its `routes.admin`."""
    url = unquoted(str(value))
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or set(url) & set("?#@\\") or not re.fullmatch(r"[\x21-\x7e]+", url):
        raise ValueError(
            "the http(s) address of the CMS's panel, without user, password or query, as https://cms.example.com/admin"
        )
    path, is_page, _ = f"{parts.path.rstrip('/')}/".partition("/collections/")
    place = f"{parts.scheme}://{parts.netloc}"
    return place + (path.rstrip("/") if is_page or parts.path.strip("/") else "/admin")


def _read_timezone(value: object) -> str:
    text = str(value).strip()
    try:
        zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):  # a path, a folder
        raise ValueError("the name of a time zone, as Asia/Bangkok") from None
    return text


Text = Annotated[str, BeforeValidator(lambda value: str(value).strip())]
Header = Annotated[SecretStr, BeforeValidator(read_header)]
Folder = Annotated[str, BeforeValidator(_read_folder)]
Timezone = Annotated[str, BeforeValidator(_read_timezone)]
Panel = Annotated[str, BeforeValidator(_read_panel)]
Job = Annotated[str, BeforeValidator(read_job)]
Share = Annotated[float, BeforeValidator(parse_share)]
Switch = Annotated[bool, BeforeValidator(_read_debug)]
Level = Annotated[str, choice("debug", "info", "warning", "error", aliases=LEVELS)]
Format = Annotated[str, choice("auto", "json", "console")]
