"""The column lists of the SQL files, made from the contract.

The files in sql/ hold every statement; where a statement needs a list of columns, it has a placeholder, and the
list comes from here. Nothing that a record or a user sends ever gets into these texts.
"""

from collections.abc import Collection

from etl.contract import hours
from etl.contract.cms import WRITTEN
from etl.contract.tenant import BASE, CONTENT, FIELDS, MERGED, TENANT, Column, Field, Kind
from etl.runtime import queries

_TYPES = {column.name: column.pg_type for column in (*TENANT, *BASE)}
_KEYS = (
    ("unique_id", "record.unique_id::text"),
    ("slug", "record.slug::text"),
    ("hidden_links", "links.hidden_links"),
)

_LOCALE_COLUMNS: tuple[str, ...] = tuple(field.cms_column for field in FIELDS if field.locale == "en")
_OWN_OF_THE_CMS = {"_status": "'published'", "generate_slug": "false"}
"""What a new row gets in columns of Payload's own: with drafts it is published; the slug stays when it is first saved."""

_COMMA = "', '"
_SEPARATOR = ",\n    "


def _join(parts: list[str]) -> str:
    return _SEPARATOR.join(parts)


def staging_definition() -> str:
    """Return name and type of each column of the wide staging table."""
    return _join([f"{column.name} {column.pg_type}" for column in TENANT])


def names(columns: tuple[Column, ...]) -> str:
    """Return the columns' names, joined by commas."""
    return ", ".join(column.name for column in columns)


def qualified(columns: tuple[Column, ...], alias: str) -> str:
    """Return the columns' names behind a table's alias."""
    return ", ".join(f"{alias}.{column.name}" for column in columns)


def kept_values() -> str:
    """Return the columns of the wide staging table, for a row that stays: its own id and floor, all else as staged."""
    own = {"unique_id", "floor_id"}
    return _join([f"{'kept' if column.name in own else 'staged'}.{column.name}" for column in TENANT])


def as_text(expression: str, pg_type: str) -> str:
    """Return SQL that turns a value into the text by which the merge compares it; null stays null."""
    if pg_type == "text":
        return f"{expression}::text"
    if pg_type == "timestamptz":
        return _time_as_text(expression)
    return f"({expression})::text"


def _time_as_text(expression: str) -> str:
    """Return SQL that turns a time into a text that Postgres reads as that very time: an editor may have any.

    ISO 8601 has no year before 1 or after 9999, and no infinity, of which to_char makes nothing at all.
    """
    utc = f"{expression} AT TIME ZONE 'UTC'"
    return (
        f"CASE WHEN {expression} BETWEEN '0001-01-01T00:00:00Z' AND '9999-12-31T23:59:59.999Z' "
        f'THEN to_char({utc}, \'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"\') '
        f"WHEN isfinite({expression}) THEN to_char({utc}, 'YYYY-MM-DD HH24:MI:SS.MS \"UTC\" BC') "
        f"ELSE {expression}::text END"
    )


def from_text(expression: str, field: Field) -> str:
    """Return SQL that turns a merged text into what the CMS's column holds."""
    pg_type = _type_of(field)
    return expression if pg_type == "text" else f"({expression})::{pg_type}"


def _type_of(field: Field) -> str:
    return _TYPES[field.column] if field.column else "text"


def _hours_parts(expression: str) -> dict[str, str]:
    """Return SQL of the value of each of the CMS's columns of hours, out of the contract's text."""
    return {
        name: f"({expression}::jsonb ->> {place})::{pg_type}"
        for place, (name, pg_type) in enumerate(hours.COLUMNS.items())
    }


def forms(field: str, **values: str) -> dict[str, str]:
    """Return, by `<name>_form`, SQL of what is compared of a field's value: of hours their sense, not their spelling."""
    parts = {name: queries.part("plan/comparable_hours", value=value) for name, value in values.items()}
    return {
        f"{name}_form": f"CASE WHEN {field} = 'hours' THEN (\n{parts[name]}\n) ELSE {value} END"
        for name, value in values.items()
    }


def _column_of(field: Field, table: Kind, *, staged: bool) -> str:
    if field.column == "category_id":
        return f"staged.{table}_category_id" if staged else "base.category_id"
    return f"{'staged' if staged else 'base'}.{field.column}"


def _theirs(field: Field) -> str:
    return as_text("links.category_id", "int4") if field.part == "category_link" else held_value(field)


def held_value(field: Field, prefix: str = "") -> str:
    """Return SQL of what the CMS has of a field that is no link, as text; the prefix is that of a version's columns.

    Aliases: record, en, th, hours.
    """
    if field.part == "hours":
        return _hours_now(prefix)
    value = as_text(f"{field.locale or 'record'}.{prefix}{field.cms_column}", _type_of(field))
    # the CMS saves an empty field as '' or as null
    return f"nullif({value}, '')" if _type_of(field) == "text" else value


def _hours_now(prefix: str = "") -> str:
    """Return SQL of the hours of a row of the CMS, in the contract's text."""
    parts = ", ".join(f"record.{prefix}{name}" for name in hours.COLUMNS)
    return f"jsonb_build_array({parts}, coalesce(hours.days, '[]'))::text"


def _ours(field: Field, table: Kind) -> str:
    return as_text(_column_of(field, table, staged=True), _type_of(field))


def merge_values(table: Kind) -> str:
    """Return a row `(name, base, theirs, ours)` for each merged field, all as text.

    Aliases: base (etl.tenants_base), record, en, th, hours, links (the CMS), staged (the source).
    """
    return _join(
        [
            f"('{field.name}', {_base(field, table)}, {_theirs(field)}, {_ours(field, table)})"
            for field in MERGED
        ]
    )


def known_values(table: Kind) -> str:
    """Return a row `(name, base, theirs)` for each merged field, as `merge_values` does, without the source's side."""
    return _join([f"('{field.name}', {_base(field, table)}, {_theirs(field)})" for field in MERGED])


def unclaimed_values(table: Kind) -> str:
    """Return a row `(name, theirs, ours)` for each merged field but the category, whose links say whose they are."""
    fields = [field for field in MERGED if field.part != "category_link"]
    return _join([f"('{field.name}', {_theirs(field)}, {_ours(field, table)})" for field in fields])


def _base(field: Field, table: Kind) -> str:
    """Return the base; until the source says something, what the CMS had at first contact stands for it."""
    base = as_text(_column_of(field, table, staged=False), _type_of(field))
    return (
        base if field.part == "category_link" else f"coalesce({base}, base.found_in_cms ->> '{field.name}')"
    )


def _record_fields() -> tuple[Field, ...]:
    return tuple(field for field in FIELDS if field.part == "record")


def insert_record_columns(found: Collection[str]) -> str:
    """Return the CMS's columns of a new row, `unique_id`, `slug` and the two times apart.

    `found` are the columns that its table has: some a CMS may have or not.
    """
    own = [name for name in _OWN_OF_THE_CMS if name in found]
    return ", ".join((*own, *(field.cms_column for field in _record_fields()), *hours.COLUMNS))


def insert_record_values(found: Collection[str]) -> str:
    """Return the values of `insert_record_columns`, from `staged` or constant."""
    own = [value for name, value in _OWN_OF_THE_CMS.items() if name in found]
    values = [field.constant or from_text(f"staged.{field.column}", field) for field in _record_fields()]
    parts = _hours_parts("staged.hours")
    # a column that must not be null gets its default later, as others do
    return _join(
        [
            *own,
            *values,
            *(f"coalesce({part}, true)" if name == hours.FLAG else part for name, part in parts.items()),
        ]
    )


def locale_columns() -> str:
    """Return the CMS's columns of a text row that the job writes."""
    return ", ".join(_LOCALE_COLUMNS)


def insert_locale_values(table: Kind) -> str:
    """Return a row `('en', title, …)` for each language, from `staged`; the language is of the column's own type."""
    rows = []
    for locale in ("en", "th", "zh"):
        fields = {field.cms_column: field for field in FIELDS if field.locale == locale}
        values = ", ".join(f"staged.{fields[name].column}" for name in _LOCALE_COLUMNS)
        rows.append(f"(coalesce((NULL::{table}_locales)._locale, '{locale}'), {values})")
    return _join(rows)


def update_record_assignments() -> str:
    """Return an assignment for each merged column of the record's own table, from `changes.after`."""
    values = [
        (field.name, field.cms_column, from_text(_after(field.name), field))
        for field in MERGED
        if field.part == "record"
    ]
    values += [("hours", name, part) for name, part in _hours_parts(_after("hours")).items()]
    return _join(
        [
            f"{column} = CASE WHEN changes.after ? '{name}' THEN {value} ELSE record.{column} END"
            for name, column, value in values
        ]
    )


def _after(name: str) -> str:
    return f"(changes.after ->> '{name}')"


def _stem(name: str) -> str:
    """Return a locale field's name without its language."""
    return next(
        field.name.removesuffix("_en")
        for field in FIELDS
        if field.locale == "en" and field.cms_column == name
    )


def locale_keys(locale: str = "texts._locale") -> str:
    """Return the names of the text fields of a row's language."""
    return ", ".join(f"'{_stem(name)}_' || {locale}" for name in _LOCALE_COLUMNS)


def update_locale_assignments() -> str:
    """Return an assignment for each text column, from the field of the row's language in `changes.after`."""
    return _join(
        [
            f"{name} = CASE WHEN changes.after ? ('{_stem(name)}_' || texts._locale) "
            f"THEN changes.after ->> ('{_stem(name)}_' || texts._locale) ELSE texts.{name} END"
            for name in _LOCALE_COLUMNS
        ]
    )


def add_locale_values() -> str:
    """Return the text columns of a new row of a language, from `changes.after`."""
    return _join([f"changes.after ->> ('{_stem(name)}_' || texts._locale)" for name in _LOCALE_COLUMNS])


def cms_names(table: str) -> str:
    """Return the names of the CMS's columns that the job knows in a table of a kind or of its texts, as a list of texts."""
    return ", ".join(f"'{column.name}'" for column in WRITTEN[table])


def base_values() -> str:
    """Return the base's columns from `staged`; the category is that of the record's table."""
    return _join(
        [record_category() if column.name == "category_id" else f"staged.{column.name}" for column in BASE]
    )


def base_assignments() -> str:
    """Return an assignment for each column of the base; a blank in the source keeps what was there."""
    return _join([f"{column.name} = coalesce(excluded.{column.name}, base.{column.name})" for column in BASE])


def record_category() -> str:
    """Return the category of the table that the record lives in, from `staged`."""
    return "CASE WHEN records.record_table = 'shops' THEN staged.shops_category_id ELSE staged.dinings_category_id END"


def other_category() -> str:
    """Return the category of the table in which the record does not live, from `staged`."""
    return "CASE WHEN records.record_table = 'shops' THEN staged.dinings_category_id ELSE staged.shops_category_id END"


def created_pairs(table: Kind) -> str:
    """Return `'name', value` for each field of a new record, for `jsonb_build_object`; values as text."""
    pairs = []
    for field in FIELDS:
        value = f"{field.constant}::text" if field.column is None else _ours(field, table)
        pairs.append(f"'{field.name}', {value}")
    return _join(pairs)


def kept_blanks() -> str:
    """Return SQL that joins the names of what the base has and the source has no more.

    Floors and categories are left out: no match is not blank, and has findings of its own. Aliases: base
    (etl.tenants_base), staged (the source).
    """
    columns = {_name_of(column.name): column.name for column in CONTENT}
    cases = (
        f"CASE WHEN base.{column} IS NOT NULL AND staged.{column} IS NULL THEN '{name}' END"
        for name, column in columns.items()
    )
    return f"concat_ws({_join([_COMMA, *cases])})"


def _name_of(column: str) -> str:
    """Return what people call what a canonical column holds: its field, or itself where it goes to several."""
    fields = [field.name for field in MERGED if field.column == column]
    return column if column in fields or len(fields) > 1 else fields[0]


def present_values() -> str:
    """Return a row `('name', value)` for each field that a run may have written: what is in the CMS now, as text.

    Aliases: record, en, th, zh, hours, links. The texts are those by which the merge compares; '' may be null.
    """
    rows = [(field.name, _present(field)) for field in FIELDS]
    return ",\n    ".join(f"('{name}', {value})" for name, value in (*_KEYS, *rows))


def _present(field: Field) -> str:
    if field.part == "category_link":
        return "links.category"
    if field.part == "hours":
        return _hours_now()
    value = f"{field.locale or 'record'}.{field.cms_column}"
    return as_text(value, _type_of(field)) if field.column else f"({value})::text"
