"""Which texts of the settings are secrets: for `etl.runtime.redact.scrubber`."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from pydantic import SecretStr

from etl.config.receiver import WHSEC
from etl.config.types import unquoted
from etl.errors import ConfigError
from etl.runtime.redact import secrets_of_cookies, secrets_of_url

if TYPE_CHECKING:
    from etl.config.settings import Settings

_OTHERS_SECRETS = (
    *("SERVE_APPCODE", "PGPASSWORD"),
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
)
"""Secrets of the environment that libraries read, or an option."""


def secrets_of(settings: "Settings") -> tuple[str, ...]:
    """Return every secret in plain text: whole settings, and what they have in them.

    Left out is what can be read anyway, as the name of the database: hidden, it would tell the password.
    """
    values = [getattr(settings, name) for name in type(settings).model_fields]
    whole_ones = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
    others = [os.environ.get(name, "") for name in _OTHERS_SECRETS]
    found = dict.fromkeys([*whole_ones, *_parts(settings), *others])
    public = {"", *_public_words(settings)}
    return tuple(secret for secret in found if secret not in public)


def _parts(settings: "Settings") -> Iterator[str]:
    cookies = [settings.external_api_cookies]
    # whole words too: of an entry that can't be read a message may hold them
    for word in re.findall(r"[a-z]+://\S+", unquoted(settings.external_api_url or ""), re.IGNORECASE):
        yield from secrets_of_url(word)
    with suppress(ConfigError):  # what can't be read is in no message
        for source in settings.sources():
            yield from secrets_of_url(source.api.url)
            own = [each for each in (source.api.appcode, source.api.cookies) if each]
            yield from (each.get_secret_value() for each in own)
            cookies += own
    for each in filter(None, cookies):
        yield from secrets_of_cookies(each.get_secret_value())
    with suppress(ConfigError):  # an address that can't be read is in no message
        yield from secrets_of_url(settings.database().dsn.get_secret_value())
    if settings.notify_url is not None:
        yield from secrets_of_url(settings.notify_url.get_secret_value())
    if settings.notify_secret is not None:
        yield settings.notify_secret.get_secret_value().removeprefix(WHSEC)


def _public_words(settings: "Settings") -> set[str]:
    with suppress(ConfigError):
        return set(re.split(r"[\s/:,]+", settings.database().shown))
    return set()
