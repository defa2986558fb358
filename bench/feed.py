"""Feeds to measure with: the sample's records as ready pages of JSON, in one file each.

A feed is made once and kept. No id is missing or double, and no text holds NUL: peers without rules for that can load it.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PAGE = 100
"""Records a page."""
CHANGED_EVERY = 100
"""In a changed feed one record of so many differs."""


def records(count: int, *, is_changed: bool = False) -> Iterator[dict[str, object]]:
    """Make records, ready for JSON, in the order of the feed; the changed feed has other texts in 1 %."""
    from etl.demo.sample import sample_day  # noqa: PLC0415 — large, and whoever measures must stay small

    seen: set[object] = set()
    made = 0
    for record in sample_day(1, count + count // 100 + 10):
        unique_id = record["uniqueId"]
        if made == count:
            return
        if unique_id is None or unique_id in seen or len(str(unique_id)) > 200:
            continue
        seen.add(unique_id)
        clean = {
            name: value.replace("\0", "") if isinstance(value, str) else value
            for name, value in record.items()
        }
        if is_changed and made % CHANGED_EVERY == CHANGED_EVERY // 2:
            clean |= {
                "descriptionEn": f"{record['descriptionEn']} Newly opened.",
                "tel": "02 000 0000",
            }
        yield clean
        made += 1


def make_feed(folder: Path, count: int, *, is_changed: bool = False) -> Path:
    """Return the file of a feed's pages, a line a page; written by a process of its own unless it is there already."""
    path = folder / f"{count}{'-changed' if is_changed else ''}.jsonl"
    if not path.exists():
        command = [
            sys.executable,
            "-m",
            "bench.feed",
            str(path),
            str(count),
            *(["changed"] if is_changed else []),
        ]
        subprocess.run(command, check=True)
    return path


def write_feed(path: Path, count: int, *, is_changed: bool = False) -> None:
    """Write a feed's pages to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    work = path.with_suffix(".tmp")
    with work.open("w", encoding="utf-8") as file:
        pages = -(-count // PAGE)
        source = records(count, is_changed=is_changed)
        for number in range(1, pages + 1):
            size = min(PAGE, count - (number - 1) * PAGE)
            head = {"totalRecord": count, "page": number, "limit": PAGE, "totalPages": pages}
            data = [next(source) for _ in range(size)]
            file.write(json.dumps({**head, "data": data}, ensure_ascii=False) + "\n")
    work.rename(path)


if __name__ == "__main__":
    write_feed(Path(sys.argv[1]), int(sys.argv[2]), is_changed=sys.argv[3:] == ["changed"])
