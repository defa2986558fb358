"""Who is told of runs, and the checks of NOTIFY_URL and NOTIFY_SECRET."""

import re
from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import BeforeValidator, SecretStr

from etl.config.api import is_http_url, is_loopback
from etl.config.types import choice, unquoted
from etl.runtime.redact import public_place

WHSEC = "whsec_"
"""What a secret of Standard Webhooks begins with; it may be left out."""

_SIZES = range(24, 65)
"""How many bytes such a secret may have."""

NoticeForm = Literal["json", "slack"]


@dataclass(frozen=True)
class Receiver:
    """Who is told of runs.

    Attributes:
        url: Its address; a token may be a part of it.
        shown: Scheme and host, for logs.
        form: json as docs/notify.md has it, or the words of it for a channel of Slack.
        key: What notices are signed with; None: they are not signed.
        notes: What a person should know of it.
    """

    url: str = field(repr=False)
    shown: str
    form: NoticeForm
    key: bytes | None = field(repr=False)
    notes: tuple[str, ...] = ()


def receiver_of(url: SecretStr, secret: SecretStr | None, form: NoticeForm) -> Receiver:
    """Return the receiver that the three settings name, each of which is right by itself."""
    address = url.get_secret_value()
    key = None if secret is None else _key(secret.get_secret_value())
    notes = tuple(_notes(address, form, is_signed=key is not None))
    return Receiver(address, public_place(address), form, key, notes)


def _notes(url: str, form: NoticeForm, *, is_signed: bool) -> Iterator[str]:
    if url.lower().startswith("http:") and not is_loopback(url):
        yield "NOTIFY_URL is http:, so notices travel unencrypted. Use https: in production."
    if form == "json" and not is_signed:
        yield "Notices are not signed, so the receiver can't tell who sent them. Set NOTIFY_SECRET."


def _key(secret: str) -> bytes:
    """Return the bytes that a secret stands for, as the libraries of Standard Webhooks read it.

    Raises:
        ValueError: It is no base64.
    """
    text = secret.removeprefix(WHSEC)
    return b64decode(text + "=" * (-len(text) % 4), validate=True)


def _read_url(value: object) -> SecretStr:
    url = unquoted(value.get_secret_value() if isinstance(value, SecretStr) else str(value))
    if not is_http_url(url) or "#" in url or not re.fullmatch(r"[\x21-\x7e]+", url):
        raise ValueError("an http(s) address, as https://cms.example.com/api/etl-notify")
    return SecretStr(url)


def _read_secret(value: object) -> SecretStr:
    text = unquoted(value.get_secret_value() if isinstance(value, SecretStr) else str(value))
    try:
        is_key = len(_key(text)) in _SIZES
    except (NoBase64, ValueError):
        is_key = False
    if not is_key:
        raise ValueError(
            'whsec_ and 24 to 64 bytes in base64, as `echo "whsec_$(openssl rand -base64 32)"` makes it'
        )
    return SecretStr(text)


NotifyUrl = Annotated[SecretStr, BeforeValidator(_read_url)]
NotifySecret = Annotated[SecretStr, BeforeValidator(_read_secret)]
NotifyForm = Annotated[NoticeForm, choice("json", "slack")]
