"""One run a source, one after another: a source that fails does not stop the next one. Heavy imports stay inside."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import typer

from etl.contract.source_names import label_of
from etl.errors import EXIT_PARTIAL, ConfigError, EtlError
from etl.runtime.signals import heed_signals

if TYPE_CHECKING:
    from rich.console import RenderableType

    from etl.cli.output import Output
    from etl.config.settings import Settings, Source

_WORST_FIRST = (1, 2, 6, 3, 4)


class Result(Protocol):
    """What a run of one source gives."""

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""


_R = TypeVar("_R", bound=Result)


@dataclass(frozen=True)
class SourceJob(Generic[_R]):
    """A run of one source.

    Attributes:
        source: Name of the source; '' for the one without a name.
        run: Does it.
    """

    source: str
    run: Callable[[], _R]


@dataclass(frozen=True)
class Outcome(Generic[_R]):
    """What became of a source.

    Attributes:
        source: Name of the source; '' for the one without a name.
        result: What its run gave; None where it failed.
        error: Why it failed; None where it did not.
    """

    source: str
    result: _R | None = None
    error: EtlError | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        if self.result is not None:
            return {"source": self.source, **self.result.as_dict(), "error": None}
        code = self.error.exit_code if self.error else 0
        return {"source": self.source, "status": "FAILED", "error": str(self.error), "exit_code": code}


def run_each(output: "Output", command: str, jobs: Sequence[SourceJob[_R]]) -> list[Outcome[_R]]:
    """Run each job, in order, and return what became of each.

    A signal ends them all, as does the error of an only job.

    Args:
        output: Gets a line for each source that fails.
        command: sync or extract.
        jobs: One or more.

    Raises:
        EtlError: the only job failed.
        Interrupted: a signal came; what was committed before stays.
    """
    if len(jobs) == 1:
        return [Outcome(jobs[0].source, jobs[0].run())]
    outcomes: list[Outcome[_R]] = []
    for job in jobs:
        heed_signals()
        output.begin(label_of(job.source))
        started = time.monotonic()
        try:
            outcomes.append(Outcome(job.source, job.run()))
        except EtlError as error:
            output.failed(command, error, time.monotonic() - started, source=label_of(job.source))
            outcomes.append(Outcome(job.source, error=error))
    return outcomes


def show_each(
    output: "Output",
    outcomes: Sequence[Outcome[_R]],
    show_one: "Callable[[_R], RenderableType]",
    strict: Callable[[_R], bool] | None,
) -> None:
    """Log and print what became of each source, and exit by it.

    Args:
        output: Where they go.
        outcomes: What `run_each` returned.
        show_one: Makes text of a result.
        strict: Whether a result is to exit with 5 though nothing failed; None where none is.

    Raises:
        Exit: a source failed, or a result is not good enough for `strict`.
    """
    from etl.report.text import show_outcomes

    _tell_sources(output, outcomes)
    parts = [(each.source, each.result, each.error) for each in outcomes]
    output.print(as_document(outcomes), lambda: show_outcomes(parts, show_one))
    if code := exit_code(outcomes):
        raise typer.Exit(code)
    if strict and any(each.result is not None and strict(each.result) for each in outcomes):
        raise typer.Exit(EXIT_PARTIAL)


def _tell_sources(output: "Output", outcomes: Sequence[Outcome[Any]]) -> None:
    if len(outcomes) > 1:
        done = [label_of(each.source) for each in outcomes if each.error is None]
        failed = [label_of(each.source) for each in outcomes if each.error is not None]
        output.sources_done(done, failed, exit_code(outcomes))


def exit_code(outcomes: Iterable[Outcome[Any]]) -> int:
    """Return the exit code of several runs: 0 if none failed, 1 if some did, and the worst one if all did."""
    errors = [outcome.error for outcome in outcomes]
    codes = [error.exit_code for error in errors if error is not None]
    if not codes:
        return 0
    if len(codes) < len(errors):
        return EtlError.exit_code
    return min(codes, key=lambda code: _WORST_FIRST.index(code) if code in _WORST_FIRST else 0)


def as_document(outcomes: Sequence[Outcome[Any]]) -> Mapping[str, Any]:
    """Return the results as one JSON document: of one source its result, of several a list."""
    if len(outcomes) == 1 and outcomes[0].result is not None:
        only: Mapping[str, Any] = outcomes[0].result.as_dict()
        return only
    return {"exit_code": exit_code(outcomes), "sources": [outcome.as_dict() for outcome in outcomes]}


def choose_sources(settings: "Settings", name: str | None) -> "tuple[Source, ...]":
    """Return the sources of the settings, or the one of that name.

    Raises:
        ConfigError: none has it, or the settings name no source.
    """
    sources = settings.sources()
    chosen = tuple(source for source in sources if name is None or source.name == name)
    if not chosen:
        raise ConfigError(f"EXTERNAL_API_URL does not name a source {name!r}. Choose {_choices(sources)}.")
    return chosen


def choose_source(settings: "Settings", name: str | None) -> "Source":
    """Return the source of that name, or the only one.

    Raises:
        ConfigError: there are several, or none of that name.
    """
    sources = choose_sources(settings, name)
    if len(sources) > 1:
        raise ConfigError(
            f"EXTERNAL_API_URL names {len(sources)} sources, and this shows one. Choose {_choices(sources)}."
        )
    return sources[0]


def _choices(sources: "Iterable[Source]") -> str:
    return " or ".join(
        f"--source {source.name}" if source.name else "--source '' (the one without a name)"
        for source in sources
    )
