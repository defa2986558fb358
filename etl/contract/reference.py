"""Floors and categories: the CMS's rows that records are matched to. The job reads them.

`etl init` writes the standard ones into an empty database; nothing else writes any.
"""

from typing import NamedTuple

import polars as pl

FLOORS: dict[str, pl.DataType] = {
    "id": pl.Int32(),  # floors.id
    "name": pl.String(),  # floors.name, e.g. 'GF'
    "order": pl.Float64(),  # floors."order"
    "status": pl.String(),  # ACTIVE or INACTIVE
}
"""Columns of a frame of floors, one row a floor, sorted by id."""

CATEGORIES: dict[str, pl.DataType] = {
    "id": pl.Int32(),  # categories.id
    "type": pl.String(),  # shops, dinings, promotions, …; only the first two are matched
    "status": pl.String(),  # ACTIVE or INACTIVE
    "slug": pl.String(),  # categories.slug
    "name_en": pl.String(),  # categories_locales.name where _locale = 'en'; null where there is none
    "name_th": pl.String(),  # likewise 'th'
}
"""Columns of a frame of categories, one row a category, sorted by id."""


class Floor(NamedTuple):
    """A row of `floors`: its name, and its place from the bottom up."""

    name: str
    order: int


class Category(NamedTuple):
    """A row of `categories` with its English and Thai names; slugs are unique over all types."""

    type: str
    slug: str
    name_en: str
    name_th: str


STANDARD_FLOORS: tuple[Floor, ...] = tuple(
    Floor(name, order)
    for order, name in enumerate(
        ("B2", "B1", "GF", "UG", "MF", "1F", "2F", "3F", "4F", "5F", "6F", "7F", "8F"), start=1
    )
)
"""Every floor of the building, lowest first."""


# CLUB & LOUNGE is there twice: its alias 'leisure and entertainment' is not a dining by DOMAIN's words, and a
# category is looked for within the record's kind.
STANDARD_CATEGORIES: tuple[Category, ...] = (
    Category("shops", "luxury", "LUXURY", "ลักชัวรี"),
    Category("shops", "fashion", "FASHION", "แฟชั่น"),
    Category("shops", "beauty", "BEAUTY", "ความงาม"),
    Category("shops", "gadget", "GADGET", "แกดเจ็ต"),
    Category("shops", "home-living", "HOME & LIVING", "บ้านและการใช้ชีวิต"),
    Category("shops", "general", "GENERAL", "ทั่วไป"),
    Category("shops", "cosmetic-fragrance", "COSMETIC & FRAGRANCE", "เครื่องสำอางและน้ำหอม"),
    Category("shops", "jewelry-watch", "JEWELRY & WATCH", "เครื่องประดับและนาฬิกา"),
    Category("shops", "kids-toys", "KIDS & TOYS", "เด็กและของเล่น"),
    Category("shops", "sport", "SPORT", "กีฬา"),
    Category("shops", "club-lounge", "CLUB & LOUNGE", "คลับและเลานจ์"),
    Category("dinings", "restaurant", "RESTAURANT", "ร้านอาหาร"),
    Category("dinings", "cafe-bakery", "CAFE & BAKERY", "คาเฟ่และเบเกอรี่"),
    Category("dinings", "club-lounge-dining", "CLUB & LOUNGE", "คลับและเลานจ์"),
    Category("dinings", "dessert", "DESSERT", "ของหวาน"),
    Category("dinings", "take-home", "TAKE HOME", "ซื้อกลับบ้าน"),
)
"""Categories of both kinds, in the order that the CMS lists them."""
