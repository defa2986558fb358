"""The sources that EXTERNAL_API_URL names: one address, a list of them, or a YAML file that says more of each."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from etl.config.api import Api, check_api_url
from etl.config.types import above_zero, unquoted, whole
from etl.contract.source_names import NAME, PREFIX, Origin, said_of
from etl.errors import ConfigError
from etl.runtime.redact import public_url

_VARIABLE = re.compile("[A-Za-z_][A-Za-z0-9_]*")
_ENTRY = re.compile(r"(?:(?P<name>[^\s:/?#=]*)=)?(?P<url>\S*)")
_COMMA_IN_A_PATH = re.compile(r"[^?#]*?//[^?#]*,[^?#,=]*=?https?://")
_MOST_BYTES = 1 << 20
_MOST_LINES = 20
_LONGEST = 200

_A_NAME = "up to 32 of a-z 0-9 -, with no - at either end, e.g. siam"
_A_PREFIX = "'' or up to 40 of A-Z a-z 0-9 . _ - and a colon, e.g. 'siam:'"
_A_LIST = "name=https://… entries with a space or a line break between them"


@dataclass(frozen=True)
class Source:
    """A mall's API, and what keeps its records apart from those of other malls.

    Attributes:
        name: For people; '' is the mall that was there before there were several.
        id_prefix: What its ids begin with in the CMS and in the job's tables, e.g. `siam:`; '' for ids as they are.
        api: How to call it.
    """

    name: str
    id_prefix: str
    api: Api

    @property
    def origin(self) -> Origin:
        """What a run says of it."""
        return Origin(self.name, self.id_prefix, self.api.shown)


def _text(pattern: re.Pattern[str], allowed: str) -> BeforeValidator:
    def read(value: object) -> object:
        if not isinstance(value, str):
            raise ValueError(f"a text: {allowed}; in quotes where YAML takes it for something else")  # noqa: TRY004
        if not pattern.fullmatch(value):
            raise ValueError(allowed)
        return value

    return BeforeValidator(read)


_Variable = Annotated[str, _text(_VARIABLE, "the name of an environment variable, never its value")]


class Entry(BaseModel):
    """What the settings say of one source; the attributes are the keys of the YAML file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: Annotated[str, _text(NAME, _A_NAME)] = ""
    url: Annotated[str, _text(re.compile(r"\S.*"), "an http(s) address")] = Field(repr=False)
    id_prefix: Annotated[str, _text(PREFIX, _A_PREFIX)] | None = None
    appcode_env: _Variable | None = None
    cookies_env: _Variable | None = None
    page_size: Annotated[int, whole(1, 10_000)] | None = None
    requests_per_second: Annotated[float, above_zero(1000)] | None = None

    @property
    def prefix(self) -> str:
        """What its ids begin with: as it is given, else the name and a colon, else nothing."""
        given = f"{self.name}:" if self.name else ""
        return given if self.id_prefix is None else self.id_prefix

    @property
    def label(self) -> str:
        """The source in a message about the settings."""
        return self.name or "the one without a name"


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    sources: list[Entry] = Field(min_length=1)


def read_entries(text: str) -> tuple[Entry, ...]:
    """Read the setting EXTERNAL_API_URL; the order is that in which the sources are processed.

    Raises:
        ConfigError: it is missing, the file can't be read, an entry is wrong, or two are not told apart.
    """
    text = unquoted(text)
    if re.search(r"\.ya?ml$", text, re.IGNORECASE) and "://" not in text:
        entries = _read_file(text)
    elif _is_list(text):
        entries = tuple(_read_entry(part.rstrip(",")) for part in text.split() if part != ",")
    else:
        check_api_url(text)
        _require_one(text)
        return (Entry(url=text),)
    for entry in entries:
        check_api_url(entry.url, said_of(entry.name, "its address"))
    _require_apart(entries)
    return entries


def shown_list(text: str) -> str:
    """Return the setting to show: each address of it without credentials."""
    return re.sub(r"\S+", lambda word: public_url(word[0]), text)


def _is_list(text: str) -> bool:
    return len(re.findall(r"\S*://\S*", text)) > 1 < len(text.split()) or bool(
        re.match(r"[^\s:/?#=]*=\s*\S*://", text)
    )


def _require_one(text: str) -> None:
    """Raise ConfigError for what was meant as a list: an address whose path goes on with another address."""
    if _COMMA_IN_A_PATH.match(text):
        raise ConfigError(
            f"EXTERNAL_API_URL is '{shown_list(text)}', which looks like several addresses in one. For several "
            f"malls write {_A_LIST}."
        )


def _read_entry(text: str) -> Entry:
    found = _ENTRY.fullmatch(text)
    name, url = (found["name"], found["url"]) if found else (None, text)
    if name is not None and not NAME.fullmatch(name):
        raise ConfigError(
            f"'{name}' in EXTERNAL_API_URL is not a name of a source; allowed: {_A_NAME}. Write {_A_LIST}."
        )
    if "://" not in url:
        raise ConfigError(
            f"'{public_url(text)}' in EXTERNAL_API_URL is not an address. Write {_A_LIST}; a space in an address is %20."
        )
    _require_one(url)
    return Entry(url=url) if name is None else Entry(name=name, url=url)


def _read_file(path: str) -> tuple[Entry, ...]:
    data = _load(Path(path), path)
    try:
        entries = tuple(_File.model_validate(data).sources)
    except ValidationError as error:
        # raised outside, so that pydantic's error, which may hold values, is not chained to it
        lines = [_tell(detail, data) for detail in error.errors()]
        more = [f"- and {len(lines) - _MOST_LINES:,} more"] if len(lines) > _MOST_LINES else []
        message = "\n".join(lines[:_MOST_LINES] + more)
    else:
        _require_no_password(entries, path)
        return entries
    raise ConfigError(f"{path}, which EXTERNAL_API_URL names, is not a list of sources:\n{message}")


def _require_no_password(entries: Iterable[Entry], path: str) -> None:
    for entry in entries:
        if "@" in re.split("[/?#]", entry.url.partition("://")[2], maxsplit=1)[0]:
            raise ConfigError(
                f"{path}: the address of {entry.label} has a user or a password in it. Secrets stay out of the file: "
                "let appcode_env or cookies_env name a variable that holds one, or give the addresses in "
                f"EXTERNAL_API_URL itself, as {_A_LIST}."
            )


def _load(path: Path, shown: str) -> Any:  # noqa: ANN401 — whatever YAML holds
    # 15 ms, which a run of one address need not pay
    from yaml import YAMLError  # noqa: PLC0415

    from etl.config.yaml_loader import Loader  # noqa: PLC0415

    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES + 1)
        if len(text) > _MOST_BYTES:
            raise ConfigError(f"{shown}, which EXTERNAL_API_URL names, has more than {_MOST_BYTES:,} bytes.")
        return Loader(text.decode("utf-8-sig")).get_single_data()
    except OSError as error:
        raise ConfigError(
            f"{shown}, which EXTERNAL_API_URL names, can't be read: {error.strerror}. A path is that from the "
            "working folder; an address begins with https://."
        ) from None
    # what PyYAML lets out where a tag and its value don't fit: !!int "", !!bool x, !!timestamp x, 1:1:1….5
    except (YAMLError, ValueError, LookupError, ArithmeticError, AttributeError, RecursionError) as error:
        mark, reason = getattr(error, "problem_mark", None), getattr(error, "reason", None)
        problem = getattr(error, "problem", None) or reason or "a value in it can't be read"
        place = f" (line {mark.line + 1})" if mark else ""
        raise ConfigError(
            f"{shown}, which EXTERNAL_API_URL names, is not YAML{place}: {problem[:_LONGEST]}."
        ) from None


def _tell(detail: Any, data: Any) -> str:  # noqa: ANN401 — pydantic's, and whatever YAML holds
    """Return a line about one mistake in the file: where it is, what is allowed; never a value, which may be a secret."""
    place = detail["loc"]
    if len(place) < 2:
        if detail["type"] == "extra_forbidden":
            return f"- the key '{place[0]}' is not known; the file has one key, sources."
        return "- it needs a key `sources` with a list of them, each with name and url."
    given = data["sources"][place[1]]
    name = given.get("name") if isinstance(given, dict) else None
    which = f"- source {place[1] + 1}" + (
        f" ({name})" if isinstance(name, str) and NAME.fullmatch(name) else ""
    )
    if len(place) == 2:
        return f"{which} needs name and url."
    if detail["type"] == "missing":
        return f"{which} has no {place[2]}."
    if detail["type"] == "extra_forbidden":
        keys = ", ".join(Entry.model_fields)
        return (
            f"{which}: the key '{place[2]}' is not known; known are {keys}. Secrets stay in the environment."
        )
    return f"{which}: {place[2]} is wrong; allowed: {detail['msg'].removeprefix('Value error, ')}."


def _require_apart(entries: tuple[Entry, ...]) -> None:
    nameless = [entry for entry in entries if not entry.name]
    if len(nameless) > 1:
        raise ConfigError(
            f"EXTERNAL_API_URL has {len(nameless)} addresses without a name. One at most may have none: that of the "
            "mall whose records are in the CMS already. Name the others: name=https://…"
        )
    for what, values in (
        ("the name", [entry.name for entry in entries]),
        ("the id_prefix", [entry.prefix for entry in entries]),
    ):
        for value, count in Counter(values).items():
            if count > 1:
                raise ConfigError(
                    f"EXTERNAL_API_URL has {count} sources with {what} '{value}'. Give each one of its own, so that "
                    "equal ids of two malls are kept apart."
                )
    keys = [(entry.url, entry.appcode_env, entry.cookies_env) for entry in entries]
    for key, count in Counter(keys).items():
        if count > 1:
            names = " and ".join(entry.label for entry, own in zip(entries, keys, strict=True) if own == key)
            raise ConfigError(
                f"EXTERNAL_API_URL has the same address for {names}: {public_url(key[0])}. The same records "
                "would be loaded twice; leave one out."
            )
