"""Tenants in, tenants with floors and categories out, chunk by chunk."""

import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import polars as pl
import pytest

from etl.contract.issue import ISSUE
from etl.contract.reference import CATEGORIES, FLOORS
from etl.match import Considered, Explanation, KindExplanation, Matched, Matcher, frames
from etl.match import matcher as engine
from etl.transform.floors import floor_candidates, split_floor_label
from etl.transform.tenants import TENANTS

NAMES = ("B2", "B1", "GF", "UG", "MF", "1F", "2F", "3F", "4F", "5F", "6F", "7F", "8F")


def floors(*names: str, inactive: Iterable[str] = ()) -> pl.DataFrame:
    """Make floors with ids from 1; the inactive ones come last."""
    rows = [(name, "ACTIVE") for name in names] + [(name, "INACTIVE") for name in inactive]
    return pl.DataFrame(
        [(number, name, float(number), status) for number, (name, status) in enumerate(rows, start=1)],
        schema=FLOORS,
        orient="row",
    )


CATEGORY_ROWS = pl.DataFrame(
    [
        (1, "shops", "ACTIVE", "luxury", "LUXURY", None),
        (2, "shops", "ACTIVE", "fashion", "FASHION", "แฟชั่น"),
        (3, "shops", "ACTIVE", "general", "GENERAL", "ทั่วไป"),
        (4, "dinings", "ACTIVE", "restaurant", "RESTAURANT", "ร้านอาหาร"),
        (5, "dinings", "ACTIVE", "general-dining", "GENERAL", "ทั่วไป"),
        (6, "shops", "INACTIVE", "toys", "TOYS", None),
        (7, "shops", "ACTIVE", "sport-a", "SPORTS CLUB", None),
        (8, "shops", "ACTIVE", "sport-b", "SPORTS WEAR", None),
    ],
    schema=CATEGORIES,
    orient="row",
)


def tenant(
    unique_id: str = "T1",
    floor: str | None = None,
    en: str | None = None,
    th: str | None = None,
    **content: object,
) -> dict[str, object]:
    """Make one row of transformed tenants."""
    return {
        "unique_id": unique_id,
        "slug_stem": "stem",
        "floor_label": floor,
        "category_label_en": en,
        "category_label_th": th,
        **content,
    }


def feed(*rows: Mapping[str, object]) -> pl.DataFrame:
    """Make the frame that etl/transform/tenants.py makes."""
    numbered = [{"position": position, **row} for position, row in enumerate(rows)]
    schema = {name: dtype for name, dtype in TENANTS.items() if name != "floor_parts"}
    frame = pl.DataFrame(numbered, schema=schema)
    return frame.with_columns(floor_parts=split_floor_label(pl.col("floor_label"))).select(TENANTS.keys())


def match(
    *rows: Mapping[str, object],
    floor_rows: pl.DataFrame | None = None,
    category_rows: pl.DataFrame = CATEGORY_ROWS,
) -> Matched:
    """Match with the standard floors, or others."""
    with Matcher(floors(*NAMES) if floor_rows is None else floor_rows, category_rows) as matcher:
        return matcher.match(feed(*rows))


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("B1", [("T1", "B1", "exact")]),
        ("1F", [("T1", "1F", "exact")]),
        ("1", [("T1", "1F", "code")]),
        ("1f", [("T1", "1F", "exact")]),
        ("G", [("T1", "GF", "alias")]),
        ("GF", [("T1", "GF", "exact")]),
        ("GA", [("T1", "GF", "alias")]),
        ("U", [("T1", "UG", "alias")]),
        ("M", [("T1", "MF", "alias")]),
        ("BM1", [("T1", "B1", "fallback")]),
        ("BM2", [("T1", "B2", "fallback")]),
        ("BM", [("T1", None, "unmapped")]),
        ("7A", [("T1", "7F", "code")]),
        ("basement 1", [("T1", "B1", "code")]),
        ("ground floor", [("T1", "GF", "alias")]),
        ("upper ground", [("T1", "UG", "alias")]),
        ("mezzanine", [("T1", "MF", "alias")]),
        ("mezzanine floor", [("T1", "MF", "alias")]),
        ("first floor", [("T1", "1F", "alias")]),
        ("second floor", [("T1", "2F", "alias")]),
        ("third floor", [("T1", "3F", "alias")]),
        ("fourth floor", [("T1", "4F", "alias")]),
        ("fifth floor", [("T1", "5F", "alias")]),
        ("sixth floor", [("T1", "6F", "alias")]),
        ("seventh floor", [("T1", "7F", "alias")]),
        ("eighth floor", [("T1", "8F", "alias")]),
        ("B1 Floor", [("T1", "B1", "code")]),
        ("3F Floor", [("T1", "3F", "code")]),
        ("Fl. 3", [("T1", "3F", "code")]),
        ("Fl. G", [("T1", "GF", "alias")]),
        ("Fl. GA", [("T1", "GF", "alias")]),
        ("Fl. M", [("T1", "MF", "alias")]),
        ("Fl. U", [("T1", "UG", "alias")]),
        ("Fl. B1", [("T1", "B1", "code")]),
        ("Fl. BM1", [("T1", "B1", "fallback")]),
        ("Fl. BF", [("T1", None, "unmapped")]),
        ("F", [("T1", None, "unmapped")]),
        (",1", [("T1", "1F", "code")]),
        ("2,3", [("T1-2F", "2F", "code"), ("T1-3F", "3F", "code")]),
        ("Fl. 3,4", [("T1-3F", "3F", "code"), ("T1-4F", "4F", "code")]),
        ("Fl. G,GA", [("T1", "GF", "alias")]),
        ("Fl. M,1", [("T1-MF", "MF", "alias"), ("T1-1F", "1F", "code")]),
        ("7,8", [("T1-7F", "7F", "code"), ("T1-8F", "8F", "code")]),
        ("7,7A,8A", [("T1-7F", "7F", "code"), ("T1-8F", "8F", "code")]),
        ("Fl. BM1,G", [("T1-B1", "B1", "fallback"), ("T1-GF", "GF", "alias")]),
        ("Fl. 99,77", [("T1", None, "unmapped")]),
        ("-1", [("T1", "B1", "code")]),
        ("1F-3F", [("T1-1F", "1F", "range"), ("T1-2F", "2F", "range"), ("T1-3F", "3F", "range")]),
        ("1 to 3", [("T1-1F", "1F", "range"), ("T1-2F", "2F", "range"), ("T1-3F", "3F", "range")]),
        ("B1~GF", [("T1-B1", "B1", "range"), ("T1-GF", "GF", "range")]),
        ("MF\u20131F, 8F", [("T1-MF", "MF", "range"), ("T1-1F", "1F", "range"), ("T1-8F", "8F", "exact")]),
        ("1F|2F", [("T1-1F", "1F", "exact"), ("T1-2F", "2F", "exact")]),
        ("1F\n2F", [("T1-1F", "1F", "exact"), ("T1-2F", "2F", "exact")]),
        ("1F (ICONLUXE)", [("T1", "1F", "exact")]),
        ("Lv.3", [("T1", "3F", "code")]),
        ("3.0", [("T1", "3F", "code")]),
        ("ชั้น 3", [("T1", "3F", "code")]),
        ("\u200e3F", [("T1", "3F", "exact")]),
        ("3\u200bF", [("T1", "3F", "exact")]),
        ("Floors 3-4x", [("T1", None, "unmapped")]),
        (None, [("T1", None, "blank")]),
        ("  ", [("T1", None, "blank")]),
        (",", [("T1", None, "unmapped")]),
    ],
)
def test_every_label_of_the_domain(label: str | None, expected: list[tuple[str, str | None, str]]) -> None:
    """A label, or each part of a list, gets its floor; several distinct floors make several rows."""
    found = match(tenant(floor=label)).tenants
    names = dict(enumerate(NAMES, start=1))
    ids = [names.get(floor_id) for floor_id in found["floor_id"]]
    assert list(zip(found["unique_id"], ids, found["floor_rule"], strict=True)) == expected


def test_rows_of_a_list() -> None:
    """Each copy has the record's content; copies are numbered, and know the id they are derived from."""
    start = datetime(2025, 7, 1, tzinfo=UTC)
    found = match(
        tenant("A", "Fl. 3,4", title_en="Café", start_at=start, hours="[true, null, null, []]"),
        tenant("B", "G"),
    ).tenants
    columns = [
        "position",
        "copy",
        "unique_id",
        "source_unique_id",
        "derived",
        "title_en",
        "start_at",
        "floor_id",
    ]
    assert found.select(columns).rows() == [
        (0, 0, "A-3F", "A", True, "Café", start, 8),
        (0, 1, "A-4F", "A", True, "Café", start, 9),
        (1, 0, "B", "B", False, None, None, 3),
    ]
    assert found["hours"].to_list() == ["[true, null, null, []]"] * 2 + [None]
    assert dict(found.schema) == frames.ROWS


def test_a_floor_that_is_named_like_a_list() -> None:
    """The whole label's exact name comes before the parts; only its exact name."""
    rows = floors("1F", "MF", "M,1", "7,8 West")
    found = match(tenant("A", "m,1"), tenant("B", "7,8"), floor_rows=rows).tenants
    assert found.select("unique_id", "floor_id", "floor_rule").rows() == [
        ("A", 3, "exact"),
        ("B", None, "unmapped"),
    ]


def test_derived_id_has_the_floor_name_without_stray_spaces() -> None:
    """A CMS floor ' 3F ' gives T1-3F."""
    found = match(tenant(floor="3,4"), floor_rows=floors(" 3F ", "4F")).tenants
    assert found["unique_id"].to_list() == ["T1-3F", "T1-4F"]


def test_basements_where_the_database_has_them() -> None:
    """BM1 is BM1 and BF is BF where the database has them, ACTIVE."""
    rows = floors("B1", "BM1", "BF", inactive=("BM2",))
    found = match(tenant("A", "Fl. BM1"), tenant("B", "BF"), tenant("C", "BM2"), floor_rows=rows)
    assert found.tenants["floor_id"].to_list() == [2, 3, None]
    assert "'BM2' fits only what is INACTIVE: BM2." in found.issues["message"][0]


def test_issue_of_a_floor() -> None:
    """One issue a record, with the whole label as its value; a blank label is none."""
    found = match(tenant("A", "Fl. 99,77"), tenant("B"), tenant("C", "1")).issues
    assert found.filter(code="unmapped_floor").rows() == [
        (
            "A",
            "warning",
            "unmapped_floor",
            "floor_id",
            "No floor: 'Fl. 99' fits nothing; '77' fits nothing. "
            "A new record is loaded without a floor; one in the CMS keeps its rows and floors. "
            "Correct the label at the source, or add or activate the floor in the CMS.",
            "Fl. 99,77",
        )
    ]
    assert dict(found.schema) == ISSUE


def test_issue_of_a_list_of_which_a_part_fits() -> None:
    """The floors of the rest are taken; the part that fits nothing is reported under the source's id."""
    found = match(tenant("A", "3,99,4"))
    assert found.tenants["unique_id"].to_list() == ["A-3F", "A-4F"]
    assert found.issues.select("unique_id", "message", "value").rows() == [
        (
            "A",
            "No floor: '99' fits nothing. A new record is loaded with the floors of the rest: 3F, 4F; "
            "one in the CMS keeps its rows and floors. "
            "Correct the label at the source, or add or activate the floor in the CMS.",
            "3,99,4",
        )
    ]


def test_issue_of_many_parts() -> None:
    """Three parts are named, the others counted."""
    found = match(tenant(floor="91,92,93,94,95")).issues
    assert found["message"][0].startswith(
        "No floor: '91' fits nothing; '92' fits nothing; '93' fits nothing and 2 more. A new record is loaded without"
    )


def test_issue_names_the_candidates() -> None:
    """Several ACTIVE floors contain the label: none is taken, all are named."""
    found = match(tenant(floor="garden"), floor_rows=floors("Sky Garden", "Roof Garden"))
    assert found.tenants["floor_id"].to_list() == [None]
    assert found.issues["message"][0].startswith(
        "No floor: 'garden' is part of several names: Roof Garden, Sky Garden. A new record"
    )


def test_issues_keep_feed_order_and_short_values() -> None:
    """Issues of floors come in feed order, then those of categories; a value has at most 500 characters."""
    long = "9" * 600
    found = match(tenant("B", long, en="Nope"), tenant("A", "zz"), tenant("C", en="Nada")).issues
    assert found.select("unique_id", "code").rows() == [
        ("B", "unmapped_floor"),
        ("A", "unmapped_floor"),
        ("B", "unmapped_category"),
        ("C", "unmapped_category"),
        ("B", "kind_by_default"),
        ("C", "kind_by_default"),
    ]
    assert found["value"].to_list() == ["9" * 500, "zz", "Nope", "Nada", "Nope", "Nada"]
    assert len(found["message"][0]) < 400


def test_categories_of_both_kinds() -> None:
    """A record has its category of each kind, as it may live in either table."""
    found = match(
        tenant("A", en="General"),
        tenant("B", en="Food & Beverage"),
        tenant("C", en="Toys and so on", th="แฟชั่น"),
        tenant("D", en="  ", th=None),
    ).tenants
    columns = ["shops_category_id", "shops_category_rule", "dinings_category_id", "dinings_category_rule"]
    assert found.select(columns).rows() == [
        (3, "exact", 5, "exact"),
        (None, "unmapped", 4, "alias"),
        (2, "exact", None, "unmapped"),
        (None, "blank", None, "blank"),
    ]


def test_issue_of_a_category() -> None:
    """Only the record's own kind is reported, once a record however many floors, with both labels."""
    found = match(
        tenant("A", "3,4", en="Nope", th="ไม่มี"),
        tenant("B", en="Food & Beverage"),
        tenant("C", en="Wine Bar", th="ไม่มี"),
        tenant("D"),
    ).issues.filter(code="unmapped_category")
    assert found.rows() == [
        (
            "A",
            "warning",
            "unmapped_category",
            "shops_category_id",
            "No category of shops for 'Nope' (English), 'ไม่มี' (Thai): fits nothing. "
            "The record is loaded, its category link is left as it is. "
            "Correct the labels at the source, or add or activate the category in the CMS.",
            "Nope",
        ),
        (
            "C",
            "warning",
            "unmapped_category",
            "dinings_category_id",
            "No category of dinings for 'Wine Bar' (English), 'ไม่มี' (Thai): fits nothing. "
            "The record is loaded, its category link is left as it is. "
            "Correct the labels at the source, or add or activate the category in the CMS.",
            "Wine Bar",
        ),
    ]


def test_issue_of_a_category_names_inactive_rows_and_candidates() -> None:
    """The reason says what an editor can mend."""
    issues = match(tenant("A", en="Toys"), tenant("B", en="sports")).issues
    messages = issues.filter(code="unmapped_category")["message"].to_list()
    assert messages[0].startswith(
        "No category of shops for 'Toys' (English), no label (Thai): fits only what is INACTIVE: TOYS. "
    )
    assert messages[1].startswith(
        "No category of shops for 'sports' (English), no label (Thai): "
        "is part of several names: SPORTS CLUB, SPORTS WEAR. "
    )


def test_issue_of_a_category_names_the_one_of_the_other_kind() -> None:
    """A shop's label that fits only a category of dinings is told so."""
    categories = CATEGORY_ROWS.filter(pl.col("id") != 4).with_columns(
        name_en=pl.when(id=5).then(pl.lit("ROOF & TERRACE")).otherwise("name_en")
    )
    issues = match(tenant("A", en="Terrace"), category_rows=categories).issues
    assert issues.select("code", "message").rows()[0] == (
        "unmapped_category",
        "No category of shops for 'Terrace' (English), no label (Thai): fits only a category of dinings: ROOF & TERRACE. "
        "The record is loaded, its category link is left as it is. "
        "Correct the labels at the source, or add or activate the category in the CMS.",
    )


def test_issue_of_an_english_label_that_fits_nothing() -> None:
    """Where only the Thai label has a category the English one is reported; not where there is none, or both fit."""
    found = match(
        tenant("A", en="Nope", th="แฟชั่น"),
        tenant("B", th="แฟชั่น"),
        tenant("C", en="fashion", th="แฟชั่น"),
        tenant("D", en="Sports", th="แฟชั่น"),
    ).issues
    assert found.select("unique_id", "severity", "code", "field", "message", "value").rows() == [
        (
            "A",
            "warning",
            "english_label_unmatched",
            "shops_category_id",
            "'Nope' (English) fits no category of shops; FASHION was taken for 'แฟชั่น' (Thai). "
            "Correct the English label in the directory.",
            "Nope",
        ),
        (
            "D",
            "warning",
            "english_label_unmatched",
            "shops_category_id",
            "'Sports' (English) fits no category of shops; FASHION was taken for 'แฟชั่น' (Thai). "
            "Correct the English label in the directory.",
            "Sports",
        ),
    ]


def test_kinds_and_their_rules() -> None:
    """A record is a shop or a dining by its labels; where these say nothing it is a shop, and reported."""
    found = match(
        tenant("A", en="Luxury"),
        tenant("B", th="ร้านอาหาร"),
        tenant("C", en="Coffee Shop"),
        tenant("D", th="ร้านกาแฟ"),
        tenant("E", en="General", th="ไม่มี"),
        tenant("F"),
        tenant("G", en=" "),
    )
    assert found.tenants.select("unique_id", "kind", "kind_rule").rows() == [
        ("A", "shops", "category_en"),
        ("B", "dinings", "category_th"),
        ("C", "dinings", "words_en"),
        ("D", "dinings", "words_th"),
        ("E", "shops", "default"),
        ("F", "shops", "blank"),
        ("G", "shops", "blank"),
    ]
    assert found.issues.filter(code="kind_by_default").rows() == [
        (
            "E",
            "info",
            "kind_by_default",
            "kind",
            "Neither 'General' (English) nor 'ไม่มี' (Thai) says whether the record is a shop or a dining; "
            "it is taken for a shop. If it is a dining, correct the labels in the directory.",
            "General",
        )
    ]


def test_rules_are_counted() -> None:
    """Floors by row, kinds and categories by record, categories for the record's own kind."""
    found = match(
        tenant("A", "3,GF", en="fashion"),
        tenant("B", "B1", en="fashion brands"),
        tenant("C", "99", en="club"),
        tenant("D", en="Food and Beverage"),
        tenant("E", "BM1", en="Food Supplement"),
        tenant("F", "G"),
    )
    assert found.rules == {
        "category:alias": 2,
        "category:blank": 1,
        "category:exact": 1,
        "category:partial": 1,
        "category:unmapped": 1,
        "floor:alias": 1,
        "floor:blank": 1,
        "floor:code": 1,
        "floor:exact": 2,
        "floor:fallback": 1,
        "floor:unmapped": 1,
        "kind:blank": 1,
        "kind:category_en": 3,
        "kind:default": 2,
    }


def test_no_tenants() -> None:
    """An empty chunk gives empty frames of the same columns."""
    found = match()
    assert (found.tenants.height, found.issues.height, found.rules) == (0, 0, {})
    assert dict(found.tenants.schema) == frames.ROWS
    assert dict(found.issues.schema) == ISSUE


def test_no_floors_and_no_categories() -> None:
    """In an empty CMS every record is loaded and reported."""
    found = match(
        tenant(floor="G", en="Fashion"),
        floor_rows=pl.DataFrame(schema=FLOORS),
        category_rows=pl.DataFrame(schema=CATEGORIES),
    )
    assert found.tenants.select("unique_id", "floor_rule", "shops_category_rule").rows() == [
        ("T1", "unmapped", "unmapped")
    ]
    assert found.issues["code"].to_list() == ["unmapped_floor", "unmapped_category", "kind_by_default"]


def test_labels_are_matched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A label that an earlier chunk had is not asked again."""
    asked: list[list[str]] = []

    def asking(labels: pl.Series) -> pl.DataFrame:
        asked.append(labels.to_list())
        return floor_candidates(labels)

    monkeypatch.setattr(engine, "floor_candidates", asking)
    with Matcher(floors(*NAMES), CATEGORY_ROWS) as matcher:
        matcher.match(feed(tenant("A", "3,4"), tenant("B", "G")))
        matcher.match(feed(tenant("C", "G"), tenant("D", "4"), tenant("E", "MF")))
    assert asked == [["3", "3,4", "4", "G"], ["MF"]]


def test_memory_of_labels_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit labels of earlier chunks are forgotten, and matched again with the same result."""
    monkeypatch.setattr(engine, "_REMEMBERED", 2)
    monkeypatch.setattr(engine, "_BATCH", 1)
    with Matcher(floors(*NAMES), CATEGORY_ROWS) as matcher:
        first = matcher.match(feed(tenant("A", "3,4", en="fashion"), tenant("B", "G", th="แฟชั่น")))
        matcher.match(feed(tenant("C", "U", en="luxury"), tenant("D", "M", en="general")))
        assert matcher._floors["label"].sort().to_list() == ["M", "U"]
        assert matcher._categories.height == 2
        again = matcher.match(feed(tenant("A", "3,4", en="fashion"), tenant("B", "G", th="แฟชั่น")))
    assert first.tenants["floor_id"].to_list() == [8, 9, 3]
    assert again.tenants.equals(first.tenants)


def test_explain_floor() -> None:
    """The rule, the floor and what else was considered; a blank label has no rule to try."""
    with Matcher(floors("B1", "GF", inactive=("BM1",)), CATEGORY_ROWS) as matcher:
        assert matcher.explain_floor("Fl. BM1") == Explanation(
            rule="fallback",
            id=1,
            name="B1",
            considered=(Considered("code", 3, "BM1", False), Considered("fallback", 1, "B1", True)),
        )
        assert matcher.explain_floor("99") == Explanation("unmapped")
        assert matcher.explain_floor(" ") == Explanation("blank")
        assert matcher.explain_floor(None) == Explanation("blank")


def test_explain_a_range() -> None:
    """All its floors have one explanation; INACTIVE ones within it are told."""
    with Matcher(floors("1F", "2F", "3F"), CATEGORY_ROWS) as matcher:
        found = matcher.explain_floor("1 to 3")
        assert (found.rule, found.id, found.name, found.note) == ("range", 1, "1F, 2F, 3F", None)
    rows = floors("1F", "2F", "3F").with_columns(status=pl.Series(["ACTIVE", "INACTIVE", "ACTIVE"]))
    with Matcher(rows, CATEGORY_ROWS) as matcher:
        found = matcher.explain_floor("1 to 3")
        assert (found.id, found.name) == (1, "1F, 3F")
        assert found.note == "leaves out what is INACTIVE within the range: 2F"


def test_explain_kind() -> None:
    """The kind, the rule, and the category or word that decided."""
    with Matcher(floors("GF"), CATEGORY_ROWS) as matcher:
        assert matcher.explain_kind("food&beverage", None) == KindExplanation(
            "dinings", "category_en", "RESTAURANT"
        )
        assert matcher.explain_kind("Wine Bars", None) == KindExplanation("dinings", "words_en", "bar")
        assert matcher.explain_kind("Nail Bars", "") == KindExplanation("shops", "default")
        assert matcher.explain_kind(" ", None) == KindExplanation("shops", "blank")


@pytest.mark.parametrize(
    ("label", "is_understood"),
    [
        ("3F", True),
        ("Fl. 3,4", True),
        ("1 to 3", True),
        ("1F (ICONLUXE)", True),
        (None, False),
        (" ", False),
        ("-", False),
        (",", False),
        ("99", False),
        ("3,99", False),
        ("Floors 3-4x", False),
        ("1-99", False),
    ],
)
def test_a_label_is_understood_or_not(label: str | None, is_understood: bool) -> None:
    """Only where each part of it is a floor, or a range of floors, that the database knows."""
    assert match(tenant(floor=label)).tenants["floor_is_understood"].unique().to_list() == [is_understood]


def test_a_range_over_an_inactive_floor_is_not_understood() -> None:
    """The ACTIVE floors are taken, the other one is reported."""
    rows = floors("1F", "2F", "3F").with_columns(status=pl.Series(["ACTIVE", "INACTIVE", "ACTIVE"]))
    found = match(tenant(floor="1F-3F"), floor_rows=rows)
    assert found.tenants.select("unique_id", "floor_is_understood").rows() == [
        ("T1-1F", False),
        ("T1-3F", False),
    ]
    assert found.issues["message"].to_list() == [
        "No floor: '1F-3F' leaves out what is INACTIVE within the range: 2F. "
        "A new record is loaded with the floors of the rest: 1F, 3F; one in the CMS keeps its rows and floors. "
        "Correct the label at the source, or add or activate the floor in the CMS."
    ]


def test_explain_category() -> None:
    """The rule and the category of one kind; each that was considered says by which language's label."""
    with Matcher(floors("GF"), CATEGORY_ROWS) as matcher:
        assert matcher.explain_category("shops", "Nope", "แฟชั่น") == Explanation(
            "exact", 2, "FASHION", (Considered("exact", 2, "FASHION", True, "th"),)
        )
        assert matcher.explain_category("dinings", "food&beverage", None) == Explanation(
            "alias", 4, "RESTAURANT", (Considered("alias", 4, "RESTAURANT", True, "en"),)
        )
        assert matcher.explain_category("dinings", "Nope", " ") == Explanation("unmapped")
        assert matcher.explain_category("dinings", "", None) == Explanation("blank")


def test_double_names_are_told() -> None:
    """Names that several ACTIVE rows share are a thing to mend in the CMS."""
    with Matcher(floors("GF", "B1", "gf", inactive=("B1",)), CATEGORY_ROWS) as matcher:
        assert matcher.double_names() == [
            "2 ACTIVE floors are named 'GF': id 1 is taken, never 3. Rename or deactivate the others in the CMS."
        ]
    with Matcher(floors("GF"), CATEGORY_ROWS) as matcher:
        assert matcher.double_names() == []


def test_connection_is_small_and_shut_off() -> None:
    """One thread, little memory, UTC, no temporary files, and no look at Python's variables."""
    found = engine.connect("32MB").sql(
        "SELECT current_setting('threads'), current_setting('TimeZone'), current_setting('temp_directory'),"
        " current_setting('memory_limit'), current_setting('python_enable_replacements')"
    )
    assert found.fetchall() == [(1, "UTC", "", "30.5 MiB", False)]


@pytest.mark.parametrize(
    ("rows", "labels"), [(0, 5000), (13, 5000), (20, 5000), (21, 4761), (200, 500), (99_999, 1), (200_000, 1)]
)
def test_labels_are_matched_in_batches(rows: int, labels: int) -> None:
    """Few enough at a time that labels which are part of every name fit into DuckDB's memory."""
    assert engine._batch(rows) == labels


@pytest.mark.long
def test_labels_that_are_part_of_every_name_fit_into_memory() -> None:
    """5,000 labels that 200 categories contain: all unmapped, none fails for want of memory."""
    named = [(n, "shops", "ACTIVE", f"c{n}", f"Shop {n}", "ร้าน ค้าทั่วไป") for n in range(200)]
    categories = pl.DataFrame(named, schema=CATEGORIES, orient="row")
    tenants = [tenant(f"T{n}", en=f"Nope {n}", th="ร้าน") for n in range(5_000)]
    assert match(*tenants, category_rows=categories).rules == {
        "category:unmapped": 5_000,
        "floor:blank": 5_000,
        "kind:default": 5_000,
    }


def test_importing_the_package_loads_no_duckdb() -> None:
    """`import etl` and the queries' loader stay light."""
    code = "import sys, etl, etl.runtime.queries; assert not {'duckdb', 'polars'} & sys.modules.keys()"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_further_floor_aliases() -> None:
    """A further alias gives way to an exact name, wins over the code, and is nothing where its floor is not known."""
    given = {"Moon": "8F", "1F": "8F", "2": "3F", "4": "99F"}
    labels = ("moon", "1F", "2", "4")
    with Matcher(floors(*NAMES), CATEGORY_ROWS, floor_aliases=given) as matcher:
        found = matcher.match(feed(*(tenant(f"T{label}", label) for label in labels))).tenants
        assert matcher.explain_floor("Moon").rule == "alias"
    names = dict(enumerate(NAMES, start=1))
    assert [(names[row[0]], row[1]) for row in found.select("floor_id", "floor_rule").iter_rows()] == [
        ("8F", "alias"),
        ("1F", "exact"),
        ("3F", "alias"),
        ("4F", "code"),
    ]
