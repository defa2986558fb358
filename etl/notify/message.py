"""A notice as it travels: its body in the receiver's form, and its headers with the signature of Standard Webhooks."""

import hmac
import json
from base64 import b64encode

from etl._version import __version__
from etl.config.receiver import NoticeForm
from etl.notify.model import Notice
from etl.notify.words import in_words


def body_of(notice: Notice, form: NoticeForm) -> bytes:
    """Return the body of a notice, in UTF-8."""
    data = {"text": in_words(notice)} if form == "slack" else notice.as_dict()
    # a lone surrogate can't be written as UTF-8
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def headers_of(message_id: str, body: bytes, key: bytes | None, sent_s: int) -> dict[str, str]:
    """Return the headers of a try; with a key they are signed.

    Args:
        message_id: The run's id: the same in each try, so that a receiver can drop what it has already.
        body: As it is sent.
        key: The secret's bytes.
        sent_s: Seconds since 1970 (UTC).
    """
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": f"iconsiam-etl/{__version__}",
        "webhook-id": message_id,
        "webhook-timestamp": str(sent_s),
    }
    if key is not None:
        headers["webhook-signature"] = signature(message_id, sent_s, body, key)
    return headers


def signature(message_id: str, sent_s: int, body: bytes, key: bytes) -> str:
    """Return `v1,` and HMAC-SHA256 over id, time and body in base64, as Standard Webhooks 1.0 has it."""
    signed = b".".join((message_id.encode(), str(sent_s).encode(), body))
    return f"v1,{b64encode(hmac.digest(key, signed, 'sha256')).decode()}"
