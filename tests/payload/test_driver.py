"""The tests' own way to a real Payload: what they are given, and what they are told when Payload refuses."""

from collections.abc import Callable

import pytest

from tests.support.payload import PayloadCms, PayloadError

pytestmark = pytest.mark.xdist_group("payload-plain")


def test_each_mall_has_a_payload_of_its_own(payload_cms: Callable[..., PayloadCms]) -> None:
    """It has the floors and categories of the seed; what is written to one is not in the next."""
    first, second = payload_cms("plain"), payload_cms("plain")

    made = first.payload.create("floors", {"name": "10F", "order": 30})

    assert [floor["name"] for floor in first.payload.find("floors")][-2:] == ["9F", "10F"]
    assert [floor["name"] for floor in second.payload.find("floors")][-2:] == ["8F", "9F"]
    thai = [category["name"] for category in second.payload.find("categories", locale="th")]
    assert (thai[0], len(thai)) == ("ลักชัวรี", 11)
    first.payload.delete("floors", made["id"])
    assert first.database.query("SELECT name FROM floors WHERE name = '10F'") == []


def test_a_refusal_names_the_fields(payload_cms: Callable[..., PayloadCms]) -> None:
    """Payload's error is raised as one, with its class and the fields that it refused; the next call works."""
    payload = payload_cms("plain").payload

    with pytest.raises(PayloadError, match="ValidationError: The following field is invalid: Name") as caught:
        payload.create("floors", {"order": 1})

    assert caught.value.name == "ValidationError"
    assert [error["path"] for error in caught.value.data["errors"]] == ["name"]
    assert len(payload.find("floors")) == 14
