"""Fuzz every parser, under atheris and then with hypothesis: python -m tests.fuzz [SECONDS] [NAME …].

Each gets SECONDS (600). Corpora and findings are kept in .fuzz. Exit 1 when something was found.
"""

import re
import subprocess
import sys
import time
from pathlib import Path

from tests.fuzz.targets import TARGETS

FOLDER = Path(".fuzz")
_PAGES = "tests/property/test_page_properties.py"
_TRANSFORM = "tests/property/test_transform_properties.py"
PROPERTIES: dict[str, tuple[str, str]] = {
    "page": (_PAGES, "page"),
    "text": (_TRANSFORM, "decoding or cleaning or steps or clean_text or slugs"),
    "hours": (_TRANSFORM, "hours"),
    "floors": (_TRANSFORM, "floor_labels"),
}
"""Per target the file and names (pytest -k) of the properties that hypothesis tries."""

_ADVICE = """
Found: {path}
  input         {data!r}
  once more     .venv/bin/python -c 'from tests.fuzz.targets import TARGETS; from pathlib import Path; \
TARGETS["{name}"].run(Path("{path}").read_bytes())'
  as a test     make the input small, and add it to FOUND in tests/property/test_found_by_fuzzing.py:
                ("{name}", {data!r}),
  then          mend the parser, and write what it gives now among its cases in tests/unit."""


def fuzz(name: str, seconds: float) -> bool:
    """Run a target under atheris; say what it found, and return whether it found nothing."""
    before = set(FOLDER.glob(f"{name}-*"))
    command = [sys.executable, "-m", "tests.fuzz.fuzz", name, str(seconds), str(FOLDER)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    output = done.stdout.decode(errors="replace")
    print(f"{name} under atheris: {output.splitlines()[-1] if output else 'no output'}", flush=True)
    found = sorted(set(FOLDER.glob(f"{name}-*")) - before)
    if done.returncode or found:
        print(output[-4000:])
    for path in found:
        print(_ADVICE.format(name=name, path=path, data=path.read_bytes()))
    return done.returncode == 0 and not found


def try_properties(name: str, seconds: float) -> bool:
    """Run a parser's properties with hypothesis, a round of examples after another, until the time is up."""
    file, names = PROPERTIES[name]
    options = ["--hypothesis-profile=fuzz", "--hypothesis-show-statistics", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", "-q", file, "-k", names, *options]
    started, examples, failed = time.monotonic(), 0, False
    while not failed and time.monotonic() - started < seconds:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        output = done.stdout.decode(errors="replace")
        examples += sum(map(int, re.findall(r"(\d+) passing", output)))
        failed = done.returncode != 0
        if failed:
            print(output[-8000:])
            print(
                f"Found: keep the falsifying example above as an @example of its test in {file}, then mend it."
            )
    print(f"{name} with hypothesis: {examples} examples in {time.monotonic() - started:.0f} s", flush=True)
    return not failed


def main(arguments: list[str]) -> int:
    """Fuzz the parsers named, or all, one after another; a finding of one does not stop the others."""
    seconds = float(arguments[0]) if arguments else 600
    names = arguments[1:] or list(TARGETS)
    if unknown := set(names) - set(TARGETS):
        print(f"There is no target {', '.join(sorted(unknown))}: {', '.join(TARGETS)}.", file=sys.stderr)
        return 2
    FOLDER.mkdir(exist_ok=True)
    results = [run(name, seconds) for run in (fuzz, try_properties) for name in names]
    print(f"{results.count(False)} of {len(results)} found something.")
    return int(not all(results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
