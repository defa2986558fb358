"""A kind of finding: its code, its severity, its words, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True)
class FindingCode:
    """A kind of finding.

    Attributes:
        code: Its name, in `etl.sync_issues.code`.
        severity: error: the record was not loaded. warning: it was, and somebody should look at it. info: nobody has to;
            text for people leaves it out unless `--all` asks for it.
        words: The sentence by case; '' is the case of a code that has only one. `{name}` stands for a value. A case
            `name.case` is no sentence: it is one of the texts that may stand for `{name}`.
        advice: What to do about it.
    """

    code: str
    severity: Severity
    words: Mapping[str, str]
    advice: str
