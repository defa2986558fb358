"""Where a command's words go: bars and tables for a person, JSON lines for a machine, one document for --json."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO, cast

from etl.config.settings import Settings, job_name, load_settings
from etl.errors import EtlError, Interrupted
from etl.runtime import log, metrics
from etl.runtime.limits import save_memory
from etl.runtime.progress import LogProgress, Progress
from etl.runtime.scratch import sweep_scratch
from etl.runtime.streams import require_written
from etl.runtime.timing import peak_memory_mb
from etl.runtime.visible import json_visible

if TYPE_CHECKING:
    from rich.console import RenderableType

    from etl.report.terminal import TerminalProgress


class _Stderr:
    """Standard error as it is at the moment of writing, so that lines appear above running bars, not in them."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()

    def isatty(self) -> bool:
        return sys.stderr.isatty()


_STDERR = cast("TextIO", _Stderr())


class Output:
    """The output of one command.

    Logs are lines on stderr. Off a terminal a run (`is_run`: sync and extract) has them on stdout instead,
    as they are all that it says there. On a terminal bars and tables tell a person enough, and only warnings
    come between them; LOG_FORMAT or DEBUG bring the lines back in place of the bars.

    Args:
        as_json: The result is one JSON document on stdout, and nothing else is.
        is_run: The command is a run, with bars or log lines.
    """

    def __init__(self, *, as_json: bool = False, is_run: bool = False) -> None:
        self.as_json = as_json
        self.is_shown = not as_json and sys.stdout.isatty()
        self._is_run = is_run
        self._job: str | None = None
        log.configure(stream=self._stream())  # for errors in the settings themselves

    def settings(self) -> Settings:
        """Load the settings, and log as they say.

        Raises:
            ConfigError: a setting can't be read.
        """
        save_memory()
        settings = load_settings()
        self._job = settings.etl_job
        self.is_shown = self.is_shown and settings.log_format == "auto" and settings.level != "debug"
        level = "warning" if self.is_shown and settings.level == "info" else settings.level
        log.configure(settings.log_format, level, self._stream(), settings.secrets())
        return settings

    def _stream(self) -> TextIO:
        return sys.stdout if self._is_run and not (self.as_json or self.is_shown) else _STDERR

    @contextmanager
    def watch(self) -> Iterator[Progress]:
        """Give the watch that the run tells of its progress: bars, or log lines."""
        with self._watch() as watch:
            yield watch

    def _watch(self) -> "TerminalProgress | LogProgress":
        if not self.is_shown:
            return LogProgress()
        from etl.report.terminal import TerminalProgress

        return TerminalProgress()

    @contextmanager
    def logged(self, command: str) -> Iterator[None]:
        """Log the error that ends a run, as its last line, of a sync with metrics; a person gets the message alone.

        Before it begins, what killed runs left on this machine is removed.
        """
        sweep_scratch()
        started = time.monotonic()
        try:
            yield
        except (Exception, Interrupted) as error:
            self.failed(command, error, time.monotonic() - started)
            raise

    def failed(self, command: str, error: BaseException, seconds: float, **data: object) -> None:
        """Log that a run failed, with metrics if it was a sync; a person gets the message alone."""
        if not self.is_shown:
            code = error.exit_code if isinstance(error, EtlError | Interrupted) else EtlError.exit_code
            figures = self._failure(seconds) if command == "sync" else {}
            log.get_logger().error(f"{command}_failed", error=error, exit_code=code, **data, **figures)

    def _failure(self, seconds: float) -> dict[str, Any]:
        figures = metrics.of_failure(seconds, peak_memory_mb())
        return metrics.embedded(figures, self._job or job_name(), time.time())

    def begin(self, source: str) -> None:
        """Tell a person which of several sources comes now; log lines have their source."""
        if self.is_shown:
            from etl.report import text

            text.show(text.heading(source))

    def sources_done(self, done: Sequence[str], failed: Sequence[str], code: int) -> None:
        """Log what became of several sources, as the last line; a person gets the results."""
        log.unbind_run()
        if not self.is_shown:
            data = {"done": list(done), "failed": list(failed), "exit_code": code}
            if failed:
                log.get_logger().error("sources_done", **data)
            else:
                log.get_logger().info("sources_done", **data)

    def done(self, command: str, data: Mapping[str, object]) -> None:
        """Log that a run is done, as its last line; a person gets the result."""
        if not self.is_shown:
            log.get_logger().info(f"{command}_done", **data)

    def print(self, data: object, show: "Callable[[], RenderableType]", *, has_written: bool = False) -> None:
        """Print a result: as JSON, or for people. Of a run, log lines have said it already.

        Args:
            data: The result, for JSON.
            show: Makes it for people.
            has_written: The database has changed; as after a run, the exit code is of that, whatever becomes of the words.

        Raises:
            EtlError: the command only looks, and its result can't be written.
        """
        if self.as_json:
            document = json.dumps(data, default=str, ensure_ascii=False)
            print(json_visible(document, sys.stdout.encoding), flush=True)
        elif self.is_shown or not self._is_run:
            from etl.report import text

            text.show(show())
        if not (self._is_run or has_written):
            require_written()
