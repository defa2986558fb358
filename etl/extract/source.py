"""What an extraction and its snapshot say of a source: its client, its folder, its figures, its findings."""

import polars as pl

from etl.config.api import Api
from etl.config.settings import Source
from etl.contract.findings import CODES
from etl.contract.issue import ISSUE, words
from etl.extract.client import Client, Limits
from etl.extract.parse import NOT_AN_OBJECT
from etl.extract.rate_limit import RateLimiter
from etl.model.results import ExtractResult
from etl.runtime.log import get_logger
from etl.runtime.visible import visible
from etl.snapshot.folder import SnapshotInfo


def open_client(api: Api, rate_limiter: RateLimiter | None = None) -> Client:
    """Return a client for the API that the settings name; `rate_limiter` where its pace is shared with others."""
    limits = Limits(
        requests_per_second=api.requests_per_second,
        retries=api.retries,
        connect_timeout_s=api.timeout_s,
        read_timeout_s=api.timeout_s,
        connections=api.in_flight,
    )
    secrets = [None if secret is None else secret.get_secret_value() for secret in (api.appcode, api.cookies)]
    return Client(api.url, app_code=secrets[0], cookies=secrets[1], limits=limits, rate_limiter=rate_limiter)


def log_notes(api: Api) -> None:
    """Log what a person should know of the address."""
    for note in api.notes:
        get_logger().warning("api_address", note=note)


def snapshot_info(
    source: Source, extracted: ExtractResult, reference: tuple[pl.DataFrame, pl.DataFrame] | None
) -> SnapshotInfo:
    """Return what a snapshot of a source says of its records."""
    floors, categories = reference or (None, None)
    return SnapshotInfo(
        source=source.api.shown,
        source_name=source.name,
        id_prefix=source.id_prefix,
        extracted=extracted,
        floors=floors,
        categories=categories,
    )


def _records(count: int) -> str:
    return "1 record" if count == 1 else f"{count:,} records"


def folder_of(root: str, name: str) -> str:
    """Return where the snapshots of a source are; those of the one without a name are in the root itself."""
    return f"{root.rstrip('/')}/{name}" if name else root


def source_issues(extracted: ExtractResult, double_names: list[str], name: str = "") -> pl.DataFrame:
    """Return the findings that concern no single record: unknown or nested fields, names of floors that are double."""
    api = words("not_text", "api.named", source=name) if name else words("not_text", "api.one")
    found: list[tuple[str, str | None, str]] = []
    for code, fields in (("unknown_fields", extracted.unknown_fields), ("not_text", extracted.not_text)):
        for field, count in sorted(fields.items()):
            if code == "unknown_fields" and field == NOT_AN_OBJECT:
                found.append(("not_objects", "data", words("not_objects", api=api, count=count)))
                continue
            name = visible(field, line_break="⏎")
            found.append(
                (code, name or None, words(code, api=api, field=f"'{name}'", records=_records(count)))
            )
    found += [("double_name", None, sentence) for sentence in double_names]
    rows = [(None, CODES[code].severity, code, field, message, None) for code, field, message in found]
    return pl.DataFrame(rows, schema=ISSUE, orient="row")
