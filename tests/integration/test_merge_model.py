"""The three-way merge against a model of it in plain Python, over generated stories.

Hypothesis makes small feeds, editors' work between them, and syncs with their options. After each sync the
CMS's tables, the counts and the rows' transaction ids are compared with the model's; a second sync right after
may write nothing. ETL_TEST_EXAMPLES sets how many stories are told.
"""

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support.merge_model import COLUMNS, TEXTS, Model
from tests.support.stories import EXAMPLES, STEPS, do_edits
from tests.support.sync import Mall


def read_cms(mall: Mall) -> dict[Any, Any]:
    """Return every row of the CMS by table and unique_id."""
    shown: dict[Any, Any] = {}
    for table in ("shops", "dinings"):
        columns = ", ".join(f"t.{column} AS {name}" for name, column in COLUMNS.items())
        texts = ", ".join(f"'{name}', l.{column}" for name, column in TEXTS.items())
        rows = mall.database.query(
            f"""SELECT unique_id, t.slug, t.status::text AS status, skip_sync, f.name AS floor, {columns},
            (SELECT jsonb_object_agg(l._locale, jsonb_build_object({texts})) FROM {table}_locales l
             WHERE l._parent_id = t.id) AS texts,
            (SELECT jsonb_agg(jsonb_build_array(day, open, close) ORDER BY _order)
             FROM {table}_opening_hours_per_day d WHERE d._parent_id = t.id) AS per_day,
            (SELECT coalesce(jsonb_agg(c.name ORDER BY c.name), '[]') FROM {table}_rels r
             JOIN categories_locales c ON c._parent_id = r.categories_id AND c._locale = 'en'
             WHERE r.parent_id = t.id AND r.path = 'categories') AS links
            FROM {table} t LEFT JOIN floors f ON f.id = t.floor_id"""
        )
        for row in rows:
            by_language = row.pop("texts")
            texts_shown = {
                f"{name}_{language}": by_language.get(language, {}).get(name)
                for language in ("en", "th")
                for name in TEXTS
            }
            days = tuple(map(tuple, row["per_day"])) if row["per_day"] else None
            key = (table, row.pop("unique_id"))
            assert key not in shown, f"{key} is there twice"
            zh = {name: text or None for name, text in by_language.get("zh", {}).items()}
            seen = {name: None if value == "" else value for name, value in {**row, **texts_shown}.items()}
            shown[key] = {**seen, "per_day": days, "zh": zh}
    return shown


def differences(found: dict[Any, Any], expected: dict[Any, Any]) -> list[Any]:
    """Return (row, field, found, expected) of whatever is not as expected, for people to read."""
    told: list[Any] = [(key, "row", key in found, key in expected) for key in found.keys() ^ expected.keys()]
    for key in found.keys() & expected.keys():
        for name in expected[key]:
            if found[key][name] != expected[key][name]:
                told.append((key, name, found[key][name], expected[key][name]))
    return told


def read_xmins(mall: Mall) -> dict[Any, tuple[str, Any]]:
    """Return each row's transaction id and updated_at by table and unique_id."""
    return {
        (table, row["unique_id"]): (row["xmin"], row["updated_at"])
        for table in ("shops", "dinings")
        for row in mall.database.query(f"SELECT xmin::text AS xmin, unique_id, updated_at FROM {table}")
    }


def tell(mall: Mall, model: Model, steps: list[Any]) -> None:
    """Play a story on the mall and on the model, and compare them after each step."""
    for edits, feed, winner, missing in steps:
        do_edits(mall, model, edits)
        assert read_cms(mall) == model.shown(), "the test's own editors disagree"
        before, times = model.shown(), read_xmins(mall)
        model.start()
        expected = model.sync(feed, winner, missing)

        result = mall.sync(feed, conflicts=winner, missing=missing)

        assert differences(read_cms(mall), model.shown()) == []
        assert {name: getattr(result.counts, name) for name in expected} == expected
        after = model.shown()
        for key, found in read_xmins(mall).items():
            if key in before:
                assert (found == times[key]) == (before[key] == after[key]), f"{key} was written for nothing"
        fingerprint = mall.fingerprint()
        again = mall.sync(snapshot=result.extracted.snapshot, conflicts=winner, missing=missing)
        assert not again.counts.has_changes
        assert mall.fingerprint() == fingerprint


@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # shrinking would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=2, max_size=4))
def test_a_sync_does_what_the_model_says(mall: Mall, steps: list[Any]) -> None:
    """Feeds, editors and options in any order: tables, counts and untouched rows are as the model has them."""
    mall.database.execute(
        "TRUNCATE shops, dinings, etl.sync_logs, etl.sync_issues, etl.sync_changes, etl.tenants_base "
        "RESTART IDENTITY CASCADE"
    )
    tell(mall, Model(), steps)
