"""A real Payload 3 beside the job: its tables made by itself, its Local API called from Python.

The project is in tests/payload; `make .payload/made` installs it. One Node process serves a test session, and opens
Payload once per database. The driver (tests/payload/driver.mjs) takes a JSON command a line and answers with one.
"""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Self
from uuid import uuid4

import pytest

from etl.runtime import queries
from tests.support.api import FakeApi
from tests.support.postgres import (
    DEFAULT,
    ROLE,
    Database,
    Server,
    Servers,
    as_user,
    initialise_database,
    make_user,
)
from tests.support.sync import Mall

Json = dict[str, Any]
Options = Mapping[str, Any]

ROOT = Path(__file__).parents[2]
NODE = ROOT / ".payload" / "node"
PROJECT = ROOT / "tests" / "payload"

PRESETS: Mapping[str, Options] = {
    "plain": {"skipSync": True, "indexedUniqueId": True},
    "drafts": {"skipSync": True, "indexedUniqueId": True, "drafts": True},
}
"""The two projects that CI meets, as options of tests/payload/config.mjs."""

LOCALES = ("th", "en", "zh")


class PayloadError(Exception):
    """Payload refused a call.

    Attributes:
        name: The class of the error in JavaScript, as `ValidationError`.
        data: What Payload says of it, as the fields that it refused; None where it says nothing.
    """

    def __init__(self, answer: Json) -> None:
        super().__init__(
            ": ".join(str(answer[key]) for key in ("name", "message", "cause") if answer.get(key))
        )
        self.name: str = answer["name"]
        self.data: Any = answer["data"]


class Driver:
    """A Node process with the Local API of as many Payloads as are opened; `with` ends it."""

    def __init__(self) -> None:
        if not NODE.exists():
            pytest.fail(
                f"Tests of Payload need its packages: `make .payload/made` installs them ({NODE} is missing)."
            )
        self._said = TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 — __exit__ closes it
        self._node = subprocess.Popen(
            [NODE, "driver.mjs"], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said,
            text=True, encoding="utf-8", env={"PATH": "", "HOME": str(PROJECT), "TZ": "UTC"},
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._node.communicate(timeout=30)
        self._said.close()

    def call(self, cms: str, call: str, args: Json) -> Any:
        """Return what a call answers.

        Raises:
            PayloadError: Payload refused it.
        """
        assert self._node.stdin
        assert self._node.stdout
        self._node.stdin.write(json.dumps({"cms": cms, "call": call, "args": args}) + "\n")
        self._node.stdin.flush()
        line = self._node.stdout.readline()
        if not line:
            pytest.fail(f"Payload's process ended in `{call}`:\n{self.said()}")
        answer = json.loads(line)
        if "error" in answer:
            raise PayloadError(answer["error"])
        return answer["result"]

    def said(self) -> str:
        """Return what Payload wrote to its log so far."""
        self._said.seek(0)
        return self._said.read()


class Payload:
    """Payload's Local API on one database.

    Attributes:
        options: Those of tests/payload/config.mjs.
    """

    def __init__(self, driver: Driver, options: Options) -> None:
        self.options = options
        self._driver = driver
        self._cms = uuid4().hex

    def open(self, database: Database, *, push: bool = False) -> None:
        """Open Payload on a database; `push` lets it make or change the tables."""
        self.call("open", url=database.owner_dsn, options=dict(self.options), push=push)

    def close(self) -> None:
        """Close its connections."""
        self.call("close")

    def call(self, call: str, **args: Any) -> Any:
        """Return what a call of the driver answers; arguments are those of the Local API.

        Raises:
            PayloadError: Payload refused it.
        """
        return self._driver.call(self._cms, call, args)

    def find(self, collection: str, **args: Any) -> list[Json]:
        """Return all documents of a collection by id, their references as ids; `locale`, `where`, `draft` as in Payload."""
        return self._docs("find", collection, args)

    def find_versions(self, collection: str, **args: Any) -> list[Json]:
        """Return all versions of a collection's documents by id."""
        return self._docs("findVersions", collection, args)

    def _docs(self, call: str, collection: str, args: Json) -> list[Json]:
        args = {"limit": 0, "depth": 0, "sort": "id", "fallbackLocale": False, **args}
        docs: list[Json] = self.call(call, collection=collection, **args)["docs"]
        return docs

    def find_by_id(self, collection: str, number: int, **args: Any) -> Json:
        """Return a document, its references as ids."""
        args = {"depth": 0, "fallbackLocale": False, **args}
        document: Json = self.call("findByID", collection=collection, id=number, **args)
        return document

    def create(self, collection: str, data: Json, **args: Any) -> Json:
        """Make a document, and return it."""
        document: Json = self.call("create", collection=collection, data=data, depth=0, **args)
        return document

    def update(self, collection: str, number: int, data: Json, **args: Any) -> Json:
        """Change fields of a document, and return it."""
        document: Json = self.call("update", collection=collection, id=number, data=data, depth=0, **args)
        return document

    def delete(self, collection: str, number: int, **args: Any) -> Json:
        """Delete a document, and return it as it was."""
        document: Json = self.call("delete", collection=collection, id=number, depth=0, **args)
        return document

    def duplicate(self, collection: str, number: int, **args: Any) -> Json:
        """Make a copy of a document, and return it."""
        document: Json = self.call("duplicate", collection=collection, id=number, depth=0, **args)
        return document

    def save(
        self, collection: str, number: int, *, locale: str = "en", draft: bool = False, **changes: Any
    ) -> Json:
        """Save a document as the panel does: the whole form of a locale is posted, with what the editor changed in it.

        With drafts the form shows the latest version, and `draft` is the button "Save Draft", else "Publish".
        """
        form = self.find_by_id(collection, number, locale=locale, **self._latest())
        return self._post(collection, form, locale, draft, changes)

    def save_all(self, collection: str, *, locale: str = "en", draft: bool = False) -> int:
        """Save each document as the panel does, nothing changed in it, and return how many there are."""
        forms = self.find(collection, locale=locale, **self._latest())
        for form in forms:
            self._post(collection, form, locale, draft, {})
        return len(forms)

    def _latest(self) -> Json:
        return {"draft": True} if self._has_drafts else {}

    @property
    def _has_drafts(self) -> bool:
        return bool(self.options.get("drafts"))

    def _post(self, collection: str, form: Json, locale: str, draft: bool, changes: Json) -> Json:
        shown = {name: value for name, value in form.items() if name not in ("id", "createdAt", "updatedAt")}
        state = {"_status": "draft" if draft else "published"} if self._has_drafts else {}
        return self.update(collection, form["id"], {**shown, **changes, **state}, locale=locale, draft=draft)


class PayloadCms(Mall):
    """A mall whose CMS is a real Payload.

    Attributes:
        payload: The Local API on its database.
    """

    def __init__(self, api: FakeApi, database: Database, folder: Path, payload: Payload) -> None:
        super().__init__(api, database, folder)
        self.payload = payload


class PayloadTemplates:
    """Databases that Payload made and seeded, each once in a session, for tests to take copies of."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self._stack = ExitStack()
        self._driver: Driver | None = None
        self._made: dict[str, Database] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def driver(self) -> Driver:
        """The process of Node, started when it is first asked for."""
        if self._driver is None:
            self._driver = self._stack.enter_context(Driver())
        return self._driver

    @contextmanager
    def cms(self, options: Options, folder: Path, *, is_initialised: bool) -> Iterator[PayloadCms]:
        """Give a Payload with floors and categories, after `etl init` or before it."""
        template = self._initialised(options) if is_initialised else self.seeded(options)
        payload = Payload(self.driver, options)
        with FakeApi() as api, self._server.database(like=template) as database:
            payload.open(database)
            try:
                yield PayloadCms(api, database, folder, payload)
            finally:
                payload.close()

    @property
    def _server(self) -> Server:
        return self._servers.get(DEFAULT)

    def seeded(self, options: Options) -> Database:
        """Return the database that Payload made of these options and seeded; it is not to be changed."""
        key = json.dumps(options, sort_keys=True)
        if key not in self._made:
            database = self._stack.enter_context(self._server.database(is_empty=True))
            payload = Payload(self.driver, options)
            payload.open(database, push=True)
            payload.call("seed")
            payload.close()
            self._made[key] = database
        return self._made[key]

    def _initialised(self, options: Options) -> Database:
        key = f"initialised {json.dumps(options, sort_keys=True)}"
        if key not in self._made:
            seeded = self.seeded(options)
            database = self._stack.enter_context(self._server.database(like=seeded))
            initialise_database(database)
            self._made[key] = give_to_role(database)
        return self._made[key]


def give_to_role(database: Database) -> Database:
    """Return a database with an address for a user of the role of sql/roles.sql, as the job logs in."""
    if not ROLE:
        return database
    database.execute(queries.text("roles"))
    make_user(database, ROLE)
    return Database(as_user(database.dsn, ROLE), database.major, database.dsn)
