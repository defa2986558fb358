"""A notice in words, in the mark-up of a chat (Slack's mrkdwn)."""

from collections.abc import Iterator

from etl.contract.source_names import label_of
from etl.notify.model import Document, Event, Notice
from etl.runtime.visible import visible

_MOST_DOCUMENTS = 10
_MOST_ERRORS = 5
_LONGEST = 1000


def in_words(notice: Notice) -> str:
    """Return a notice as a message for a channel: its events, then the first errors and documents."""
    return "\n".join(_lines(notice))


def _lines(notice: Notice) -> Iterator[str]:
    run = notice.run
    source = f", {_text(label_of(run.source))}" if run.source else ""
    events = "; ".join(_event(event, notice) for event in notice.events)
    yield f"*{_text(notice.job)}{source}: {events}*"
    if run.error:
        yield f"> {_text(run.error)}"
    yield from (f"• {_text(each.message)}" for each in notice.errors[:_MOST_ERRORS])
    yield from _more(notice.new_errors - _MOST_ERRORS, "errors")
    yield from (f"• {_document(each)}" for each in notice.documents[:_MOST_DOCUMENTS])
    yield from _more(notice.rows - _MOST_DOCUMENTS, "rows")
    yield f"`etl runs {run.sync_id}`"


def _event(event: Event, notice: Notice) -> str:
    return {
        "refused": f"{notice.run.command} refused by a guard",
        "failed": f"{notice.run.command} failed",
        "recovered": f"works again after {_count(notice.failed_runs, 'failed run')}"
        + (f" since {notice.failed_since:%Y-%m-%d %H:%M} UTC" if notice.failed_since else ""),
        "findings": f"{_count(notice.new_errors, 'new error')}",
        "written": f"{notice.run.command} wrote {_count(notice.rows, 'row')}",
    }[event]


def _document(document: Document) -> str:
    place = f"{document.collection} {document.id}"
    linked = f"<{document.url}|{place}>" if document.url else place
    fields = f" ({', '.join(document.fields)})" if document.fields else ""
    return f"{linked} {_text(document.title or document.unique_id)}: {document.action}{fields}"


def _more(count: int, what: str) -> Iterator[str]:
    if count > 0:
        yield f"… and {count:,} more {what}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _text(text: str) -> str:
    """Return a text on one line in which the chat finds no mark-up, link or mention; cut where it is long."""
    shown = visible(text, line_break=" ")
    cut = shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"
    return cut.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
