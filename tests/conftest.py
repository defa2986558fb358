"""Fixtures for every test: databases on real servers. See tests/support/postgres.py."""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import structlog
from hypothesis import HealthCheck, settings

from etl.config.settings import Settings
from tests.support.postgres import DEFAULT, VERSIONS, Database, Servers, describe_servers

if TYPE_CHECKING:
    from tests.support.payload import Options, PayloadCms, PayloadTemplates

pytest_plugins = ["tests.support.earlier", "tests.support.groups", "tests.support.selection"]

# how long it takes to make up examples says how busy the machine is
BUSY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", BUSY)
settings.register_profile("quick", BUSY, max_examples=10)
settings.load_profile("quick")
settings.register_profile("fuzz", max_examples=2_000, deadline=None, suppress_health_check=list(HealthCheck))


def pytest_configure() -> None:
    """Drop the settings that the caller's environment has: tests say what they want."""
    for name in Settings.model_fields:
        os.environ.pop(name.upper(), None)


def pytest_report_header() -> str:
    """Say in the header which servers the tests run on, and which are left out."""
    return describe_servers()


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """Keep a test's log, which may go to a stream of its own, from the tests after it."""
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    root = logging.getLogger()
    for handler in [one for one in root.handlers if type(one).__module__ == "etl.runtime.log"]:
        root.removeHandler(handler)


@pytest.fixture(autouse=True, scope="session")
def _types_read_once() -> Iterator[None]:
    """Let the driver read a database's types once, not for each run of a test: it takes as long as the rest of a sync."""
    with pytest.MonkeyPatch.context() as patch:
        if (driver := sys.modules.get("etl.db.driver")) is not None:
            patch.setattr(driver, "read_types", lru_cache(maxsize=4)(driver.read_types))
        yield


@pytest.fixture(scope="session")
def postgres_servers() -> Iterator[Servers]:
    """Give the servers of this session (of this worker, under xdist); they end with it."""
    with ExitStack() as stack:
        yield Servers(stack)


@pytest.fixture
def database(postgres_servers: Servers) -> Iterator[Database]:
    """Give a database as `etl init` leaves an empty one, on the newest server."""
    with postgres_servers.get(DEFAULT).database() as database:
        yield database


@pytest.fixture
def empty_database(postgres_servers: Servers) -> Iterator[Database]:
    """Give a database with nothing in it, on the newest server."""
    with postgres_servers.get(DEFAULT).database(is_empty=True) as database:
        yield database


EACH_VERSION = [pytest.param(name, marks=() if name == DEFAULT else pytest.mark.long) for name in VERSIONS]


@pytest.fixture(params=EACH_VERSION)
def any_database(request: pytest.FixtureRequest, postgres_servers: Servers) -> Iterator[Database]:
    """Give a database as `etl init` leaves an empty one, on each server in turn."""
    with postgres_servers.get(request.param).database() as database:
        yield database


@pytest.fixture(params=EACH_VERSION)
def any_empty_database(request: pytest.FixtureRequest, postgres_servers: Servers) -> Iterator[Database]:
    """Give a database with nothing in it, on each server in turn."""
    with postgres_servers.get(request.param).database(is_empty=True) as database:
        yield database


@pytest.fixture(scope="session")
def payload_templates(postgres_servers: Servers) -> Iterator["PayloadTemplates"]:
    """Give what makes databases of a real Payload; its process ends with the session."""
    from tests.support.payload import PayloadTemplates  # noqa: PLC0415 — unit tests need no ADBC

    with PayloadTemplates(postgres_servers) as templates:
        yield templates


@pytest.fixture
def payload_cms(
    payload_templates: "PayloadTemplates", tmp_path: Path
) -> "Iterator[Callable[..., PayloadCms]]":
    """Give what makes a mall with a real Payload: of a preset by name, or of options of tests/payload/config.mjs."""
    from tests.support.payload import PRESETS  # noqa: PLC0415 — likewise

    with ExitStack() as stack:

        def make(options: "str | Options", *, is_initialised: bool = True) -> "PayloadCms":
            chosen = PRESETS[options] if isinstance(options, str) else options
            folder = tmp_path / f"snapshots-{uuid4().hex}"
            return stack.enter_context(payload_templates.cms(chosen, folder, is_initialised=is_initialised))

        yield make
