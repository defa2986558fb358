"""The job's settings: the only reader of the environment and of a `.env` file.

A value comes from the command line, else from a real environment variable, else from `.env`, else from the
default below. Blank counts as unset, unknown names are ignored. Secrets are SecretStr and in no message.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PrivateAttr, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from etl.config.api import Api, address_notes
from etl.config.database import Database, HostParts, proof_notes, read_database_url
from etl.config.dotenv import (
    ENV_FILE,
    DotEnv,
    Environment,
    check_env_file,
    check_working_folder,
    read_env_file,
)
from etl.config.receiver import NotifyForm, NotifySecret, NotifyUrl, Receiver, receiver_of
from etl.config.secrets import secrets_of
from etl.config.setting import Setting, shown_value, wrong_settings
from etl.config.sources import Entry, Source, read_entries
from etl.config.types import (
    Folder,
    Format,
    Header,
    Job,
    Level,
    Panel,
    Share,
    Switch,
    Text,
    Timezone,
    above_zero,
    parse_share,
    read_header,
    read_job,
    unquoted,
    whole,
)
from etl.contract.clock import MALL_TIMEZONE
from etl.contract.source_names import said_of
from etl.errors import ConfigError
from etl.model import panel
from etl.runtime.redact import public_url

__all__ = ["Api", "Database", "Setting", "Settings", "Source", "load_settings", "read_share"]

_DAY_S = 86_400
_MOST_DAYS = 36_500


class Settings(BaseSettings):
    """Every setting; the attribute is the variable's name in lower case."""

    model_config = SettingsConfigDict(
        alias_generator=str.upper,
        case_sensitive=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    database_url: SecretStr | None = Field(
        None,
        description="the CMS's Postgres: postgresql://user:password@host:5432/database, a bare host, "
        "or embedded:///folder",
    )
    database_port: Text | None = Field(
        None, description="port, where DATABASE_URL is a bare host; 5432 if unset"
    )
    database_name: Text | None = Field(None, description="database, where DATABASE_URL is a bare host")
    database_user: Text | None = Field(None, description="user, where DATABASE_URL is a bare host")
    db_pass: SecretStr | None = Field(None, description="password, where DATABASE_URL is a bare host")
    database_ssl_mode: Text | None = Field(
        None,
        description="TLS mode, where DATABASE_URL is a bare host: disable, allow, prefer, require, verify-ca, "
        "verify-full or no-verify",
    )
    external_api_url: Text | None = Field(
        None,
        repr=False,
        description="the tenant-directory API, without page and limit; for several malls a list of name=https://… "
        "entries, or the path of a YAML file (docs/several-sources.md)",
    )
    x_apig_appcode: Header | None = Field(None, description="key that is sent to the API as X-Apig-AppCode")
    external_api_cookies: Header | None = Field(
        None, description="cookies that are sent to the API, in production only"
    )
    node_env: Text = Field("development", description="environment; cookies are sent in production")
    etl_env: Text | None = Field(None, description="comes before NODE_ENV")
    cms_url: Panel | None = Field(
        None,
        description="address of the CMS's panel, as https://cms.example.com/admin, for links to its documents; "
        "/admin is added to a bare host, and a panel without it is named by one of its lists, as https://cms.example.com/collections/shops",
    )
    mall_timezone: Timezone = Field(
        MALL_TIMEZONE,
        description="time zone of the mall: that of dates which the API sends with a time and no zone",
    )
    sync_batch_size: Annotated[int, whole(1)] = Field(
        5000, description="records that are transformed and staged at a time; bounds memory"
    )
    snapshot_dir: Folder = Field(
        "snapshots", description="place of the snapshots: a folder, or s3://bucket/prefix"
    )
    snapshot_keep: Annotated[int, whole(0)] = Field(48, description="snapshots kept; 0 keeps all")
    api_requests_per_second: Annotated[float, above_zero(1000)] = Field(
        10, description="requests to the API per second"
    )
    api_in_flight: Annotated[int, whole(1, 64)] = Field(
        4, description="pages that are requested at the same time"
    )
    api_page_size: Annotated[int, whole(1, 10_000)] = Field(100, description="records per page")
    api_timeout_s: Annotated[float, above_zero(3600)] = Field(
        30, description="seconds to wait for a connection, and for each piece of an answer"
    )
    api_retries: Annotated[int, whole(0, 100)] = Field(5, description="further tries of a request")
    api_deadline_s: Annotated[int, whole(0, _DAY_S)] = Field(
        3300, description="seconds that reading the whole list of a mall may take; 0 sets no limit"
    )
    ray_tasks: Annotated[int, whole(0, 1000)] = Field(
        0, description="with --engine ray: tasks at a time, each with a database connection; 0 is one per CPU"
    )
    ray_shard_records: Annotated[int, whole(1, 1_000_000)] = Field(
        20_000, description="with --engine ray: records that a task fetches, or transforms and stages"
    )
    lock_timeout_s: Annotated[float, above_zero(_DAY_S)] = Field(
        10, description="seconds to wait for a lock in the database"
    )
    statement_timeout_s: Annotated[int, whole(0, _DAY_S)] = Field(
        600, description="seconds that a statement may take; 0 sets no limit"
    )
    database_retries: Annotated[int, whole(0, 100)] = Field(
        2,
        description="further tries of a run's transaction after a lost connection, a deadlock or a lock timeout",
    )
    cms_open_s: Annotated[int, whole(0, _DAY_S)] = Field(
        300,
        description="seconds since an editor's last keystroke in which a document counts as open in the CMS, as "
        "lockDocuments.duration there; 0 looks for none",
    )
    max_drop: Share = Field(0.2, description="refuse a run in which a larger share of the records is gone")
    max_unmapped: Share = Field(
        0.1,
        description="refuse a run in which the labels of a larger share of the records newly match no floor or category",
    )
    max_changed: Share = Field(
        0.5, description="refuse a run that would change a larger share of the CMS's rows"
    )
    max_vanished: Share = Field(
        0.2,
        description="refuse a run when a larger share of the rows is newly gone from the CMS, or was put back there",
    )
    max_blanked: Share = Field(
        0.9,
        description="refuse a run when this share of the records that had a field, or more, have lost it; 100% never does",
    )
    runs_keep_days: Annotated[int, whole(0, _MOST_DAYS)] = Field(
        365, description="days that the log of runs is kept; 0 keeps all"
    )
    changes_keep_days: Annotated[int, whole(0, _MOST_DAYS)] = Field(
        90,
        description="days that the findings and changes of runs are kept, and runs can be rolled back; 0 keeps all",
    )
    notify_url: NotifyUrl | None = Field(
        None,
        description="address that gets a POST after a run that wrote, failed, works again or has new errors "
        "(docs/notify.md)",
    )
    notify_secret: NotifySecret | None = Field(
        None, description="secret that notices are signed with, by Standard Webhooks: whsec_ and base64"
    )
    notify_form: NotifyForm = Field(
        "json", description="form of a notice: json, or slack for a channel's webhook"
    )
    log_level: Level = Field("info", description="debug, info, warning or error")
    log_format: Format = Field(
        "auto", description="json, console, or auto: console on a terminal, otherwise json"
    )
    etl_job: Job = Field(
        "iconsiam",
        description="name of this job in the metrics of its log; each job of an account needs its own",
    )
    debug: Switch = Field(False, description="true sets LOG_LEVEL to debug, and shows tracebacks of errors")

    _variables: Mapping[str, str] = PrivateAttr(default_factory=dict)
    """What the `.env` file holds, for the variables that a source names."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 — the signature is pydantic's
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 — the same
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the command line, then the environment, then `.env`."""
        env_file = getattr(dotenv_settings, "env_file", None)
        return init_settings, Environment(settings_cls), DotEnv(settings_cls, env_file=env_file)

    @property
    def environment(self) -> str:
        """ETL_ENV, else NODE_ENV."""
        return self.etl_env or self.node_env

    @property
    def is_production(self) -> bool:
        """Whether ETL_ENV, else NODE_ENV, says production."""
        return self.environment.lower() == "production"

    @property
    def cookies(self) -> SecretStr | None:
        """EXTERNAL_API_COOKIES in production, else None."""
        return self.external_api_cookies if self.is_production else None

    @property
    def panel(self) -> panel.Panel:
        """The CMS's panel, for links to its documents."""
        return panel.Panel(self.cms_url)

    @property
    def level(self) -> str:
        """The log level: debug where DEBUG is true, else LOG_LEVEL."""
        return "debug" if self.debug else self.log_level

    @property
    def session_limits_s(self) -> tuple[float, float]:
        """How long a statement may wait for a lock, and take; 0 for no limit."""
        return self.lock_timeout_s, self.statement_timeout_s

    def database(self) -> Database:
        """Return the database to connect to.

        Raises:
            ConfigError: DATABASE_URL is missing, can't be read, or is a bare host that does not have its parts.
        """
        if self.database_url is None:
            raise ConfigError(
                "DATABASE_URL is not set. Set it to postgresql://user:password@host:5432/database (in the "
                "environment or in .env), or to embedded:///folder for an embedded Postgres; "
                "`etl demo` needs none."
            )
        parts = HostParts(
            self.database_port, self.database_name, self.database_user, self.db_pass, self.database_ssl_mode
        )
        database = read_database_url(unquoted(self.database_url.get_secret_value()), parts)
        more = proof_notes(database, is_production=self.is_production)
        return replace(database, notes=(*database.notes, *more))

    def sources(self) -> tuple[Source, ...]:
        """Return the malls whose APIs are called, in the order in which they are processed.

        Raises:
            ConfigError: EXTERNAL_API_URL is missing, is not an http(s) address, or names sources that can't be told apart;
                or a variable that is to hold a source's secret is not set.
        """
        entries = read_entries(self.external_api_url or "")
        return tuple(Source(entry.name, entry.prefix, self._api(entry)) for entry in entries)

    def _api(self, entry: Entry) -> Api:
        notes = address_notes(entry.url, is_production=self.is_production)
        return Api(
            url=entry.url.split("#", 1)[0],
            shown=public_url(entry.url),
            appcode=self._secret(entry, "appcode_env", self.x_apig_appcode),
            cookies=self._secret(entry, "cookies_env", self.cookies) if self.is_production else None,
            page_size=entry.page_size or self.api_page_size,
            requests_per_second=entry.requests_per_second or self.api_requests_per_second,
            in_flight=self.api_in_flight,
            timeout_s=self.api_timeout_s,
            retries=self.api_retries,
            deadline_s=self.api_deadline_s,
            notes=tuple(said_of(entry.name, note) for note in notes),
        )

    def _secret(self, entry: Entry, key: str, shared: SecretStr | None) -> SecretStr | None:
        """Return a source's own secret; where its key is not given the shared one, where it is null none."""
        if key not in entry.model_fields_set:
            return shared
        variable = getattr(entry, key)
        if variable is None:
            return None
        value = os.environ.get(variable, "").strip() or self._variables.get(variable, "").strip()
        if not value:
            raise ConfigError(
                f"{variable} is not set, which {key} of {entry.label} names. Set it in the environment or in .env."
            )
        try:
            return read_header(value)
        except ValueError as error:
            raise ConfigError(f"{variable} is hidden, {key} of {entry.label}; allowed: {error}.") from None

    def receiver(self) -> Receiver | None:
        """Return who is told of runs; None where nobody is."""
        if self.notify_url is None:
            return None
        return receiver_of(self.notify_url, self.notify_secret, self.notify_form)

    def untold(self) -> "Settings":
        """Return these settings with nobody to be told: what is invented is no news."""
        return self.model_copy(update={"notify_url": None})

    def secrets(self) -> tuple[str, ...]:
        """Return every secret in plain text, as `etl.config.secrets.secrets_of`."""
        return secrets_of(self)

    def describe(self) -> tuple[Setting, ...]:
        """Return a row for every setting, in the order of the model; secrets are hidden."""
        return tuple(
            Setting(
                name=name.upper(),
                value=shown_value(name, getattr(self, name)) or "not set",
                default=shown_value(name, info.default),
                is_default=getattr(self, name) == info.default,
                meaning=info.description or "",
            )
            for name, info in type(self).model_fields.items()
        )


def job_name() -> str:
    """Return ETL_JOB of the environment, else its default, whatever is wrong with the other settings."""
    with suppress(ValueError):
        return read_job(os.environ.get("ETL_JOB", ""))
    return str(Settings.model_fields["etl_job"].default)


def load_settings(env_file: str | Path | None = ENV_FILE, **overrides: object) -> Settings:
    """Read the settings from options, the environment and a `.env` file, in this order.

    Args:
        env_file: A dotenv file; None reads none. A missing `.env` is fine, another missing file is not.
        **overrides: Settings by attribute, e.g. `max_drop='10%'`; None counts as not given.

    Raises:
        ConfigError: Settings are wrong (all of them are told), the file can't be read, or the working folder is gone.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    if unknown := sorted(given.keys() - Settings.model_fields.keys()):
        raise TypeError(f"no such setting: {', '.join(unknown)}")
    check_working_folder()
    check_env_file(env_file)
    values: dict[str, Any] = {"_env_file": env_file, **{name.upper(): value for name, value in given.items()}}
    try:
        settings = Settings(**values)
    except ValidationError as error:
        # raised outside, so that pydantic's error, which may hold values, is not chained to it
        message = wrong_settings(error, Settings.model_fields, given, env_file)
    else:
        settings._variables = read_env_file(env_file)
        return settings
    raise ConfigError(message)


def read_share(text: str, name: str) -> float:
    """Return the share from 0 to 1 that an option such as `--max-drop 20%` says.

    Raises:
        ConfigError: It is not a share; the message names the option.
    """
    try:
        return parse_share(text)
    except ValueError as error:
        raise ConfigError(f"{name} is '{text}'; allowed: {error}.") from None
