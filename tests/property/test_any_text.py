"""Promise: whatever a JSON string can hold ends in the CMS or in sync_issues, clean, under a slug that nobody else has."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl.contract.raw import RAW_NAMES
from etl.transform.tenants import MODES
from tests.support.api import FakeApi
from tests.support.invariants import SLUG
from tests.support.postgres import Database
from tests.support.sync import Mall, record

# All code points, lone surrogates too; and what is odd more often than chance would have it.
ODD = st.sampled_from(
    [
        "\x00",
        "\x1b[31m",
        "\ud800",
        "\udfff",
        "\u202e",
        "\ufeff",
        "&#0;",
        "&#xD800;",
        "&amp;lt;",
        "\\u0000",
        "\\ud83d",
        "e\u0301",
        "\N{NO-BREAK SPACE}",
        "a\tb",
        "a\r\nb",
        "\x85",
        "\u2028",
        "&Tab;",
        "&NewLine;",
        "&#9;",
        "\\u000a",
        "\x0b",
        "\u0e33",
        "\U0010ffff",
        "\ufdd0",
        "''",
        "\\",
        "$1",
        "{{ table }}",
        "%s",
        "1F,2F",
        "T1-3F",
    ]
)
TEXT = st.lists(st.one_of(ODD, st.text(st.characters(codec=None), max_size=8)), max_size=6).map("".join)
FIELDS = st.sampled_from([*RAW_NAMES, *list(MODES) * 8])
RECORD = st.dictionaries(FIELDS, st.one_of(TEXT, st.none()), max_size=12)
LINES = {
    "": (
        *("unique_id", "location_zone", "contact_info_phone", "contact_info_website"),
        *("opening_hours_open", "opening_hours_close"),
    ),
    "_locales": ("title", "subtitle", "location_shop_number", "meta_title"),
    "_opening_hours_per_day": ("open", "close"),
}
"""By part of a table the columns that hold one line."""
PARAGRAPHS = ("description", "meta_description")


@pytest.fixture
def mall(database: Database, tmp_path: Path) -> Iterator[Mall]:
    """Give a mall whose rows of one example stay for the next."""
    with FakeApi() as api:
        yield Mall(api, database, tmp_path)


@settings(
    max_examples=settings().max_examples // 4,  # each is two syncs
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(odd=st.lists(RECORD, min_size=1, max_size=8))
def test_any_text(mall: Mall, odd: list[dict[str, Any]]) -> None:
    """Each record has a row (or one for each of its floors) or an error; the same feed again writes nothing."""
    mall.database.execute("DELETE FROM shops; DELETE FROM dinings; DELETE FROM etl.tenants_base")
    feed = [record(f"R{number}") | fields for number, fields in enumerate(odd)]

    result = mall.sync(feed, force=True)

    counts = result.counts
    assert counts.created + counts.rejected + counts.duplicates >= len(feed)
    errors = mall.database.query(
        "SELECT count(*) AS n FROM etl.sync_issues WHERE sync_id = %s AND severity = 'error'", result.sync_id
    )
    assert errors[0]["n"] == counts.rejected
    rows = [row for kind in ("shops", "dinings") for row in mall.database.query(f"SELECT * FROM {kind}")]
    assert len(rows) == counts.created
    for kind in ("shops", "dinings"):
        slugs = [row["slug"] for row in mall.database.query(f"SELECT slug FROM {kind}")]
        assert len(set(slugs)) == len(slugs)
        assert all(SLUG.fullmatch(slug) for slug in slugs)
        _assert_texts_are_clean(mall, kind)

    again = mall.sync(feed)
    assert (again.counts.created, again.counts.updated) == (0, 0)


def _assert_texts_are_clean(mall: Mall, kind: str) -> None:
    for part, names in LINES.items():
        for row in mall.database.query(f"SELECT * FROM {kind}{part}"):
            for name in names:
                _assert_clean(row[name])
    for row in mall.database.query(f"SELECT * FROM {kind}_locales"):
        for name in PARAGRAPHS:
            _assert_clean(row[name], "\n")


def _assert_clean(text: str | None, allowed: str = "") -> None:
    """No control character, line separator, surrogate or byte order mark, but for what is allowed; trimmed and composed."""
    if text is None:
        return
    assert text == text.strip()
    assert unicodedata.is_normalized("NFC", text)
    odd = {
        char for char in text if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") or char == "\ufeff"
    }
    assert odd <= set(allowed)
