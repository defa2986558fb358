"""Which servers the tests start, and where their programs are.

By default they are two: the embedded 18, and Debian's 15 where it is installed (CI must have it). ETL_TEST_POSTGRES=13
(or 14 to 18) is that version alone: `make test-all POSTGRES=13` sets it, and fetches the server. With ETL_TEST_DSN no
server is started: the tests run on the given one.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
HAS_15 = (DEBIAN_15 / "postgres").exists()
IN_CI = os.environ.get("CI") == "true"
FETCHED = Path(__file__).parents[2] / ".postgres"
"""Where the Makefile puts the servers of 13 to 17 that it fetches, each in a folder by its version."""

GIVEN = "given"
SUPPORTED = ("13", "14", "15", "16", "17", "18")
ALONE = "(any_database runs on that one only)"
STARTED = "started by the tests, as a user of etl_sync"


class ChoiceError(Exception):
    """The environment asks for a server that can't be had; the message says what to do."""


@dataclass(frozen=True)
class Choice:
    """The servers of a test session.

    Attributes:
        programs: The folder of each server's programs by the server's name, the default first. None is the wheel's,
            or there is nothing to start.
        header: What pytest's header says of them.
    """

    programs: Mapping[str, Path | None]
    header: str

    @property
    def versions(self) -> tuple[str, ...]:
        """Return the names of the servers that a test with `any_database` runs on."""
        return tuple(self.programs)

    @property
    def default(self) -> str:
        """Return the name of the server that a test with `database` runs on."""
        return self.versions[0]

    @property
    def tls(self) -> Path:
        """Return the programs of a server that can speak TLS, which the wheel's can't."""
        return next((folder for folder in self.programs.values() if folder), DEBIAN_15)


def choose(environment: Mapping[str, str], *, has_15: bool = HAS_15, fetched: Path = FETCHED) -> Choice:
    """Choose the servers that an environment asks for.

    Raises:
        ChoiceError: It asks for a version that is not supported or not fetched, or for two servers.
    """
    asked, dsn = environment.get("ETL_TEST_POSTGRES", ""), environment.get("ETL_TEST_DSN", "")
    if asked and dsn:
        raise ChoiceError("ETL_TEST_POSTGRES and ETL_TEST_DSN each name a server: set one of them.")
    if dsn:
        return Choice({GIVEN: None}, f"the server of ETL_TEST_DSN {ALONE}")
    if asked:
        return _asked_for(asked, fetched)
    if has_15 or environment.get("CI") == "true":
        return Choice({"pg18": None, "pg15": DEBIAN_15}, f"pg18, pg15, {STARTED}")
    return Choice({"pg18": None}, f"pg18, {STARTED}; pg15 left out, since there is none in {DEBIAN_15}")


def _asked_for(version: str, fetched: Path) -> Choice:
    if version not in SUPPORTED:
        raise ChoiceError(f"ETL_TEST_POSTGRES={version} is not one of {', '.join(SUPPORTED)}.")
    name = f"pg{version}"
    header = f"{name}, as ETL_TEST_POSTGRES says {ALONE}, {STARTED}"
    if version == "18":
        return Choice({name: None}, header)
    programs = fetched / version / "bin"
    if not (programs / "postgres").exists():
        raise ChoiceError(
            f"ETL_TEST_POSTGRES={version}: there is no Postgres in {programs}. "
            f"`make test-all POSTGRES={version}` fetches it; `make .postgres/{version}/made` does only that."
        )
    return Choice({name: programs}, header)
