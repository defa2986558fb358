"""Floors and categories: the CMS's rows that records are matched to. The job reads them and never writes them."""

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
