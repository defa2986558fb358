"""The table of docs/payload.md says what the job does with each setting in which Payload sites differ."""

import pytest

from tests.payload.settings import DOCUMENT, SETTINGS, outcome_of, table_of
from tests.support.payload import PayloadTemplates

TABLE = table_of(DOCUMENT.read_text(encoding="utf-8"))


def test_the_table_has_every_setting() -> None:
    """Each option of tests/payload/config.mjs that can be set is a line, and nothing in it is wrong."""
    assert list(TABLE) == list(SETTINGS)
    assert [name for name, outcome in TABLE.items() if "WRONG" in outcome] == []


@pytest.mark.by_hand
@pytest.mark.parametrize("name", SETTINGS)
def test_it_is_as_the_table_says(name: str, payload_templates: PayloadTemplates) -> None:
    """Init, check and sync, everything read back and saved again, another sync: or refused by all with one sentence."""
    assert outcome_of(SETTINGS[name], payload_templates) == TABLE[name]
