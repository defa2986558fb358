"""Every error that a user can meet, and the exit code of each.

```
EtlError                 1    failed, nothing written
├── ConfigError          2    bad usage or settings
├── SourceError          1    the API did not answer as promised
│   └── IncompleteExtract  6  the API gave less than it promised
├── ContractError        1    data that does not have the agreed shape (a snapshot, a CMS table)
├── GuardError           3    refused: the run would change more than it may
├── LockError            4    another sync is running
├── LoadError            1    Postgres refused or went away
└── ClusterError         1    Ray, or its workers, failed
Interrupted        130/143    SIGINT or SIGTERM; no EtlError, as it is nobody's to handle but the command line's
```

A message says what happened, where, how many (with up to three examples), and what to do about it.
Other exit codes: 0 done (also PARTIAL), 5 PARTIAL under `--strict`, 10 `diff --exit-code` found changes.
"""

EXIT_PARTIAL = 5
EXIT_CHANGES = 10


class EtlError(Exception):
    """A run that can't go on; the CMS is as it was before."""

    exit_code = 1


class ConfigError(EtlError):
    """A setting, an option or a file named on the command line is wrong."""

    exit_code = 2


class SourceError(EtlError):
    """The API did not answer, refused, or sent something else than it promised."""


class IncompleteExtract(SourceError):  # noqa: N818 — the name DESIGN.md gives it
    """The API gave fewer or other records than it promised."""

    exit_code = 6


class ContractError(EtlError):
    """Data does not have the agreed shape: a snapshot, or a table of the CMS."""


class GuardError(EtlError):
    """A guard refused the run; `--force` goes on."""

    exit_code = 3


class LockError(EtlError):
    """Another sync holds the lock."""

    exit_code = 4


class LoadError(EtlError):
    """Postgres refused a statement or went away."""


class ClusterError(EtlError):
    """A Ray cluster can't be reached, or its workers die again and again."""


class Interrupted(BaseException):
    """The process was asked to stop.

    It is raised between any two steps, in the midst of libraries too. So it is a KeyboardInterrupt's kin: what goes on
    after an error, as `except Exception` or `except EtlError` does, must not go on after a signal.

    Args:
        signal_number: SIGINT (2) or SIGTERM (15); the exit code is 128 more.
        outcome: What became of the run, where that is not that nothing was written.
    """

    def __init__(self, signal_number: int, outcome: str = "") -> None:
        super().__init__(
            f"Interrupted by signal {signal_number}{f'. {outcome}' if outcome else '; nothing was written.'}"
        )
        self.signal_number = signal_number
        self.exit_code = 128 + signal_number
