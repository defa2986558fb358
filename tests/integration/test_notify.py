"""Somebody is told of a run once it is over: each change of state once, every row that was written at least once."""

import json
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from standardwebhooks import Webhook

from etl.db.connection import Postgres
from etl.errors import EtlError
from etl.notify import news, tell
from tests.support import api as answers
from tests.support.api import FakeApi
from tests.support.log import read_log
from tests.support.malls import Malls
from tests.support.move import move_record
from tests.support.patience import within
from tests.support.postgres import Database
from tests.support.process import finish, run, start
from tests.support.receiver import SECRET, FakeReceiver, Received
from tests.support.rollback import roll_back
from tests.support.sync import Mall, record

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "notify.schema.json").read_text("utf-8"))
PANEL = "https://cms.example.com/admin"
MANY = [record(f"T{number}") for number in range(30)]
VICTIM = "tests.support.victim"


@pytest.fixture
def receiver() -> Iterator[FakeReceiver]:
    """Give a receiver; each notice that came has the shape of docs/notify.schema.json and is signed."""
    with FakeReceiver() as receiver:
        yield receiver


@pytest.fixture
def told(mall: Mall, receiver: FakeReceiver) -> Mall:
    """Give a mall of whose runs the receiver is told."""
    mall.overrides |= {
        "notify_url": receiver.url,
        "notify_secret": SECRET,
        "cms_url": PANEL,
        "api_retries": 0,
    }
    return mall


def proved(received: Received) -> dict[str, Any]:
    """Return `data` of a notice that the schema allows, and whose signature another implementation verifies."""
    Webhook(SECRET).verify(received.body, received.headers)
    jsonschema.validate(json.loads(received.body), SCHEMA, jsonschema.Draft202012Validator)
    assert received.headers["webhook-id"] == received.data["run"]["sync_id"]
    return received.data


def failing(mall: Mall, *records: dict[str, Any], **options: Any) -> None:
    """Run a sync that fails."""
    with suppress(EtlError):
        mall.sync(records or None, **options)
        pytest.fail("it did not fail")


def test_what_was_written(told: Mall, receiver: FakeReceiver) -> None:
    """Each document with its number, title, slug and what was done; as the CMS has them now, an editor's title too."""
    result = told.sync([record("T1"), record("T2", categoryNameEn="Restaurant", brandNameEn="A &amp; B")])
    (received,) = receiver.take()
    data = proved(received)
    shop, dining = told.row("T1"), told.row("T2", "dinings")
    assert data["events"] == ["written"]
    assert data["run"] | {"started_at": "", "completed_at": ""} == {
        "sync_id": result.sync_id, "command": "sync", "source": "", "status": "COMPLETED", "exit_code": 0,
        "error": None, "started_at": "", "completed_at": "",
    }  # fmt: skip
    assert data["written"] == {"total": 2, "shops": {"created": 1}, "dinings": {"created": 1}}
    assert sorted(data["documents"], key=lambda each: each["unique_id"]) == [
        {"collection": "shops", "id": shop["id"], "unique_id": "T1", "title": "Brand T1", "slug": shop["slug"],
         "action": "created", "fields": None, "url": f"{PANEL}/collections/shops/{shop['id']}"},
        {"collection": "dinings", "id": dining["id"], "unique_id": "T2", "title": "A & B", "slug": "a-b",
         "action": "created", "fields": None, "url": f"{PANEL}/collections/dinings/{dining['id']}"},
    ]  # fmt: skip
    assert data["truncated"] is False

    told.edit_texts("T1", "en", title="Edited")
    told.sync(
        [
            record("T1", zone="West", tel="02 111 1111"),
            record("T2", categoryNameEn="Restaurant", brandNameEn="A &amp; B"),
        ]
    )
    (document,) = proved(receiver.take()[0])["documents"]
    assert (document["title"], document["action"], document["fields"]) == (
        "Edited",
        "updated",
        ["phone", "zone"],
    )


def test_each_change_of_state_is_told_once(told: Mall, receiver: FakeReceiver) -> None:
    """Good to failed or refused, and back; a second failure, and a run that changes nothing, are no news."""
    told.sync(MANY)
    told.sync()
    assert receiver.events() == [["written"]]

    told.api.fail_always(1, answers.status(500))
    failing(told)
    data = proved(receiver.take()[0])
    assert (data["events"], data["run"]["status"], data["run"]["exit_code"]) == (["failed"], "FAILED", 1)
    assert data["run"]["error"].startswith("Could not fetch page 1 of")
    first = data["run"]["started_at"]
    failing(told)
    assert receiver.take() == []

    told.api.fail_always(1, lambda handler, body: handler.send(200, body, {}))
    told.sync()
    data = proved(receiver.take()[0])
    assert (data["events"], data["failed_runs"], data["failed_since"]) == (["recovered"], 2, first)

    failing(told, record("T1"))
    data = proved(receiver.take()[0])
    assert (data["events"], data["run"]["exit_code"]) == (["refused"], 3)
    told.sync([*MANY, record("N1")])
    assert receiver.events() == [["recovered", "written"]]


def test_new_errors_are_told_once(told: Mall, receiver: FakeReceiver) -> None:
    """A record that can't be loaded is news when it comes; of several that are alike, each."""
    told.sync([record("T1"), record(None)])
    data = proved(receiver.take()[0])
    assert data["events"] == ["findings", "written"]
    assert (data["findings"]["new"], data["findings"]["first"][0]["code"]) == (1, "missing_unique_id")
    told.sync()
    assert receiver.take() == []
    told.sync([record("T1"), record(None), record(None)])
    data = proved(receiver.take()[0])
    assert (data["events"], data["findings"]["new"]) == (["findings"], 1)
    assert "position 3" in data["findings"]["first"][0]["message"]
    told.sync([record("T1"), record(None)])
    assert receiver.take() == []


def test_what_people_do_by_hand_is_told_too(told: Mall, receiver: FakeReceiver, tmp_path: Path) -> None:
    """A saved plan, a move and a rollback write; to look at what they would do tells nobody."""
    plan = str(tmp_path / "monday.plan")
    told.save_plan(plan, [record("T1")])
    assert receiver.take() == []
    told.sync(plan=plan)
    assert receiver.events() == [["written"]]

    told.sync([record("T1", categoryNameEn="Restaurant")])
    receiver.take()
    move_record(told, "T1", dry=True)
    assert receiver.take() == []
    old = told.row("T1")["id"]
    moved = move_record(told, "T1", delete=True)
    data = proved(receiver.take()[0])
    assert (data["events"], data["run"]["command"]) == (["written"], "move")
    assert {(each["collection"], each["action"]) for each in data["documents"]} == {
        ("dinings", "created"), ("shops", "deleted"),
    }  # fmt: skip
    (gone,) = (each for each in data["documents"] if each["action"] == "deleted")
    assert (gone["id"], gone["title"], gone["slug"], gone["url"]) == (old, "Brand T1", "brand-t1", None)

    assert moved.sync_id is not None
    roll_back(told, moved.sync_id, dry=True)
    assert receiver.take() == []
    roll_back(told, moved.sync_id)
    data = proved(receiver.take()[0])
    assert (data["run"]["command"], data["written"]["shops"]) == ("rollback", {"restored": 1})


def test_the_list_of_documents_is_bounded(
    told: Mall, receiver: FakeReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the bound there are the figures, and a mark that says so."""
    monkeypatch.setattr(news, "MOST_DOCUMENTS", 4)
    told.sync(MANY)
    data = proved(receiver.take()[0])
    assert (len(data["documents"]), data["written"]["total"], data["truncated"]) == (4, 30, True)


def test_a_receiver_that_fails_is_told_by_the_next_run(
    told: Mall, receiver: FakeReceiver, monkeypatch: pytest.MonkeyPatch, log_lines: StringIO
) -> None:
    """The run is done all the same, and warns; the next one tells of both, in order, under the same ids as before."""
    monkeypatch.setattr(tell, "BUDGET_S", 1.0)
    receiver.answers.extend([503] * 20)
    first = told.sync([record("T1")])
    tries = receiver.take()
    assert len(tries) >= 2
    assert {each.headers["webhook-id"] for each in tries} == {first.sync_id}
    (line,) = (line for line in read_log(log_lines.getvalue()) if line["event"] == "notify_failed")
    place = receiver.url.split("/services")[0]
    assert (line["level"], line["error"]) == ("warning", f"{place}: answered 503.")
    assert "x9Kq2mPz7LwR4tYv8NcB" not in log_lines.getvalue()

    receiver.answers.clear()
    second = told.sync([record("T1", zone="West")])
    came = receiver.take()
    assert [each.headers["webhook-id"] for each in came] == [first.sync_id, second.sync_id]
    assert came[0].body == tries[0].body
    assert [proved(each)["events"] for each in came] == [["written"], ["written"]]


def test_a_notice_that_is_not_taken_holds_up_no_other(told: Mall, receiver: FakeReceiver) -> None:
    """A 400 is about that notice, which is tried again later; a 404 is about the address, so no other is tried."""
    receiver.answers.extend([400])
    first = told.sync([record("T1")])
    receiver.answers.extend([400, 204])
    second = told.sync([record("T1", zone="West")])
    assert [each.headers["webhook-id"] for each in receiver.take()] == [
        first.sync_id, first.sync_id, second.sync_id,
    ]  # fmt: skip
    receiver.answers.extend([404])
    told.sync([record("T1", zone="South")])
    assert len(receiver.take()) == 1


@pytest.mark.parametrize("manner", ["delay_s", "drip_s"])
def test_a_slow_receiver_holds_up_nobody(
    told: Mall, receiver: FakeReceiver, manner: str, monkeypatch: pytest.MonkeyPatch, log_lines: StringIO
) -> None:
    """One that does not answer, or answers a header at a time without end, gets the time that there is."""
    monkeypatch.setattr(tell, "BUDGET_S", 1.0)
    setattr(receiver, manner, 30.0)
    with within(15):
        assert told.sync([record("T1")]).status == "COMPLETED"
    (line,) = (line for line in read_log(log_lines.getvalue()) if line["event"] == "notify_failed")
    assert line["error"].endswith("o answer in time.")


def test_nobody_listens_or_all_is_elsewhere(
    told: Mall, receiver: FakeReceiver, monkeypatch: pytest.MonkeyPatch, log_lines: StringIO
) -> None:
    """No redirect is followed; a port on which nobody listens is a warning."""
    monkeypatch.setattr(tell, "BUDGET_S", 0.2)
    receiver.answers.extend([302])
    told.sync([record("T1")])
    told.overrides["notify_url"] = "http://127.0.0.1:1/hook"
    told.sync()
    errors = [line["error"] for line in read_log(log_lines.getvalue()) if line["event"] == "notify_failed"]
    place = receiver.url.split("/services")[0]
    assert errors == [
        f"{place} answered 302; set NOTIFY_URL to the final address.",
        "http://127.0.0.1:1: the connection failed (Connection refused).",
    ]


def test_without_an_address_nothing_is_due_later(mall: Mall, receiver: FakeReceiver) -> None:
    """Who is told from today on hears nothing of yesterday."""
    mall.sync([record("T1")])
    mall.overrides |= {"notify_url": receiver.url}
    mall.sync()
    assert receiver.take() == []
    mall.sync([record("T1", zone="West")])
    (received,) = receiver.take()
    assert "webhook-signature" not in received.headers


def test_what_is_no_news_any_more(told: Mall, receiver: FakeReceiver, log_lines: StringIO) -> None:
    """Of a run of last week nobody is told; it is said once."""
    receiver.answers.extend([404])
    told.sync([record("T1")])
    told.database.execute("UPDATE etl.sync_logs SET started_at = started_at - interval '8 days'")
    receiver.take()
    told.sync()
    told.sync()
    assert receiver.take() == []
    said = [line for line in read_log(log_lines.getvalue()) if "no news any more" in line.get("error", "")]
    assert len(said) == 1


def test_malls_are_told_apart(database: Database, receiver: FakeReceiver, tmp_path: Path) -> None:
    """That one mall fails says nothing of the other."""
    with FakeApi([record("A1")]) as one, FakeApi([record("B1")]) as other:
        malls = Malls({"icon": one, "siam": other}, database, tmp_path)
        malls.overrides |= {"notify_url": receiver.url}
        malls.sync()
        other.fail_always(1, answers.status(500))
        with suppress(EtlError):
            malls.sync()
        with suppress(EtlError):
            malls.sync()
        one.records = [record("A1", zone="West")]
        other.fail_always(1, lambda handler, body: handler.send(200, body, {}))
        malls.sync()
    assert [(each.data["run"]["source"], each.data["events"]) for each in receiver.take()] == [
        ("icon", ["written"]), ("siam", ["written"]), ("siam", ["failed"]), ("icon", ["written"]), ("siam", ["recovered"]),
    ]  # fmt: skip


def test_a_channel_gets_words(told: Mall, receiver: FakeReceiver) -> None:
    """The form for Slack is a text, with links to the documents."""
    told.overrides |= {"notify_form": "slack", "etl_job": "mall"}
    result = told.sync([record("T1", brandNameEn="A &amp; B <!channel>")])
    (received,) = receiver.take()
    number = told.row("T1")["id"]
    assert json.loads(received.body) == {
        "text": "*mall: sync wrote 1 row*\n"
        f"• <{PANEL}/collections/shops/{number}|shops {number}> A &amp; B &lt;!channel&gt;: created\n"
        f"`etl runs {result.sync_id}`"
    }


def test_killed_between_commit_and_notice(told: Mall, receiver: FakeReceiver) -> None:
    """What was written and not told is told by the next run, though that one writes nothing."""
    told.api.records = [record("T1")]
    ended = run(told, "before:notify/due_runs", "9", "0", "sync", module=VICTIM, **settings_of(receiver))
    assert ended.returncode == -signal.SIGKILL
    written = told.last_run()
    assert (written["status"], written["notified_at"]) == ("COMPLETED", None)
    told.wait_until_nothing_is_left()
    told.sync()
    assert [each.data["run"]["sync_id"] for each in receiver.take()] == [written["sync_id"]]


def test_killed_or_asked_to_stop_before_commit(told: Mall, receiver: FakeReceiver) -> None:
    """A run that died is told as failed by the next one, before that is told; one that was asked to stop is no failure."""
    told.sync([record("T1")])
    receiver.take()
    told.api.records = [record("T1", zone="West")]
    for number in (signal.SIGTERM, signal.SIGKILL):
        run(told, "before:COMMIT", str(int(number)), "0", "sync", module=VICTIM, **settings_of(receiver))
        told.wait_until_nothing_is_left()
    told.sync()
    came = receiver.take()
    assert [each.data["events"] for each in came] == [["failed"], ["recovered", "written"]]
    assert came[0].data["run"]["exit_code"] is None
    assert came[0].data["run"]["error"].startswith("The process died before it could say why")


def test_a_signal_ends_the_telling(told: Mall, receiver: FakeReceiver) -> None:
    """SIGTERM while the receiver keeps a run waiting: the run ends at once, done, and the next one tells again."""
    told.api.records = [record("T1")]
    receiver.delay_s = 60.0
    process = start(told, "sync", **settings_of(receiver))
    with within(60):
        while not receiver.requests:
            time.sleep(0.02)
    with within(8):
        process.send_signal(signal.SIGTERM)
        ended = finish(process)
    assert ended.returncode == 0, ended.stdout
    (line,) = (line for line in read_log(ended.stdout) if line["event"] == "notify_failed")
    assert line["error"] == "The process was asked to stop."
    receiver.delay_s = 0.0
    first = receiver.take()
    told.wait_until_nothing_is_left()
    told.sync()
    assert [each.body for each in receiver.take()] == [each.body for each in first]


def test_a_run_that_stands_back_tells_nobody(told: Mall, receiver: FakeReceiver) -> None:
    """Where another run of the source is under way."""
    told.sync([record("T1")])
    receiver.take()
    with Postgres(told.dsn) as db:
        db.set_session(5, 5)
        db.value("check/lock_source", "")
        failing(told, record("T1", zone="West"))
    assert receiver.take() == []


def settings_of(receiver: FakeReceiver) -> dict[str, Any]:
    """Return the settings of a process whose runs the receiver is told of."""
    return {"notify_url": receiver.url, "notify_secret": SECRET, "cms_url": PANEL}
