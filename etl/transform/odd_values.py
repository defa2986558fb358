"""Values that can't be text: objects and lists, and ids that are neither text nor a whole number.

Reading a page leaves such a field null, and keeps what came in `extra`, under the field's own name.
"""

from collections.abc import Sequence

import msgspec
import polars as pl

from etl.contract.raw import EXTRA

ODD: dict[str, pl.DataType] = {"row": pl.UInt32(), "field": pl.String(), "value": pl.String()}
"""Columns of a frame of odd values: the row and field that has one, and its JSON."""

_DECODER = msgspec.json.Decoder(dict[str, msgspec.Raw])


def odd_values(raw: pl.DataFrame, fields: Sequence[str]) -> pl.DataFrame:
    """Return the odd values of some fields: ODD, by row and field.

    Args:
        raw: Raw records.
        fields: The API's names.
    """
    rows = raw[EXTRA].str.contains(f'"(?:{"|".join(fields)})":').fill_null(value=False).arg_true()
    found = [
        (row, field, value)
        for row, extra in zip(rows, raw[EXTRA].gather(rows), strict=True)
        for field, value in _decoded(extra).items()
        if field in fields
    ]
    return pl.DataFrame(found, schema=ODD, orient="row")


def _decoded(extra: str) -> dict[str, str]:
    try:
        return {name: bytes(value).decode() for name, value in _DECODER.decode(extra).items()}
    except (msgspec.MsgspecError, RecursionError):  # nested deeper than it can be read
        return {}
