"""Runs in which everything happens at once: shops and dinings with equal ids, and changes of all kinds in one batch."""

from datetime import datetime

import pytest

from tests.support.mixed import Moment
from tests.support.seen import changed

pytestmark = pytest.mark.xdist_group("mixed")


def rows(lines: dict[str, str]) -> set[str]:
    """Return the rows that changes are of, by table and number."""
    return {" ".join(name.split()[:2]) for name in lines}


def saved(before: dict[str, datetime], after: dict[str, datetime]) -> set[str]:
    """Return the rows that were saved in between, or made."""
    return {row for row, at in after.items() if before.get(row) != at}


def test_what_a_run_of_all_kinds_of_changes_writes(mixed: dict[str, Moment]) -> None:
    """Only what the source changed is written, each to its own table, and `updated_at` moves with it and nowhere else."""
    edits, tuesday = mixed["edits"], mixed["tuesday"]

    lines = changed(edits.seen, tuesday.seen)

    assert lines == {
        "dinings 10 links": "- > 1 categories CAFE & BAKERY",
        "dinings 12 links": "1 categories RESTAURANT, 2 categories CAFE & BAKERY > 2 categories CAFE & BAKERY",
        "dinings 14 th": "- >  |  | ใหม่ |  |  | ใหม่", "dinings 16 status": "ACTIVE > -",
        "dinings 17 zone": "East > West", "dinings 19 zone": "East > West", "dinings 2 zone": "East > West",
        "dinings 24 zone": "Mine > West", "dinings 26 phone": "02 000 0000 > 02 111 1111",
        "dinings 28 unique_id": "D27-4F > D27",
        "dinings 29 new": "close 22:00; daily True; en Twin | ร้าน D31 | A shop. | 101 | Twin | A shop.; floor "
            "1F; links 1 categories RESTAURANT; open 10:00; phone 02 000 0000; slug twin; th แบรนด์ D31 | Shop "
            "D31 | ร้านค้า | 101 | แบรนด์ D31 | ร้านค้า; unique_id D31; website https://example.com; zh Twin | "
            "ร้าน D31 | A shop. | 101 | Twin | A shop.; zone East",
        "dinings 30 new": "daily False; days mon-thu 11:00-21:00, fri-sun 11:00-23:00; en Brand D32 |  | A shop. "
            "|  | Brand D32 | A shop.; floor 1F; links 1 categories RESTAURANT; phone 02 000 0000; slug "
            "brand-d32; th  | Shop D32 |  |  |  | ; unique_id D32; website https://example.com; zh Brand D32 |  "
            "| A shop. |  | Brand D32 | A shop.; zone East",
        "dinings 4 th": "แบรนด์ D4 | Shop D4 | ร้านค้า | 101 | แบรนด์ D4 | ร้านค้า > ใหม่ | Shop D4 | ร้านค้า | "
            "101 | ใหม่ | ร้านค้า",
        "dinings 6 days": "mon-fri 10:00-21:00, sat-sun 10:00-22:00 > mon-thu 11:00-21:00, fri-sun 11:00-23:00",
        "dinings 8 links": "1 categories RESTAURANT > 1 categories CAFE & BAKERY", "shops 1 zone": "East > West",
        "shops 11 links": "1 categories FASHION, 2 categories LUXURY > 2 categories LUXURY",
        "shops 13 th": "- > ใหม่ |  |  |  | ใหม่ | ", "shops 15 status": "ACTIVE > -", "shops 18 zone": "East > West",
        "shops 20 zone": "East > West", "shops 21 zone": "East > West", "shops 23 zone": "Mine > West",
        "shops 25 zone": "East > West", "shops 27 unique_id": "S27 > S27-3F",
        "shops 28 new": "close 22:00; daily True; en Brand S27 | ร้าน S27 | A shop. | 101 | Brand S27 | A shop.; "
            "floor 4F; links 1 categories FASHION; open 10:00; phone 02 000 0000; slug brand-s27-2; th แบรนด์ "
            "S27 | Shop S27 | ร้านค้า | 101 | แบรนด์ S27 | ร้านค้า; unique_id S27-4F; website "
            "https://example.com; zh Brand S27 | ร้าน S27 | A shop. | 101 | Brand S27 | A shop.; zone East",
        "shops 29 new": "daily False; days mon-fri 10:00-21:00, sat-sun 10:00-22:00; en Twin | ร้าน S31 | A "
            "shop. | 101 | Twin | A shop.; floor 1F; links 1 categories FASHION; phone 02 000 0000; slug twin; "
            "th แบรนด์ S31 | Shop S31 | ร้านค้า | 101 | แบรนด์ S31 | ร้านค้า; unique_id S31; website "
            "https://example.com; zh Twin | ร้าน S31 | A shop. | 101 | Twin | A shop.; zone East",
        "shops 3 en": "Brand S3 | ร้าน S3 | A shop. | 101 | Brand S3 | A shop. > New S3 | ร้าน S3 | A shop. | "
            "101 | New S3 | A shop.",
        "shops 30 new": "close 22:00; daily True; en Twin | ร้าน S32 | A shop. | 101 | Twin | A shop.; floor 1F; "
            "open 10:00; phone 02 000 0000; slug twin-2; th แบรนด์ S32 | Shop S32 | ร้านค้า | 101 | แบรนด์ S32 | "
            "ร้านค้า; unique_id S32; website https://example.com; zh Twin | ร้าน S32 | A shop. | 101 | Twin | A "
            "shop.; zone East",
        "shops 5 close": "- > 22:00", "shops 5 daily": "False > True",
        "shops 5 days": "mon-fri 10:00-21:00, sat-sun 10:00-22:00 > -", "shops 5 open": "- > 10:00",
        "shops 7 links": "1 categories FASHION > 1 categories LUXURY", "shops 9 links": "- > 1 categories LUXURY",
    }  # fmt: skip
    assert saved(edits.saved, tuesday.saved) == rows(lines)


def test_what_that_run_tells(mixed: dict[str, Moment]) -> None:
    """Figures, findings and the log of changes agree with what was written."""
    tuesday = mixed["tuesday"]
    assert tuesday.counts == {
        "processed": 57, "shops": 29, "dinings": 28, "created": 5, "updated": 25, "unchanged": 23, "skipped": 4,
        "missing": 3, "inactivated": 2, "kept": 22, "conflicts": 8, "unmapped_categories": 3,
    }  # fmt: skip
    assert tuesday.findings == [
        "S25 unmapped_category shops_category_id: Nothing like it",
        "D26 unmapped_category dinings_category_id: Bar hopping",
        "S32 unmapped_category shops_category_id: Nothing like it",
        "S25 kind_by_default kind: Nothing like it", "S32 kind_by_default kind: Nothing like it",
        'S9 conflict category: {"base": "2", "editor": null, "source": "1"}',
        'D10 conflict category: {"base": "12", "editor": null, "source": "13"}',
        'S13 conflict meta_title_th: {"base": "แบรนด์ S13", "editor": null, "source": "ใหม่"}',
        'S13 conflict title_th: {"base": "แบรนด์ S13", "editor": null, "source": "ใหม่"}',
        'D14 conflict description_th: {"base": "ร้านค้า", "editor": null, "source": "ใหม่"}',
        'D14 conflict meta_description_th: {"base": "ร้านค้า", "editor": null, "source": "ใหม่"}', "S19 deleted_in_cms",
        "D20 deleted_in_cms", "S21 kind_changed kind: dinings", "D22 kind_changed kind: shops",
        'S23 conflict zone: {"base": "East", "editor": "Mine", "source": "West"}',
        'D24 conflict zone: {"base": "East", "editor": "Mine", "source": "West"}', "D16 missing: dinings 16",
        "D27-3F missing: dinings 27", "S15 missing: shops 15",
    ]  # fmt: skip
    assert tuesday.logged == [
        "S27-4F shops 28 created", "S31 shops 29 created", "S32 shops 30 created", "D31 dinings 29 created",
        "D32 dinings 30 created", "S1 shops 1 updated: zone", "D2 dinings 2 updated: zone",
        "S3 shops 3 updated: meta_title_en, title_en", "D4 dinings 4 updated: meta_title_th, title_th",
        "S5 shops 5 updated: hours",
        "D6 dinings 6 updated: hours", "S7 shops 7 updated: category", "D8 dinings 8 updated: category",
        "S9 shops 9 updated: category", "D10 dinings 10 updated: category", "S11 shops 11 updated: category",
        "D12 dinings 12 updated: category", "S13 shops 13 updated: meta_title_th, title_th",
        "D14 dinings 14 updated: description_th, meta_description_th", "D17 dinings 17 updated: zone",
        "S18 shops 18 updated: zone", "D19 dinings 19 updated: zone", "S20 shops 20 updated: zone",
        "S21 shops 21 updated: zone", "S23 shops 23 updated: zone", "D24 dinings 24 updated: zone",
        "S25 shops 25 updated: zone", "D26 dinings 26 updated: phone", "S27-3F shops 27 updated: unique_id",
        "D27 dinings 28 updated: unique_id", "D16 dinings 16 inactivated", "S15 shops 15 inactivated",
    ]  # fmt: skip


def test_what_that_run_remembers(mixed: dict[str, Moment]) -> None:
    """The base has the source's new values, the links that are the job's, and which rows are as the job left them."""
    assert changed(mixed["edits"].bases, mixed["tuesday"].bases) == {
        "D10 as_left": "- > True", "D10 category": "restaurant > cafe-bakery",
        "D10 job_category": "restaurant > cafe-bakery", "D12 as_left": "- > True",
        "D12 category": "restaurant > cafe-bakery", "D12 job_category": "restaurant > -", "D15 as_left": "- > True",
        "D16 as_left": "- > True", "D16 inactivated": "- > True", "D16 missing": "- > True", "D17 zone": "East > West",
        "D19 zone": "East > West", "D2 zone": "East > West", "D24 as_left": "- > True", "D24 zone": "East > West",
        "D27 new": "as_left True; category restaurant; floor 4F; job_category restaurant; row dinings 28; source "
            "D27; title_en Brand D27; zone East",
        "D27-3F missing": "- > True", "D27-4F gone": "-",
        "D31 new": "as_left True; category restaurant; floor 1F; job_category restaurant; row dinings 29; source "
            "D31; title_en Twin; zone East",
        "D32 new": "as_left True; category restaurant; days_from 11:00; floor 1F; job_category restaurant; row "
            "dinings 30; source D32; title_en Brand D32; zone East",
        "D6 days_from": "10:00 > 11:00", "D8 category": "restaurant > cafe-bakery",
        "D8 job_category": "restaurant > cafe-bakery", "S1 zone": "East > West", "S11 as_left": "- > True",
        "S11 category": "fashion > luxury", "S11 job_category": "fashion > -", "S15 as_left": "- > True",
        "S15 inactivated": "- > True", "S15 missing": "- > True", "S16 as_left": "- > True", "S18 zone": "East > West",
        "S20 zone": "East > West", "S21 zone": "East > West", "S23 as_left": "- > True", "S23 zone": "East > West",
        "S25 zone": "East > West", "S27 gone": "-",
        "S27-3F new": "as_left True; category fashion; floor 3F; job_category fashion; row shops 27; source S27; "
            "title_en Brand S27; zone East",
        "S27-4F new": "as_left True; category fashion; floor 4F; job_category fashion; row shops 28; source S27; "
            "title_en Brand S27; zone East",
        "S3 title_en": "Brand S3 > New S3",
        "S31 new": "as_left True; category fashion; days_from 10:00; floor 1F; job_category fashion; row shops "
            "29; source S31; title_en Twin; zone East",
        "S32 new": "as_left True; floor 1F; row shops 30; source S32; title_en Twin; zone East",
        "S5 days_from": "10:00 > -", "S7 category": "fashion > luxury", "S7 job_category": "fashion > luxury",
        "S9 as_left": "- > True", "S9 category": "fashion > luxury", "S9 job_category": "fashion > luxury",
    }  # fmt: skip


def test_the_first_run(mixed: dict[str, Moment]) -> None:
    """All are new, and a label that fits nothing is found in the table that the record lives in."""
    monday = mixed["monday"]
    assert monday.counts == {
        "processed": 55, "shops": 27, "dinings": 28, "created": 55, "unmapped_categories": 2,
    }  # fmt: skip
    assert monday.findings == [
        "S25 unmapped_category shops_category_id: Nothing like it",
        "D26 unmapped_category dinings_category_id: Bar hopping", "S25 kind_by_default kind: Nothing like it",
    ]  # fmt: skip


def test_the_same_feed_again_writes_nothing(mixed: dict[str, Moment]) -> None:
    """No row and no base moves; what is skipped, missing or of another kind is said again."""
    tuesday, again = mixed["tuesday"], mixed["again"]
    assert (again.rows, again.saved, again.bases) == (tuesday.rows, tuesday.saved, tuesday.bases)
    assert again.logged == []
    assert again.counts == {
        "processed": 57, "shops": 29, "dinings": 28, "unchanged": 53, "skipped": 4, "missing": 3, "kept": 22,
        "unmapped_categories": 3,
    }  # fmt: skip
    assert again.findings == [
        "S25 unmapped_category shops_category_id: Nothing like it",
        "D26 unmapped_category dinings_category_id: Bar hopping",
        "S32 unmapped_category shops_category_id: Nothing like it",
        "S25 kind_by_default kind: Nothing like it", "S32 kind_by_default kind: Nothing like it",
        "S19 deleted_in_cms", "D20 deleted_in_cms",
        "S21 kind_changed kind: dinings", "D22 kind_changed kind: shops", "D16 missing: dinings 16",
        "D27-3F missing: dinings 27", "S15 missing: shops 15",
    ]  # fmt: skip


def test_a_run_that_changes_things_again_and_back(mixed: dict[str, Moment]) -> None:
    """Hours, links, ids and texts move on or back; a record returns, others leave, and no row is set INACTIVE."""
    redone, wednesday = mixed["redone"], mixed["wednesday"]

    lines = changed(redone.seen, wednesday.seen)

    assert lines == {
        "dinings 4 th": "ใหม่ | Shop D4 | ร้านค้า | 101 | ใหม่ | ร้านค้า > ใหม่กว่า | Shop D4 | ร้านค้า | 101 | "
            "ใหม่กว่า | ร้านค้า",
        "dinings 6 close": "- > 20:00", "dinings 6 daily": "False > True",
        "dinings 6 days": "mon-thu 11:00-21:00, fri-sun 11:00-23:00 > -", "dinings 6 open": "- > 11:00",
        "dinings 8 links": "1 categories CAFE & BAKERY > 1 categories TAKE HOME", "shops 1 zone": "West > North",
        "shops 15 zone": "East > West", "shops 28 unique_id": "S27-4F > S27", "shops 5 close": "22:00 > -",
        "shops 5 daily": "True > False", "shops 5 days": "- > mon-thu 11:00-21:00, fri-sun 11:00-23:00",
        "shops 5 open": "10:00 > -", "shops 7 links": "1 categories LUXURY > 1 categories FASHION",
    }  # fmt: skip
    assert saved(redone.saved, wednesday.saved) == rows(lines)
    assert wednesday.counts == {
        "processed": 54, "shops": 28, "dinings": 26, "updated": 8, "unchanged": 42, "skipped": 4, "missing": 6,
        "kept": 22, "unmapped_categories": 3,
    }  # fmt: skip
    assert wednesday.findings == [
        "S25 unmapped_category shops_category_id: Nothing like it",
        "D26 unmapped_category dinings_category_id: Bar hopping",
        "S32 unmapped_category shops_category_id: Nothing like it",
        "S25 kind_by_default kind: Nothing like it", "S32 kind_by_default kind: Nothing like it",
        "S15 returned", "S19 deleted_in_cms",
        "D20 deleted_in_cms", "S21 kind_changed kind: dinings", "D22 kind_changed kind: shops",
        "D16 missing: dinings 16", "D27-3F missing: dinings 27", "D3 missing: dinings 3", "D31 missing: dinings 29",
        "S26 missing: shops 26", "S27-3F missing: shops 27",
    ]  # fmt: skip
    assert wednesday.logged == [
        "S1 shops 1 updated: zone", "D4 dinings 4 updated: meta_title_th, title_th",
        "S5 shops 5 updated: hours",
        "D6 dinings 6 updated: hours",
        "S7 shops 7 updated: category", "D8 dinings 8 updated: category", "S15 shops 15 updated: zone",
        "S27 shops 28 updated: unique_id",
    ]  # fmt: skip
    assert changed(redone.bases, wednesday.bases) == {
        "D10 as_left": "- > True", "D12 as_left": "- > True", "D17 as_left": "- > True", "D19 as_left": "- > True",
        "D2 as_left": "- > True", "D24 as_left": "- > True", "D26 as_left": "- > True", "D27 as_left": "- > True",
        "D3 missing": "- > True", "D31 missing": "- > True", "D4 as_left": "- > True", "D6 as_left": "- > True",
        "D6 days_from": "11:00 > -", "D8 as_left": "- > True", "D8 category": "cafe-bakery > take-home",
        "D8 job_category": "cafe-bakery > take-home", "S1 as_left": "- > True", "S1 zone": "West > North",
        "S11 as_left": "- > True", "S15 as_left": "- > True", "S15 inactivated": "True > -", "S15 missing": "True > -",
        "S15 zone": "East > West", "S18 as_left": "- > True", "S20 as_left": "- > True", "S21 as_left": "- > True",
        "S23 as_left": "- > True", "S25 as_left": "- > True", "S26 missing": "- > True",
        "S27 new": "as_left True; category fashion; floor 4F; job_category fashion; row shops 28; source S27; "
            "title_en Brand S27; zone East",
        "S27-3F missing": "- > True", "S27-4F gone": "-", "S3 as_left": "- > True", "S5 as_left": "- > True",
        "S5 days_from": "- > 11:00", "S7 as_left": "- > True", "S7 category": "luxury > fashion",
        "S7 job_category": "luxury > fashion", "S9 as_left": "- > True",
    }  # fmt: skip
