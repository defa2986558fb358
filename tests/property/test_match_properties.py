"""Properties of matching that hold for any feed."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from etl.contract.reference import CATEGORIES, FLOORS
from etl.match import Matched, Matcher
from etl.transform.floors import split_floor_label
from etl.transform.tenants import TENANTS

FLOOR_NAMES = ["B1", "BM1", "GF", "gf", "UG", "MF", "1F", "2F", "3F", "11F", "Sky Garden", "Roof Garden"]
CATEGORY_NAMES = [
    "LUXURY",
    "FASHION",
    "Fashion",
    "BEAUTY",
    "RESTAURANT",
    "HOME & LIVING",
    "แฟชั่น",
    "SPORTS CLUB",
]
STATUSES = st.sampled_from(["ACTIVE", "ACTIVE", "INACTIVE", None])

ONE_LABEL = st.sampled_from(
    [
        "1",
        "G",
        "GA",
        "Fl. 3",
        "BM1",
        "garden",
        "sky",
        "F",
        "99",
        "M",
        "1F",
        "",
        " ",
        "ลอย",
        "1F-3F",
        "G to 2",
        "B1~99",
    ]
)
LABELS = st.none() | ONE_LABEL | st.lists(ONE_LABEL, max_size=4).map(",".join) | st.text(max_size=6)
CATEGORY_LABELS = st.none() | st.sampled_from(
    ["Fashion", "fash", "health & beauty", "Food and Beverage", "แฟชั่น", "sports", "Nope", " "]
)

FEW = settings(
    max_examples=min(30, (settings.default or settings()).max_examples)
)  # each matches with a DuckDB of its own


@st.composite
def floor_frames(draw: st.DrawFn) -> pl.DataFrame:
    """Any few floors, also with doubled names."""
    rows = draw(st.lists(st.tuples(st.sampled_from(FLOOR_NAMES), STATUSES), max_size=8))
    return pl.DataFrame(
        [(n, name, 1.0, s) for n, (name, s) in enumerate(rows, 1)], schema=FLOORS, orient="row"
    )


@st.composite
def category_frames(draw: st.DrawFn) -> pl.DataFrame:
    """Any few categories of both kinds."""
    name = st.none() | st.sampled_from(CATEGORY_NAMES)
    kind = st.sampled_from(["shops", "dinings", "events"])
    rows = draw(st.lists(st.tuples(kind, STATUSES, name, name), max_size=8))
    return pl.DataFrame(
        [(n, kind, status, f"c{n}", en, th) for n, (kind, status, en, th) in enumerate(rows, 1)],
        schema=CATEGORIES,
        orient="row",
    )


@st.composite
def tenant_frames(draw: st.DrawFn, labels: st.SearchStrategy[str | None] = LABELS) -> pl.DataFrame:
    """Any few transformed tenants, with ids of their own."""
    rows = draw(st.lists(st.tuples(labels, CATEGORY_LABELS, CATEGORY_LABELS), max_size=8))
    frame = pl.DataFrame(
        [
            {
                "position": n,
                "unique_id": f"T{n}",
                "slug_stem": "s",
                "floor_label": label,
                "category_label_en": en,
                "category_label_th": th,
            }
            for n, (label, en, th) in enumerate(rows)
        ],
        schema={name: dtype for name, dtype in TENANTS.items() if name != "floor_parts"},
    )
    return frame.with_columns(floor_parts=split_floor_label(pl.col("floor_label"))).select(TENANTS.keys())


def matched(floors: pl.DataFrame, categories: pl.DataFrame, *chunks: pl.DataFrame) -> Matched:
    """Match chunks with one matcher, and put the results together; issues by record, as chunks order them."""
    with Matcher(floors, categories) as matcher:
        results = [matcher.match(chunk) for chunk in chunks]
    rules: dict[str, int] = {}
    for result in results:
        for rule, count in result.rules.items():
            rules[rule] = rules.get(rule, 0) + count
    return Matched(
        pl.concat([result.tenants for result in results]),
        pl.concat([result.issues for result in results]).sort("unique_id", "code"),
        dict(sorted(rules.items())),
    )


def assert_same(left: Matched, right: Matched) -> None:
    """Two results are equal, in rows, order, issues and counts."""
    assert_frame_equal(left.tenants, right.tenants)
    assert_frame_equal(left.issues, right.issues)
    assert left.rules == right.rules


@pytest.mark.long
@FEW
@given(floor_frames(), category_frames(), tenant_frames(labels=st.none() | st.text("FGM1ab .", max_size=5)))
def test_records_of_one_floor_keep_their_number_and_order(
    floors: pl.DataFrame, categories: pl.DataFrame, tenants: pl.DataFrame
) -> None:
    """A record without a list gives one row, in its place, under its own id."""
    found = matched(floors, categories, tenants).tenants
    assert found["position"].to_list() == tenants["position"].to_list()
    assert found["unique_id"].to_list() == tenants["unique_id"].to_list()
    assert not found["derived"].any()


@FEW
@given(floor_frames(), category_frames(), tenant_frames())
def test_every_record_is_there_in_feed_order_with_distinct_ids_and_floors(
    floors: pl.DataFrame, categories: pl.DataFrame, tenants: pl.DataFrame
) -> None:
    """No record is lost; ids are unique; a derived id belongs to a record with several floors, and only to it."""
    found = matched(floors, categories, tenants).tenants
    assert found["position"].unique(maintain_order=True).to_list() == tenants["position"].to_list()
    assert found["position"].is_sorted()
    assert found["unique_id"].is_unique().all()
    for _, rows in found.group_by("position"):
        several = rows.height > 1
        assert rows["derived"].to_list() == [several] * rows.height
        assert rows["copy"].to_list() == list(range(rows.height))
        assert not several or rows["floor_id"].is_unique().all()


@pytest.mark.long
@FEW
@given(floor_frames(), category_frames(), tenant_frames())
def test_only_active_rows_of_the_kind_are_taken(
    floors: pl.DataFrame, categories: pl.DataFrame, tenants: pl.DataFrame
) -> None:
    """A floor or category that was taken is ACTIVE, or has the default status, and is of the right type."""
    found = matched(floors, categories, tenants).tenants
    taken = floors.join(found.select(id="floor_id"), on="id", how="semi")
    assert "INACTIVE" not in taken["status"].to_list()
    for kind in ("shops", "dinings"):
        chosen = categories.join(found.select(id=f"{kind}_category_id"), on="id", how="semi")
        assert set(chosen["type"]) <= {kind}
        assert "INACTIVE" not in chosen["status"].to_list()


@pytest.mark.long
@FEW
@given(floor_frames(), category_frames(), tenant_frames(), st.integers(1, 4))
def test_matching_in_chunks_is_matching_at_once(
    floors: pl.DataFrame, categories: pl.DataFrame, tenants: pl.DataFrame, size: int
) -> None:
    """How the feed is cut changes nothing."""
    chunks = [tenants[at : at + size] for at in range(0, max(tenants.height, 1), size)]
    assert_same(matched(floors, categories, *chunks), matched(floors, categories, tenants))


@FEW
@given(floor_frames(), category_frames(), tenant_frames(), st.integers(0, 99))
def test_the_order_of_reference_rows_decides_nothing(
    floors: pl.DataFrame, categories: pl.DataFrame, tenants: pl.DataFrame, seed: int
) -> None:
    """Shuffled floors and categories give the same result."""
    shuffled = [frame.sample(fraction=1, shuffle=True, seed=seed) for frame in (floors, categories)]
    assert_same(matched(*shuffled, tenants), matched(floors, categories, tenants))
