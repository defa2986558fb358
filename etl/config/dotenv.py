"""The environment and the `.env` file, as the settings read them."""

from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values
from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource

from etl.errors import ConfigError

ENV_FILE = ".env"
"""The dotenv file of the working folder."""


class Environment(EnvSettingsSource):
    """The environment without blank values, which would hide those of `.env`."""

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name: value for name, value in super()._load_env_vars().items() if value and value.strip()}


class DotEnv(DotEnvSettingsSource):
    """A `.env` file without blank values, and with `${…}` left alone, as the earlier job's reader did."""

    def _read_env_file(self, file_path: Path) -> Mapping[str, str | None]:
        return read_env_file(file_path)


def read_env_file(env_file: str | Path | None) -> Mapping[str, str]:
    """Return what a dotenv file holds, without blank values; a file that is not there holds nothing."""
    if env_file is None or not Path(env_file).exists():
        return {}
    values = dotenv_values(env_file, interpolate=False, encoding="utf-8-sig")
    return {name: value for name, value in values.items() if value and value.strip()}


def check_env_file(env_file: str | Path | None) -> None:
    """Make sure that a file can be read; a missing `.env` of the working folder is fine.

    Raises:
        ConfigError: It can't.
    """
    if env_file is None or (str(env_file) == ENV_FILE and not Path(env_file).exists()):
        return
    try:
        Path(env_file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigError(f"The settings file {env_file} can't be read: {reason}.") from None
