"""Puts the report together: style, script and data inside one file, and a policy that lets nothing else in."""

from base64 import b64encode
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from importlib.resources import files

from etl._version import __version__
from etl.compare.model import MARKS, Diff
from etl.compare.select import Selected
from etl.report.html.charts import show_charts
from etl.report.html.markup import Html, end, join, start, tag
from etl.report.html.records import records_json
from etl.report.html.sections import show_findings, show_head, show_totals, show_unmapped, title_of

_COLUMNS = ("Change", "Record", "Table", "Floor", "Category", "Fields")


def to_html(selected: Selected) -> str:
    """Return a diff as a page."""
    return "".join(html_pieces(selected))


def html_pieces(selected: Selected) -> Iterator[Html]:
    """Yield a diff as a page, piece by piece: totals, charts, records to filter and sort, unmapped labels, findings.

    The same diff gives the same bytes. Totals, charts, labels and findings are there without JavaScript too; the
    records are data that the page's script shows as text, and a note says so where no script runs.
    """
    diff = selected.diff
    style, script = _asset("report.css"), _asset("report.js")
    yield Html("<!doctype html>\n")
    yield start("html", lang="en")
    yield tag("head", _meta(diff, style, script), tag("style", style))
    yield join(start("body"), start("main", id="top"))
    yield join(show_head(selected), show_totals(diff), show_charts(selected))
    yield from _records(selected)
    yield join(show_unmapped(diff.unmapped))
    yield join(show_findings(diff.issues, selected.issues_left_off, selected.info_left_off))
    yield tag("footer", tag("p", f"Made by etl diff, iconsiam-etl {__version__}. Times are in UTC."))
    yield join(end("main"), tag("script", script), end("body"), end("html"), "\n")


@cache
def _asset(name: str) -> Html:
    """Return a file of this package; as a part of the page it must not end its own element."""
    return Html(files(__package__).joinpath(name).read_text(encoding="utf-8"))


def _meta(diff: Diff, style: str, script: str) -> Html:
    rules = (
        "default-src 'none'",
        f"style-src '{_hash(style)}'",
        f"script-src '{_hash(script)}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
    return join(
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content="; ".join(rules)),
        tag("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name_="color-scheme", content="light dark"),
        tag("meta", name_="referrer", content="no-referrer"),
        tag("link", rel="icon", href="data:,"),  # or a browser would ask the server for one
        tag("title", f"{title_of(diff)} · {diff.source.name}"),
    )


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _records(selected: Selected) -> Iterator[Html]:
    diff = selected.diff
    heading = tag("h2", "Records")
    left_off = ", ".join(f"{count:,} {action}" for action, count in selected.left_off.items())
    note = f"Left off by --limit: {left_off}. --limit 0 shows all."
    limit = tag("p", note, class_="note") if left_off else None
    if not diff.records:
        yield tag("section", heading, limit, tag("p", _nothing(selected), class_="empty"))
        return
    yield join(start("section", aria_label="Records"), heading, limit)
    yield tag("noscript", tag("p", _WITHOUT_SCRIPT, class_="note"))
    yield tag("div", _tools(diff), _table(), tag("div", id="more"), id="records", hidden=True)
    yield start("script", type="application/json", id="data", data_panel=diff.panel.collections)
    yield from records_json(diff.records)
    yield join(end("script"), end("section"))


_WITHOUT_SCRIPT = (
    "The list of records needs JavaScript, which is off here. Totals, charts and findings are all on this page; "
    "`etl diff --format text -o FILE` writes the records as plain text."
)


def _nothing(selected: Selected) -> str:
    asked = selected.selection
    if asked.only or asked.fields:
        return "No record is what --only and --field ask for."
    is_plan = selected.diff.is_plan
    return "Every record is as it was: there is nothing to look at." if not is_plan else (
        "Source and CMS agree on every record: there is nothing to look at.")  # fmt: skip


def _tools(diff: Diff) -> Html:
    order = " ".join((*diff.actions, *MARKS, "unmapped"))
    search = tag(
        "input", type="search", id="search", placeholder="Search names, ids, values", autocomplete="off",
        spellcheck="false", aria_label="Search in records",
    )  # fmt: skip
    tables = ("", "shops", "dinings")
    choices = (tag("option", name or "All tables", value=name) for name in tables)
    return tag(
        "div",
        tag("div", id="tags", role="group", aria_label="Show only", data_order=order),
        search,
        tag("select", choices, id="table", aria_label="Table"),
        tag("button", "Open all", type="button", id="open", aria_pressed="false"),
        tag("p", id="shown", role="status"),
        class_="tools",
    )


def _table() -> Html:
    heads = (
        tag(
            "th", tag("button", name, type="button", data_sort=name.lower()), scope="col", role="columnheader",
            aria_sort="none", class_=name.lower(),
        )
        for name in _COLUMNS
    )  # fmt: skip
    return tag(
        "table",
        tag("caption", "Records, each with its fields; the headings sort", class_="unseen"),
        tag("thead", tag("tr", heads, role="row"), role="rowgroup"),
        tag("tbody", role="rowgroup", id="rows"),
        class_="records",
        role="table",
    )
