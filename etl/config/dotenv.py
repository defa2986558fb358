r"""The environment and the `.env` file, as the settings read them.

The file was written for the earlier job, so it is read as Node's dotenv 16 reads it, with that one's very patterns. Other
readers differ where it hurts, in passwords: within double quotes only `\n` and `\r` are escapes, within others none is; a
value without quotes ends at the first `#`.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource

from etl.errors import ConfigError

ENV_FILE = ".env"
"""The dotenv file of the working folder."""

# white space and the ends of lines as JavaScript's \s, ^ and $ have them
_SPACES = " \t\n\v\f\r\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_SPACE = f"[{_SPACES}]"
_START = "(?:^|(?<=[\n\u2028\u2029]))"
_END = r"(?:\Z|(?=[\n\u2028\u2029]))"

_LINE = re.compile(
    rf"{_START}{_SPACE}*(?:export{_SPACE}+)?([A-Za-z0-9_.-]+)(?:{_SPACE}*={_SPACE}*?|:{_SPACE}+?)"
    rf"({_SPACE}*'(?:\\'|[^'])*'|{_SPACE}*\"(?:\\\"|[^\"])*\"|{_SPACE}*`(?:\\`|[^`])*`|[^#\r\n]+)?"
    rf"{_SPACE}*(?:#[^\r\n\u2028\u2029]*)?{_END}"
)
_QUOTED = re.compile(rf"{_START}(['\"`])([\s\S]*)\1{_END}")
_TRIMMED = re.compile(rf"{_SPACE}*([\s\S]*?){_SPACE}*")


class Environment(EnvSettingsSource):
    """The environment without blank values, which would hide those of `.env`."""

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name: value for name, value in super()._load_env_vars().items() if value and value.strip()}


class DotEnv(DotEnvSettingsSource):
    """A `.env` file without blank values."""

    def _read_env_file(self, file_path: Path) -> Mapping[str, str | None]:
        return read_env_file(file_path)


def read_env_file(env_file: str | Path | None) -> Mapping[str, str]:
    """Return what a dotenv file holds, without blank values; a file that is not there holds nothing."""
    if env_file is None or not Path(env_file).exists():
        return {}
    values = parse_env(Path(env_file).read_text(encoding="utf-8-sig"))
    return {name: value for name, value in values.items() if value.strip()}


def parse_env(text: str) -> dict[str, str]:
    """Return what dotenv 16 makes of a file's text; of two equal names the last counts, `${…}` is left alone. Pure."""
    found: dict[str, str] = {}
    for line in _LINE.finditer(re.sub(r"\r\n?", "\n", text)):
        trimmed = _TRIMMED.fullmatch(line[2] or "")
        value = trimmed[1] if trimmed else ""
        plain = _QUOTED.sub(lambda quoted: quoted[2], value)
        found[line[1]] = plain.replace("\\n", "\n").replace("\\r", "\r") if value.startswith('"') else plain
    return found


def check_working_folder() -> None:
    """Make sure that there is a working folder, which all paths that are not absolute begin at.

    Raises:
        ConfigError: It was deleted.
    """
    try:
        Path.cwd()
    except OSError:
        raise ConfigError(
            "The working folder was deleted while this shell or program was in it. Change to another folder, and run again."
        ) from None


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
