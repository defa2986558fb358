"""Several sources, one run after another: what a failure and a signal do, and what the command exits with."""

import json
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from etl.cli.each_source import (
    Outcome,
    SourceJob,
    as_document,
    choose_source,
    choose_sources,
    exit_code,
    run_each,
)
from etl.cli.output import Output
from etl.config.settings import load_settings
from etl.errors import (
    ConfigError,
    EtlError,
    GuardError,
    IncompleteExtract,
    Interrupted,
    LockError,
    SourceError,
)
from etl.runtime.signals import interrupting, outlast_signals


@dataclass(frozen=True)
class Done:
    """The result of a run."""

    records: int

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {"status": "COMPLETED", "records": self.records}


def job(name: str, run: Callable[[], Done]) -> SourceJob[Done]:
    """Return a job of a source."""
    return SourceJob(name, run)


def failing(error: BaseException) -> Callable[[], Done]:
    """Return a run that fails."""

    def run() -> Done:
        raise error

    return run


def test_one_that_fails_does_not_stop_the_next(capsys: pytest.CaptureFixture[str]) -> None:
    """Each failure is a line of the log, with its source, its exit code and the metrics of a failed sync."""
    jobs = [job("", failing(GuardError("shrank"))), job("siam", lambda: Done(3))]
    outcomes = run_each(Output(is_run=True), "sync", jobs)
    assert [(each.source, each.result, str(each.error or "")) for each in outcomes] == [
        ("", None, "shrank"),
        ("siam", Done(3), ""),
    ]
    line = json.loads(capsys.readouterr().out)
    assert (line["event"], line["level"], line["source"]) == (
        "sync_failed",
        "error",
        "the source without a name",
    )
    assert (line["exit_code"], line["failed"], line["done"]) == (3, 1, 0)


def test_an_only_one_fails_as_ever() -> None:
    """Its error is the command's."""
    with pytest.raises(GuardError):
        run_each(Output(is_run=True), "sync", [job("", failing(GuardError("shrank")))])


def test_a_mistake_of_ours_ends_them_all() -> None:
    """What is no error of ours is no news about a source."""
    with pytest.raises(ZeroDivisionError):
        run_each(Output(), "sync", [job("a", failing(ZeroDivisionError())), job("b", lambda: Done(1))])


def test_a_signal_after_a_commit_is_heeded_before_the_next() -> None:
    """A run that is committed outlasts a signal; the next one does not begin."""
    begun: list[str] = []

    def committed() -> Done:
        outlast_signals()
        os.kill(os.getpid(), signal.SIGTERM)
        begun.append("a")
        return Done(1)

    def second() -> Done:
        begun.append("b")
        return Done(1)

    with pytest.raises(Interrupted) as caught, interrupting():
        run_each(Output(), "sync", [job("a", committed), job("b", second)])
    assert (caught.value.exit_code, begun) == (143, ["a"])
    assert [each.result for each in run_each(Output(), "sync", [job("b", second)])] == [Done(1)], (
        "it is forgotten"
    )


@pytest.mark.parametrize(
    ("errors", "code"),
    [
        ([None], 0),
        ([None, None], 0),
        ([GuardError("x"), None], 1),
        ([None, IncompleteExtract("x"), LockError("x")], 1),
        ([GuardError("x"), GuardError("x")], 3),
        ([LockError("x"), GuardError("x")], 3),
        ([LockError("x"), GuardError("x"), IncompleteExtract("x")], 6),
        ([IncompleteExtract("x"), ConfigError("x")], 2),
        ([ConfigError("x"), SourceError("x")], 1),
    ],
)
def test_exit_codes(errors: list[EtlError | None], code: int) -> None:
    """0 if none failed, 1 if some did, the worst one if all did."""
    assert exit_code([Outcome("", Done(1) if error is None else None, error) for error in errors]) == code


def test_one_document() -> None:
    """Of one source its result; of several a list, with the exit code."""
    assert as_document([Outcome("siam", Done(3))]) == {"status": "COMPLETED", "records": 3}
    assert as_document([Outcome("", Done(3)), Outcome("siam", error=GuardError("shrank"))]) == {
        "exit_code": 1,
        "sources": [
            {"source": "", "status": "COMPLETED", "records": 3, "error": None},
            {"source": "siam", "status": "FAILED", "error": "shrank", "exit_code": 3},
        ],
    }


class TestChoice:
    """`--source NAME`."""

    settings = load_settings(None, external_api_url="https://a.example/t siam=https://b.example/t")

    def test_all_or_one(self) -> None:
        """Without it all sources; with it the one of that name, '' being the one without a name."""
        names = [[each.name for each in choose_sources(self.settings, name)] for name in (None, "siam", "")]
        assert names == [["", "siam"], ["siam"], [""]]

    def test_none_of_that_name(self) -> None:
        """What may be chosen is said."""
        with pytest.raises(ConfigError, match="does not name a source 'icon'") as caught:
            choose_sources(self.settings, "icon")
        assert "Choose --source '' (the one without a name) or --source siam." in str(caught.value)

    def test_one_is_needed(self) -> None:
        """Where there are several, one has to be named."""
        assert choose_source(self.settings, "siam").name == "siam"
        with pytest.raises(ConfigError, match=r"names 2 sources, and this shows one\. Choose --source ''"):
            choose_source(self.settings, None)
