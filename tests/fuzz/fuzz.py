"""Run one target under atheris: python -m tests.fuzz.fuzz NAME SECONDS FOLDER.

The input that broke a promise is written to FOLDER as NAME-<hash>; exit 77 then.
"""

import hashlib
import html
import os
import sys
import time
import traceback
from pathlib import Path

import atheris

with atheris.instrument_imports(
    include=[
        "etl.extract.parse",
        "etl.extract.pages",
        "etl.transform",
        "tests.support.invariants",
        "json",
        "unidecode",
    ]
):
    from tests.fuzz.targets import BETWEEN, TARGETS, Target
from tests.fuzz.seeds import seeds, words

BATCH = 200
MAX_INPUT = 3000
FOUND = 77
_SLOW_S = 20


class Fuzzer:
    """Watches each input, holds them in batches, and ends the process at a finding or when time is up."""

    def __init__(self, name: str, target: Target, seconds: float, folder: Path) -> None:
        self.runs = 0
        self._name = name
        self._target = target
        self._folder = folder
        self._waiting: list[bytes] = []
        self._started = time.monotonic()
        self._seconds = seconds

    def __call__(self, data: bytes) -> None:
        """Take one input."""
        self.runs += 1
        try:
            self._target.watch(self._target.rows(data))
        except Exception:
            self._end_with(data)
        self._waiting.append(data)
        is_over = time.monotonic() - self._started > self._seconds
        if len(self._waiting) >= BATCH or is_over:
            self._hold()
        if is_over:
            self._end(0)

    def _hold(self) -> None:
        rows = [row for data in self._waiting for row in self._target.rows(data)]
        try:
            self._target.hold(rows)
        except Exception:
            for data in self._waiting:
                try:
                    self._target.run(data)
                except Exception:
                    self._end_with(data)
            self._end_with(BETWEEN.join(self._waiting))  # a matter of several rows together
        self._waiting = []

    def _end_with(self, data: bytes) -> None:
        """Keep the input of the error at hand, and end."""
        traceback.print_exc(limit=-6)
        path = self._folder / f"{self._name}-{hashlib.sha256(data).hexdigest()[:12]}"
        path.write_bytes(data)
        print(f"Found {path}: {data[:200]!r}")
        self._end(FOUND)

    def _end(self, code: int) -> None:
        print(f"Done {self.runs} executions in {time.monotonic() - self._started:.0f} s", flush=True)
        os._exit(code)  # libFuzzer has no other way to end from inside


def main(name: str, seconds: float, folder: Path) -> None:
    """Fuzz until the time is up, from the seeds and what earlier runs learnt."""
    corpus, begin, dictionary = (folder / part / name for part in ("corpus", "seeds", "words"))
    for made in (corpus, begin, dictionary.parent):
        made.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(name)):
        (begin / f"{number:04}").write_bytes(seed)
    lines = ['"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n' for word in words(name)]
    dictionary.write_text("".join(lines))
    atheris.instrument_func(html.unescape)
    atheris.instrument_func(html._replace_charref)
    options = [
        f"-dict={dictionary}",
        f"-max_len={MAX_INPUT}",
        f"-timeout={_SLOW_S}",
        "-rss_limit_mb=3000",
        f"-artifact_prefix={folder}/{name}-",
        "-print_final_stats=0",
        "-verbosity=0",
    ]
    atheris.Setup(
        [sys.argv[0], *options, str(corpus), str(begin)], Fuzzer(name, TARGETS[name], seconds, folder)
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), Path(sys.argv[3]))
