"""The form in which ids are compared with those in the CMS: what transform makes of an id, as SQL. Case counts."""

_SPACES = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_UNSEEN = r"\u0001-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_JOINERS = r"(?<![^ -~])[\u200c\u200d]|[\u200c\u200d](?![^ -~])"  # between two letters they belong to them


def comparable_id(column: str) -> str:
    """Return SQL of an id without what nobody sees, its white space and its spelling made one; plain ones as they are."""
    one_spelling = (
        rf"regexp_replace(normalize({column}, NFC), '\u0e4d([\u0e48-\u0e4b]*)\u0e32', '\1\u0e33', 'g')"
    )
    seen = f"regexp_replace({one_spelling}, '[{_UNSEEN}]|{_JOINERS}', '', 'g')"
    spaced = f"btrim(regexp_replace({seen}, '[{_SPACES}]+', ' ', 'g'))"
    return f"CASE WHEN {column} ~ '^[!-~]*$' THEN {column} ELSE {spaced} END"


def sql_ids() -> dict[str, str]:
    """Return what statements take from here, by the name that stands for it in sql/: the form of a column of theirs."""
    columns = {"": "unique_id::text", "_of_record": "record.unique_id::text"}
    columns |= {f"_of_{table}": f"{table}.unique_id::text" for table in ("shops", "dinings")}
    return {f"comparable_id{name}": comparable_id(column) for name, column in columns.items()}
