"""The column lists of sql/rollback, made from the contract."""

from etl.contract.tenant import BASE, FIELDS, TENANT, Field
from etl.load import columns

_TYPES = {column.name: column.pg_type for column in (*TENANT, *BASE)}
_KEYS = (
    ("unique_id", "record.unique_id::text"),
    ("slug", "record.slug::text"),
    ("hidden_links", "links.hidden_links"),
)


def present_values() -> str:
    """Return a row `('name', value)` for each field that a run may have written: what is in the CMS now, as text.

    Aliases: record, en, th, zh, hours, links. The texts are those by which the merge compares; '' may be null.
    """
    rows = [(field.name, _present(field)) for field in FIELDS]
    return ",\n    ".join(f"('{name}', {value})" for name, value in (*_KEYS, *rows))


def _present(field: Field) -> str:
    if field.part == "category_link":
        return "links.category"
    if field.part == "hours_per_day":
        return "hours.hours_per_day"
    value = f"{field.locale or 'record'}.{field.cms_column}"
    return columns.as_text(value, _TYPES[field.column]) if field.column else f"({value})::text"
