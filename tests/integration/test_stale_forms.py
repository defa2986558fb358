"""A form that was open before a run and saved after it: everybody is told that it was the form, and how to undo it."""

from etl.compare.select import Selection, select
from tests.integration.test_explain import field, squeezed, told
from tests.integration.test_open_documents import look, zones
from tests.support.sync import Mall, record
from tests.unit.test_diff_text import plain_text


def save_old_form(mall: Mall) -> str:
    """Sync T1 twice, save the document of the first day over it with a new phone; return the second run."""
    mall.sync([record("T1"), record("T2")])
    run = mall.sync([record("T1", zone="West", unit="900"), record("T2")])
    mall.edit_texts("T1", "en", location_shop_number="101")
    mall.edit("T1", location_zone="East", contact_info_phone="02 999 9999")
    return run.sync_id


def test_it_is_said_everywhere(mall: Mall) -> None:
    """By diff as data and as text, by explain, by a sync's finding, each with --retake; a fix beside it is an editor's."""
    run = save_old_form(mall)

    found = look(mall)
    (row,) = found.records
    assert {each.field: (each.verdict, each.winner) for each in row.fields} == {
        "zone": ("put_back", "editor"), "shop_number_en": ("put_back", "editor"), "phone": ("kept", "editor"),
    }  # fmt: skip
    assert (row.tags, found.totals.fields["kept"]) == (("kept", "unchanged"), 3)
    page = " ".join(plain_text(select(found, Selection())).split())
    assert (
        "zone an old form put it back: `etl sync --retake` takes the source's again base West CMS East ← stays"
        in page
    )
    assert "phone kept for the editor base 02 000 0000 editor 02 999 9999 ← stays" in page

    explained = told(mall, "T1", dsn=mall.dsn)
    assert (field(explained, "zone").writer.who, field(explained, "zone").writer.sync_id) == ("form", run)
    assert field(explained, "phone").writer.who == "editor"
    said = squeezed(explained)
    assert f"an old form put it back, after {run}" in said
    assert "a sync leaves it: `etl sync --retake` takes the source's again" in said

    result = mall.sync()
    (finding,) = mall.database.query("SELECT * FROM etl.sync_issues WHERE sync_id = %s", result.sync_id)
    assert (finding["code"], finding["value"]) == ("put_back", "shop_number_en, zone")
    assert finding["message"] == (
        "shop_number_en, zone: an old form, opened before a run had replaced it, put it back, or a restore did. It stays; "
        "`etl sync --retake` takes the source's value again."
    )

    (retaken,) = look(mall, retake=True).records
    assert {each.field: (each.verdict, each.winner) for each in retaken.fields} == {
        "zone": ("put_back", "source"), "shop_number_en": ("put_back", "source"), "phone": ("kept", "editor"),
    }  # fmt: skip
    assert (retaken.action, retaken.tags) == ("updated", ("kept", "updated"))
    mall.sync(retake=True)
    row_now = mall.row("T1")
    assert (row_now["location_zone"], row_now["contact_info_phone"]) == ("West", "02 999 9999")


def test_where_the_source_changes_too(mall: Mall) -> None:
    """It is no editor's work that the source's value is written over: the conflict says whose it was."""
    save_old_form(mall)
    mall.api.records = [record("T1", zone="North", unit="900"), record("T2")]
    (row,) = look(mall).records
    zone = next(each for each in row.fields if each.field == "zone")
    assert (zone.verdict, zone.winner, zone.before, zone.after) == ("put_back", "source", "East", "North")
    assert row.tags == ("conflict", "kept", "updated")

    result = mall.sync()

    assert (result.counts.conflicts, zones(mall)["T1"]) == (1, "North")
    found = mall.database.query(
        "SELECT code, message FROM etl.sync_issues WHERE sync_id = %s ORDER BY code", result.sync_id
    )
    assert [row["code"] for row in found] == ["conflict", "put_back"]
    assert found[0]["message"] == (
        "The source changed zone, where an old form had put back what a run had replaced; the source's value was written. "
        "If the old one is right, enter it again in the CMS."
    )


def test_a_value_that_no_run_replaced(mall: Mall) -> None:
    """An editor who enters something else is an editor, and so is one who enters what was there two runs ago."""
    for zone in ("East", "West", "North"):
        mall.sync([record("T1", zone=zone)])
    mall.edit("T1", location_zone="East")
    (row,) = look(mall).records
    assert [(each.field, each.verdict) for each in row.fields] == [("zone", "kept")]
    assert field(told(mall, "T1", dsn=mall.dsn), "zone").writer.who == "editor"
