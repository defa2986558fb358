"""The receiver of docs/notify.md takes what the job sends, once, and nothing else."""

import re
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import requests

from etl.config.settings import load_settings
from etl.notify.message import body_of, headers_of
from etl.notify.model import Notice, ToldRun
from etl.notify.post import post
from tests.support.patience import within
from tests.support.process import kept_environment
from tests.support.receiver import SECRET

PAGE = Path(__file__).parents[2] / "docs" / "notify.md"
NOW = datetime(2026, 12, 1, tzinfo=UTC)
NOTICE = Notice("mall", ToldRun("r1", "sync", "", "FAILED", NOW, NOW, 1, "no"), ("failed",))


def test_the_receiver_of_the_page(tmp_path: Path) -> None:
    """It prints the events of a notice once, and answers 401 to one that is forged, or old."""
    (example,) = re.findall(r"```python\n(.+?)```", PAGE.read_text("utf-8"), re.DOTALL)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**kept_environment(), "NOTIFY_SECRET": SECRET, "PORT": str(port)}
    process = subprocess.Popen(
        [sys.executable, "-c", example], env=environment, cwd=tmp_path, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}/"
    receiver = load_settings(None, notify_url=url, notify_secret=SECRET).receiver()
    assert receiver is not None
    body = body_of(NOTICE, "json")
    try:
        with within(60):
            post(receiver, "r1", body, time.monotonic() + 60)  # it tries until the process listens
            post(receiver, "r1", body, time.monotonic() + 60)
        forged = headers_of("r2", body, b"another key", int(time.time()))
        old = headers_of("r2", body, receiver.key, int(time.time()) - 400)
        statuses = [
            requests.post(url, data=body, headers=each, timeout=30).status_code for each in (forged, old)
        ]
    finally:
        process.kill()
        printed, _ = process.communicate()
    assert (statuses, printed) == ([401, 401], "['failed']\n")
