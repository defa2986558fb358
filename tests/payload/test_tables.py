"""The tables that `etl init` makes in an empty database are Payload's own, and Payload can be put on top of them."""

from pathlib import Path

import pytest

from tests.payload.tables import FOLDER, read_tables
from tests.support.api import FakeApi
from tests.support.cms import shape
from tests.support.payload import PRESETS, Payload, PayloadCms, PayloadTemplates
from tests.support.postgres import Database, initialise_database
from tests.support.sync import record

pytestmark = pytest.mark.xdist_group("payload-plain")


def test_they_are_those_that_payload_makes(
    payload_templates: PayloadTemplates, empty_database: Database
) -> None:
    """Types, columns, defaults, keys with their actions, and indexes are equal, and nothing is left out."""
    made = payload_templates.seeded(PRESETS["plain"])

    initialise_database(empty_database)

    assert shape(empty_database) == shape(made)
    written = {file.stem: file.read_text(encoding="utf-8") for file in FOLDER.iterdir()}
    assert written == read_tables(made)


def test_payload_is_put_on_top(
    payload_templates: PayloadTemplates, empty_database: Database, tmp_path: Path
) -> None:
    """Its push alters nothing and asks nothing (a question would wait for ever); what the job wrote is shown."""
    payload = Payload(payload_templates.driver, PRESETS["plain"])
    initialise_database(empty_database)
    with FakeApi() as api:
        PayloadCms(api, empty_database, tmp_path, payload).sync([record("T1", categoryNameEn="Beauty")])
    before = shape(empty_database)

    payload.open(empty_database, push=True)

    assert shape(empty_database) == before
    assert [floor["name"] for floor in payload.find("floors")][:3] == ["B2", "B1", "GF"]
    (beauty,) = payload.find("categories", locale="th", where={"slug": {"equals": "beauty"}})
    (shop,) = payload.find("shops", locale="th")
    assert (shop["title"], shop["categories"], beauty["name"]) == ("แบรนด์ T1", [beauty["id"]], "ความงาม")
    payload.close()
