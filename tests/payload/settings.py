"""Settings in which Payload sites differ, and what the job does with each: the table of docs/payload.md.

`make test-payload` plays each and holds the table to it; `python -m tests.payload.settings` writes the table.
"""

import re
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import psycopg

from etl._version import __version__
from etl.db.connection import Postgres
from etl.errors import EtlError
from etl.load.schema import initialise, schema_fingerprint
from etl.preflight import run_checks
from tests.support.payload import Json, Options, PayloadCms, PayloadError, PayloadTemplates, give_to_role
from tests.support.payload_feed import differences, expected_documents, feed, read_documents
from tests.support.postgres import Servers
from tests.support.sync import settings_for

DOCUMENT = Path(__file__).parents[2] / "docs" / "payload.md"
HEADING = "| setting | what the job does |\n|---|---|\n"
WORKS = "works"
COUNT = 10
"""Records of a run: two of each shape of the feed."""

SETTINGS: Mapping[str, Options] = {
    "none of these": {},
    "no field `skipSync`": {"skipSync": False},
    "`versions: { drafts: true }`": {"drafts": True},
    "`versions: { drafts: { autosave: true } }`": {"drafts": "autosave"},
    "`versions: true`": {"versions": True},
    "`trash: true`": {"trash": True},
    "`versions: { drafts: true }` and `trash: true`": {"drafts": True, "trash": True},
    "`lockDocuments: false`": {"noLock": True},
    "`timestamps: false`": {"noTimestamps": True},
    "`dbName` of shops and dinings": {"dbName": True},
    "`dbName` of the hours per day": {"perDayDbName": True},
    "`enumName` of `status`": {"enumName": True},
    "`status` with `hasMany: true`": {"hasManyStatus": True},
    "`slugField()`": {"slugField": True},
    "`slug` with `unique: true`": {"uniqueSlug": True},
    "`slug` with `localized: true`": {"localizedSlug": True},
    "`uniqueId` with `index: true`": {"indexedUniqueId": True},
    "`uniqueId` with `unique: true`": {"uniqueId": True},
    "`uniqueId` with `required: true`": {"requiredUniqueId": True},
    "`title` with `required: true`": {"requiredTitle": True},
    "`floor` with `required: true`": {"requiredFloor": True},
    "`floor` and `categories` with `localized: true`": {"localizedRels": True},
    "`categories` with `required: true`": {"requiredCategories": True},
    "`categories` with `localized: true`": {"localizedCats": True},
    "`categories` with `hasMany: false`": {"singleCategory": True},
    "`categories` with `filterOptions` by kind": {"filterCats": True},
    "`validate` of opening hours": {"hoursValidate": True},
    "`description` with `maxLength`": {"maxDesc": 5},
    "`description` as rich text or JSON": {"richText": True},
    "a required field of the site's own": {"extraRequired": True},
    "the same with `defaultValue`": {"extraRequired": "default"},
    "a select of the site's own with `hasMany: true`": {"tags": True},
    "blocks": {"blocks": True},
    "blocks, and `blocksAsJSON: true`": {"blocks": True, "blocksAsJSON": True},
    "`name` of floors with `localized: true`": {"localizedFloors": True},
    "`type` of categories with `hasMany: true`": {"hasManyType": True},
    "categories with `versions: { drafts: true }`": {"draftCategories": True},
    "`idType: 'uuid'`": {"idType": "uuid"},
    "`allowIDOnCreate: true`": {"allowIDOnCreate": True},
    "`schemaName: 'cms'`": {"schemaName": "cms"},
    "`relationshipsSuffix`": {"relationshipsSuffix": "_links"},
    "no `localization`": {"noLocalization": True},
    "`localization` with `fallback: false`": {"fallback": False},
    "`localization` with `defaultLocale: 'th'`": {"defaultLocale": "th"},
    "no collection `api-sync-logs`": {"noSyncLogs": True},
}
"""Options of config.mjs by what a site calls the setting."""


def outcome_of(options: Options, templates: PayloadTemplates) -> str:
    """Play `init`, `check`, `sync`, a save of everything and another sync, and say in a line what became of it."""
    options = {"skipSync": True, **options}
    with (
        tempfile.TemporaryDirectory() as folder,
        templates.cms(options, Path(folder), is_initialised=False) as cms,
    ):
        cms.api.records = feed(COUNT)
        refused = _initialise(cms)
        failed = [check.message for check in _checks(cms) if check.state == "failed"]
        return _refused(cms, [*refused, *failed]) if refused or failed else _synced(cms)


def _initialise(cms: PayloadCms) -> list[str]:
    """Run `etl init`, or make the job's tables where it refuses, and return its refusal."""
    refused: list[str] = []
    with Postgres(cms.database.owner_dsn) as db:
        try:
            initialise(db)
        except EtlError as error:
            refused = [str(error)]
            db.run("schema/create_schema")
            db.run_script("schema/etl")
            db.run("schema/record_build", schema_fingerprint(), __version__)
    with suppress(psycopg.errors.UndefinedTable):  # roles.sql names the CMS's tables; the owner sees as much
        cms.database = give_to_role(cms.database)
    return refused


def _checks(cms: PayloadCms) -> list[Any]:
    settings = settings_for(cms.dsn, cms.api.url, cms.folder)
    return run_checks(lambda: settings)


def _refused(cms: PayloadCms, said: list[str]) -> str:
    """Say why nothing is done, once `init`, `check` and `sync` say the same and nothing was written."""
    try:
        cms.sync()
        said.append("(a sync goes on)")
    except EtlError as error:
        said.append(str(error))
    written = sum(cms.payload.call("count", collection=table)["totalDocs"] for table in ("shops", "dinings"))
    reasons = [_reason(message) for message in said]
    if len(set(reasons)) > 1 or len(reasons) < 3 or written:
        return f"WRONG: init, check and sync differ, or {written} rows were written: {said}"
    return f"refuses: {reasons[0]}"


def _reason(message: str) -> str:
    """Return the first sentence of a refusal, of the database whatever its address is, with three names at most."""
    sentence = re.split(r"\. (?=[A-Z])|\n", message)[0].removesuffix(".")
    sentence = re.sub(r"^.* (does not have \d+ tables)", r"the database \1", sentence)
    return re.sub(r"(CMS: (?:[\w.]+, ){3}).*\.$", r"\1…", f"{sentence}.")


def _synced(cms: PayloadCms) -> str:
    made = cms.sync(refused=None)
    notes = []
    if made.counts.rejected:
        notes.append(
            f"{made.status}: {made.counts.rejected} of {COUNT} records rejected, those that have none"
        )
    notes += _wrong(cms, "at first")
    notes += _saved(cms)
    notes += _wrong(cms, "after a save")
    again = cms.sync(refused=None).counts
    if again.created or again.updated or again.kept or again.conflicts:
        notes.append(f"WRONG: the next sync writes: {again}")
    return "; ".join(notes) or WORKS


def _wrong(cms: PayloadCms, when: str) -> list[str]:
    """Say what Payload's lists show otherwise than expected, of the fields that the site has and the job knows."""
    draft = {"draft": True} if cms.payload.options.get("drafts") else {}
    found, expected = read_documents(cms.payload, **draft), expected_documents(COUNT)
    wrong = [
        f"{locale} {unique_id}{place} {value!r} for {wanted!r}"
        for locale, documents in found.items()
        for unique_id, document in documents.items()
        for place, value, wanted in _differences(document, expected[locale][unique_id])
    ]
    return [f"WRONG {when}: {len(wrong)} values, as {wrong[0]}"] if wrong else []


def _differences(found: Json, expected: Json) -> list[tuple[str, Any, Any]]:
    shared = found.keys() & expected.keys()
    return differences(_part(found, shared), _part(expected, shared))


def _part(document: Json, names: Any) -> Json:
    return {name: document[name] for name in names}


def _saved(cms: PayloadCms) -> list[str]:
    """Save each document as an editor does, and say which can't be saved as they are."""
    refused: dict[str, list[str]] = {}
    for table in ("shops", "dinings"):
        for document in cms.payload.find(table):
            try:
                cms.payload.save(table, document["id"], locale="th")
            except PayloadError as error:
                refused.setdefault(str(error), []).append(document["uniqueId"])
    return [
        f"works, but the panel can't save {len(ids)} of {COUNT} before an editor mends them: {error.partition(': ')[2]}"
        for error, ids in refused.items()
    ]


def rows_of(outcomes: Mapping[str, str]) -> str:
    """Return the table of the document."""
    return HEADING + "".join(f"| {name} | {outcome} |\n" for name, outcome in outcomes.items())


def table_of(document: str) -> dict[str, str]:
    """Return the outcomes by setting that a document's table has."""
    rows = document.partition(HEADING)[2].partition("\n\n")[0].splitlines()
    return dict(row.strip("| ").split(" | ", 1) for row in rows)


def main() -> None:
    """Write the table into docs/payload.md."""
    with ExitStack() as stack, PayloadTemplates(Servers(stack)) as templates:
        outcomes = {name: outcome_of(options, templates) for name, options in SETTINGS.items()}
    document = DOCUMENT.read_text(encoding="utf-8")
    before, heading, after = document.partition(HEADING)
    rest = after.partition("\n\n")[2] if heading else ""
    DOCUMENT.write_text(f"{before}{rows_of(outcomes)}\n{rest}".rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
