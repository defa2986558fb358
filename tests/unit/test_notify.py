"""A notice: its words for a chat, its signature, and the settings that say who gets it."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from etl.config.settings import load_settings
from etl.errors import ConfigError
from etl.notify.message import body_of, headers_of, signature
from etl.notify.model import EVENTS, Document, NewError, Notice, ToldRun
from etl.notify.words import in_words
from tests.support.receiver import SECRET

DOCS = Path(__file__).parents[2] / "docs"
RUN = ToldRun(
    "20261201T060004Z-3f9a1c", "sync", "siam", "FAILED", datetime(2026, 12, 1, 6, 0, 4, 120_999, UTC),
    datetime(2026, 12, 1, 6, 0, 9, tzinfo=UTC), 1, "Could not fetch\npage <1>.",
)  # fmt: skip
FAILED = Notice("mall", RUN, ("failed",))
SHOP = Document(
    "shops", 25, "T1", "Café & <@U1>", "cafe", "updated", ("hours",), "https://c.example/admin/shops/25"
)
BACK = replace(
    FAILED,
    run=replace(RUN, source="", status="PARTIAL", exit_code=0, error=None),
    events=("recovered", "findings", "written"),
    failed_since=datetime(2026, 12, 1, 4, 0, tzinfo=UTC),
    failed_runs=1,
    new_errors=7,
    errors=tuple(
        NewError(None, "missing_unique_id", None, f"Record {number} has no id.") for number in range(7)
    ),
    written={"shops": {"updated": 11}, "dinings": {"deleted": 1}},
    documents=(Document("dinings", 7, "T2", None, None, "deleted"), *[SHOP] * 11),
)


class TestWords:
    """What a channel gets."""

    def test_of_a_failure(self) -> None:
        """Whose run it is, and why it failed, on one line."""
        assert in_words(FAILED).split("\n") == [
            "*mall, siam: sync failed*",
            "> Could not fetch page &lt;1&gt;.",
            "`etl runs 20261201T060004Z-3f9a1c`",
        ]
        refused = replace(FAILED, events=("refused",))
        assert in_words(refused).startswith("*mall, siam: sync refused by a guard*\n")

    def test_of_all_at_once(self) -> None:
        """Each event, then the first errors and documents, and how many more there are; no mention gets through."""
        assert in_words(BACK).split("\n") == [
            "*mall: works again after 1 failed run since 2026-12-01 04:00 UTC; 7 new errors; sync wrote 12 rows*",
            *(f"• Record {number} has no id." for number in range(5)),
            "… and 2 more errors",
            "• dinings 7 T2: deleted",
            *["• <https://c.example/admin/shops/25|shops 25> Café &amp; &lt;@U1&gt;: updated (hours)"] * 9,
            "… and 2 more rows",
            "`etl runs 20261201T060004Z-3f9a1c`",
        ]

    def test_of_a_long_error(self) -> None:
        """It is cut."""
        long = replace(FAILED, run=replace(RUN, error="x" * 5000))
        assert len(in_words(long)) < 1200


class TestMessage:
    """What travels."""

    def test_the_signature_is_that_of_the_standard(self) -> None:
        """The example that all libraries of Standard Webhooks test with."""
        key = load_settings(
            None, notify_url="https://a.example", notify_secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        ).receiver()
        assert key is not None
        assert key.key is not None
        body = b'{"test": 2432232314}'
        expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        assert signature("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, key.key) == expected

    def test_the_headers(self) -> None:
        """Id and time always, a signature with a key."""
        bare = headers_of("r1", b"{}", None, 7)
        assert (bare["webhook-id"], bare["webhook-timestamp"]) == ("r1", "7")
        assert set(headers_of("r1", b"{}", b"k", 7)) - set(bare) == {"webhook-signature"}

    def test_times_have_milliseconds(self) -> None:
        """Cut, in UTC."""
        data = json.loads(body_of(FAILED, "json"))
        assert data["timestamp"] == "2026-12-01T06:00:09.000Z"
        assert data["data"]["run"]["started_at"] == "2026-12-01T06:00:04.120Z"

    def test_half_a_character_is_no_obstacle(self) -> None:
        """UTF-8 can't write a lone surrogate."""
        broken = replace(FAILED, run=replace(RUN, error="\ud800"))
        assert json.loads(body_of(broken, "json"))["data"]["run"]["error"] == "?"


class TestDocument:
    """docs/notify.md and its schema."""

    def test_its_example_is_a_notice(self) -> None:
        """The schema allows the example, and what is made here; it has the same keys."""
        schema = json.loads((DOCS / "notify.schema.json").read_text("utf-8"))
        page = (DOCS / "notify.md").read_text("utf-8")
        example = json.loads(page.split("```json\n")[1].split("```")[0])
        made = json.loads(body_of(BACK, "json"))
        for each in (example, made):
            jsonschema.validate(each, schema, jsonschema.Draft202012Validator)
        assert example["data"].keys() == made["data"].keys()
        assert example["data"]["run"].keys() == made["data"]["run"].keys()
        assert example["data"]["documents"][0].keys() == made["data"]["documents"][0].keys()

    def test_it_names_each_event(self) -> None:
        """In the page and in the schema."""
        page = (DOCS / "notify.md").read_text("utf-8")
        schema = json.loads((DOCS / "notify.schema.json").read_text("utf-8"))
        assert all(f"`{event}`" in page for event in EVENTS)
        assert schema["properties"]["data"]["properties"]["events"]["items"]["enum"] == list(EVENTS)


class TestSettings:
    """NOTIFY_URL, NOTIFY_SECRET and NOTIFY_FORM."""

    def test_nobody_is_told(self) -> None:
        """Without an address."""
        assert load_settings(None).receiver() is None

    def test_what_a_person_should_know(self) -> None:
        """That a notice is not signed, or travels in the open; not of a chat, nor of this machine."""

        def notes(url: str, **more: str) -> tuple[str, ...]:
            receiver = load_settings(None, notify_url=url, **more).receiver()
            assert receiver is not None
            return receiver.notes

        assert notes("https://a.example/x", notify_secret=SECRET) == ()
        assert notes("https://hooks.slack.com/services/T0/B0/x", notify_form="slack") == ()
        (unsigned,) = notes("http://127.0.0.1:8000/x")
        assert unsigned.startswith("Notices are not signed")
        assert notes("http://a.example/x", notify_secret=SECRET) == (
            "NOTIFY_URL is http:, so notices travel unencrypted. Use https: in production.",
        )

    @pytest.mark.parametrize(
        ("name", "text", "allowed"),
        [
            ("notify_url", "cms.example.com/secret-token-1234", "an http(s) address, as https://"),
            ("notify_url", "https://cms.example.com/secret-token-1234#x", "an http(s) address, as https://"),
            ("notify_secret", "secret-token-1234", "whsec_ and 24 to 64 bytes in base64"),
            ("notify_secret", "whsec_c2VjcmV0LXRva2VuLTEyMzQ=", "whsec_ and 24 to 64 bytes in base64"),
            ("notify_form", "teams", "json, slack"),
        ],
    )
    def test_what_is_wrong(self, name: str, text: str, allowed: str) -> None:
        """A usage error that says what is allowed, and shows no secret."""
        with pytest.raises(ConfigError) as caught:
            load_settings(None, **{name: text})
        assert f"{name.upper()} is " in str(caught.value)
        assert f"allowed: {allowed}" in str(caught.value)
        assert "secret-token" not in str(caught.value)

    def test_what_is_hidden(self) -> None:
        """The whole address, the token in it, and the secret with and without its beginning."""
        url = "https://hooks.slack.com/services/T0000A1B2/B0000C3D4/x9Kq2mPz7LwR4tYv8NcB"
        settings = load_settings(None, notify_url=url, notify_secret=SECRET)
        assert {url, "x9Kq2mPz7LwR4tYv8NcB", SECRET, SECRET.removeprefix("whsec_")} <= set(settings.secrets())
        rows = {row.name: row.value for row in settings.describe()}
        assert (rows["NOTIFY_URL"], rows["NOTIFY_SECRET"]) == ("set (hidden)", "set (hidden)")
        receiver = settings.receiver()
        assert receiver is not None
        assert receiver.shown == "https://hooks.slack.com"
        assert "x9Kq" not in repr(receiver)
