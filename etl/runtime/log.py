"""Logs: JSON lines where a machine reads them, colours where a person does; never a secret.

An event is a fixed phrase, data are keys: `get_logger().info("stage_done", stage="match", rows_out=500)`.
structlog is imported when a logger is first asked for, so importing this module costs nothing.
"""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, TextIO

from etl.errors import EtlError, Interrupted
from etl.runtime.limits import without
from etl.runtime.redact import HIDDEN, is_secret_name, redact, scrubber
from etl.runtime.visible import json_visible, visible

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger, Processor

_FIRST = ("timestamp", "level", "event", "sync_id")
_scrub: Callable[[str], str] = str


def configure(
    log_format: str = "auto",
    level: str = "info",
    stream: TextIO | None = None,
    secrets: Iterable[str] = (),
) -> None:
    """Set up logging for the process; the last call holds.

    Args:
        log_format: 'json', 'console', or 'auto': console where the stream is a terminal, else json.
        level: 'debug', 'info', 'warning' or 'error'. At debug, errors show their traceback.
        stream: Where lines go; standard output when None.
        secrets: Texts to hide wherever they turn up (`Settings.secrets()`), as `redact.scrubber` does.
    """
    global _scrub  # noqa: PLW0603 — as structlog's own configuration, one a process
    # it would load rich for tracebacks, which are written by _tell_error here
    with without("rich"):
        import structlog  # noqa: PLC0415 — 0.2 s that `etl --help` need not pay

    _scrub = scrubber(secrets)
    stream = stream or sys.stdout
    is_console = log_format == "console" or (log_format == "auto" and stream.isatty())
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=_processors(is_console, stream, number <= logging.DEBUG, _scrub),
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=False,
    )
    _take_over_libraries(max(number, logging.WARNING))


def get_logger() -> FilteringBoundLogger:
    """Return the logger; set up with the defaults where `configure` was not called."""
    with without("rich"):
        import structlog  # noqa: PLC0415 — 0.2 s that `etl --help` need not pay

    if not structlog.is_configured():
        configure()
    logger: FilteringBoundLogger = structlog.get_logger()
    return logger


def bind_run(sync_id: str, source: str = "") -> None:
    """Put this sync_id, and the name of its source if it has one, on every line from here on, in place of earlier ones.

    A thread starts without it: run its work in `contextvars.copy_context().run` where it logs.
    """
    import structlog  # noqa: PLC0415 — 0.2 s that `etl --help` need not pay

    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(sync_id=sync_id, **({"source": source} if source else {}))


def unbind_run() -> None:
    """Put no sync_id on the lines from here on."""
    import structlog  # noqa: PLC0415 — as above

    structlog.contextvars.clear_contextvars()


def _processors(
    is_console: bool, stream: TextIO, is_debug: bool, hide: Callable[[str], str]
) -> list[Processor]:
    import structlog  # noqa: PLC0415 — 0.2 s that `etl --help` need not pay

    last: list[Processor] = [
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        _show_all(stream),
    ]
    if is_console:
        colors = stream.isatty() and "NO_COLOR" not in os.environ
        last = [_drop_metrics, _show_texts, structlog.dev.ConsoleRenderer(colors=colors, sort_keys=False)]
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _tell_error(is_debug),
        _hide_secrets(hide),
        _put_first,
        *last,
    ]


def _tell_error(is_debug: bool) -> Processor:
    """Make one line of an exception, in the key `error`; at debug its traceback too, in `exception`."""

    def process(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
        error = _exception_of(event.pop("exc_info", None))
        if error is not None:
            event.setdefault("error", error)
        if isinstance(event.get("error"), BaseException):
            error = event["error"]
            event["error"] = error_line(error)
        if is_debug and error is not None:
            event["exception"] = "".join(traceback.format_exception(error))
        return event

    return process


def _exception_of(exc_info: object) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return exc_info[1] if isinstance(exc_info[1], BaseException) else None
    return sys.exception() if exc_info else None


def error_line(error: BaseException) -> str:
    """Return an exception as one line: its message, after its type where it is not ours; no secrets."""
    message = redact(" ".join(str(error).split()))
    if isinstance(error, EtlError | Interrupted):
        return message
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def scrub(text: str) -> str:
    """Return a text that leaves the program some other way, without the secrets that the log was told of."""
    return _scrub(text)


def _hide_secrets(hide: Callable[[str], str]) -> Processor:
    def clean(text: str) -> str:
        # a lone surrogate can't be written as UTF-8, and readers of JSON may not take half a character for a text
        return redact(hide(text)).encode("utf-8", "replace").decode("utf-8")

    def process(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
        return {
            key: HIDDEN if _is_hidden(key, value) else _clean(value, clean) for key, value in event.items()
        }

    return process


def _is_hidden(key: object, value: object) -> bool:
    return isinstance(key, str) and is_secret_name(key) and isinstance(value, str) and value != ""


def _clean(value: object, clean: Callable[[str], str]) -> object:
    """Return the value with each text in it cleaned; what JSON does not know becomes text."""
    if isinstance(value, str):
        return clean(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(k): HIDDEN if _is_hidden(str(k), v) else _clean(v, clean) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item, clean) for item in value]
    return clean(str(value))


def _drop_metrics(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    return {key: value for key, value in event.items() if key != "_aws"}  # for CloudWatch, which reads JSON


def _show_texts(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Show others' texts harmlessly on a terminal; what is no text is shown by `repr`, which escapes by itself."""
    return {key: visible(value) if isinstance(value, str) else value for key, value in event.items()}


def _show_all(stream: TextIO) -> Callable[[object, str, Any], str]:
    """Escape in a line of JSON what a terminal obeys, as somebody may look at it there, and what the stream can't take."""

    def process(_logger: object, _method: str, line: Any) -> str:  # noqa: ANN401 — a text, as the renderer before it gives
        return json_visible(line, getattr(stream, "encoding", None))

    return process


def _put_first(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    first = {key: event[key] for key in _FIRST if key in event}
    return first | {key: value for key, value in event.items() if key not in first}


class _ToStructlog(logging.Handler):
    """Brings what libraries log (urllib3's retries, for one) into the same lines."""

    def emit(self, record: logging.LogRecord) -> None:
        get_logger().log(record.levelno, "library_message", library=record.name, message=record.getMessage())


def _take_over_libraries(level: int) -> None:
    root = logging.getLogger()
    for handler in [one for one in root.handlers if isinstance(one, _ToStructlog)]:
        root.removeHandler(handler)
    root.addHandler(_ToStructlog(level))
