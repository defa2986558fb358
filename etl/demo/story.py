"""What happens between the sample's two days, and which records show what: the plot of `etl demo`."""

from dataclasses import dataclass
from typing import NamedTuple

from etl.contract.tenant import Kind


class Scene(NamedTuple):
    """One record of the plot.

    Attributes:
        key: What it shows.
        first: Its raw fields on day 1, beside what every record has.
        then: What is different on day 2; None: it is gone.
    """

    key: str
    first: dict[str, object]
    then: dict[str, object] | None


def _shop(name_en: str, name_th: str, **fields: object) -> dict[str, object]:
    calm: dict[str, object] = {
        "brandNameEn": name_en,
        "brandNameTh": name_th,
        "shopNameEnglish": f"{name_en} (River Hall)",
        "shopNameThai": f"{name_th} (ริเวอร์ฮอลล์)",
        "categoryNameEn": "Fashion &amp; Accessories",
        "categoryNameTh": "แฟชั่น",
        "floor": "2F",
        "floorRevised": None,
        "openingHours": "10:00 - 22:00",
        "zone": "Riverwalk",
        "tel": "02 555 0140",
        "website": "https://www.sample.example",
    }
    return calm | fields


_FOOD: dict[str, object] = {"categoryNameEn": "Food &amp; Beverage", "categoryNameTh": "อาหารและเครื่องดื่ม"}

SCENES: tuple[Scene, ...] = (
    Scene("title", _shop("Kiteline Bureau", "ไคท์ไลน์ บูโร"), {"brandNameEn": "Kiteline Bureau & Sons"}),
    Scene(
        "description",
        _shop("Fernhollow", "เฟิร์นฮอลโลว์", descriptionEn="Linen for the house."),
        {"descriptionEn": "Linen for the house, and now for the garden."},
    ),
    Scene(
        "hours", _shop("Brasswick", "บราสวิก"), {"openingHours": "Mon-Fri 10:00-21:00, Sat-Sun 10:00-22:00"}
    ),
    Scene("phone", _shop("Moth & Marlin", "มอธ แอนด์ มาร์ลิน"), {"tel": "02 555 0199"}),
    Scene("floor", _shop("Peregrine Row", "เพเรกริน โรว์"), {"floor": "3F"}),
    Scene(
        "category",
        _shop("Ochre & Pine", "โอเกอร์ แอนด์ ไพน์"),
        {"categoryNameEn": "Health &amp; Beauty", "categoryNameTh": "ความงาม"},
    ),
    Scene("kind", _shop("Tinker’s Pantry", "ทิงเกอร์ส แพนทรี"), _FOOD),
    Scene("split", _shop("Hollowbrook", "ฮอลโลว์บรุก", floor="3F"), {"floor": "Fl. 3,4"}),
    Scene("joined", _shop("Saltmarsh & Daughters", "ซอลต์มาร์ช", floor="Fl. 5,6"), {"floor": "6F"}),
    Scene("blanked", _shop("Candlewick Lane", "แคนเดิลวิก เลน"), {"website": "", "zone": None}),
    Scene("kept", _shop("Lanternlight & Loam", "แลนเทิร์นไลท์ แอนด์ โลม"), {"tel": "02 555 0177"}),
    Scene(
        "conflict",
        _shop("Mangrove Meridian", "แมงโกรฟ เมริเดียน", floor="UG", **_FOOD),
        {"brandNameEn": "Mangrove Meridian Kitchen"},
    ),
    Scene("gone", _shop("Paper Egret", "เปเปอร์ อีเกร็ต"), None),
)
"""In the order of their places in the sample."""

ARRIVALS: tuple[dict[str, object], ...] = (
    _shop("Tidewater & Tamarisk", "ไทด์วอเตอร์ แอนด์ ทามาริสก์", floor="GF"),
    _shop("Stationers&#039; Nook", "สเตชันเนอส์ นุก", floor="Fl. 5", categoryNameEn="Services"),
    _shop(
        "Café Brindillette",
        "คาเฟ่ แบรงดิแยต",
        floor="G",
        categoryNameEn="Cafe &amp; Bakery",
        categoryNameTh="คาเฟ่",
    ),
    _shop("Quán Sương Đêm", "กวาน เซือง เดม", floor="6F", **_FOOD),
)
"""Tenants that day 2 brings."""


@dataclass(frozen=True)
class Edit:
    """A change that an editor makes in the CMS between the days.

    Attributes:
        unique_id: The record; it has one row.
        table: Where the CMS keeps it.
        field: Canonical field to edit.
        before: What the first sync wrote.
        editor_value: What the editor makes of it.
        after: What the second sync should leave there.
    """

    unique_id: str
    table: Kind
    field: str
    before: str
    editor_value: str
    after: str


@dataclass(frozen=True)
class Story:
    """Who shows what in the demo. Names are as they read after decoding.

    Attributes:
        kept: The source changes the phone only, so the editor's title stays.
        conflict: Source and editor both change the title; the source's is taken.
        created: unique_id and English name of each new tenant.
        gone: unique_id and name of the one that left the source.
        changed: unique_id by what the source changed: title, description, hours, phone, floor, category, kind
            (a shop that became a dining), split (one floor to two), joined (two to one), blanked (values that
            became blank, which erases nothing).
    """

    kept: Edit
    conflict: Edit
    created: tuple[tuple[str, str], ...]
    gone: tuple[str, str]
    changed: dict[str, str]
