"""Sends a notice by HTTP: some tries within a time, by the proxies and authorities that the API's client uses."""

import time
from collections.abc import Callable
from threading import Thread

import requests
from urllib3.exceptions import HTTPError

from etl.config.receiver import Receiver
from etl.errors import EtlError
from etl.extract.adapter import environment_of, open_session
from etl.extract.http_errors import Failure, explain
from etl.notify.message import headers_of
from etl.runtime.signals import is_asked_to_stop

TRY_S = 5.0
"""How long a try may take."""

_FIRST_WAIT_S = 0.5
_WAIT_FACTOR = 2
_LOOK_S = 0.05
_PASSING = frozenset({408, 425, 429})
_UNKNOWN = frozenset({401, 403, 404, 405, 407, 410})
"""Statuses of an address or a secret that is wrong, whatever is sent."""


class NoticeError(EtlError):
    """A notice could not be sent; the run stands, and the next one tries again.

    Args:
        message: What went wrong.
        is_refused: The receiver does not take this notice; it may take another one.
    """

    def __init__(self, message: str, *, is_refused: bool = False) -> None:
        super().__init__(message)
        self.is_refused = is_refused


def post(receiver: Receiver, message_id: str, body: bytes, until_s: float) -> None:
    """Send a notice; the receiver has it once it has answered 2xx.

    Args:
        receiver: Who gets it.
        message_id: The run's id.
        body: In the receiver's form.
        until_s: The time (time.monotonic) at which the last try has to be over.

    Raises:
        NoticeError: no try was answered so, or the process was asked to stop meanwhile.
    """
    _outlast(lambda: _try_all(receiver, message_id, body, until_s), until_s)


def _outlast(call: Callable[[], None], until_s: float) -> None:
    """Wait for a call in a thread of its own: a receiver that dribbles can't hold up the end, nor can it a signal."""
    failed: list[Exception] = []

    def run() -> None:
        try:
            call()
        except Exception as error:  # handed over
            failed.append(error)

    thread = Thread(target=run, name="notice", daemon=True)
    thread.start()
    while thread.is_alive():
        if is_asked_to_stop():
            raise NoticeError("The process was asked to stop.")
        if time.monotonic() >= until_s:
            raise NoticeError("No answer in time.")
        thread.join(_LOOK_S)
    if failed:
        error = failed[0]
        # of another error only the kind: its text may hold the address with a token
        raise error if isinstance(error, EtlError) else NoticeError(type(error).__name__) from None


def _try_all(receiver: Receiver, message_id: str, body: bytes, until_s: float) -> None:
    wait_s = _FIRST_WAIT_S
    while True:
        failure = _try(receiver, message_id, body, min(TRY_S, until_s - time.monotonic()))
        if failure is None:
            return
        if time.monotonic() + wait_s >= until_s:
            raise NoticeError(f"{receiver.shown}: {failure.message}.")
        time.sleep(wait_s)
        wait_s *= _WAIT_FACTOR


def _try(receiver: Receiver, message_id: str, body: bytes, timeout_s: float) -> Failure | None:
    """Send it once; return what went wrong in passing, None where it was taken.

    Raises:
        EtlError: another try would not help.
    """
    try:
        with open_session(1) as session:
            headers = headers_of(message_id, body, receiver.key, int(time.time()))
            request = session.prepare_request(requests.Request("POST", receiver.url, headers, data=body))
            # by the adapter itself: no redirect is followed, and of the answer only the head is read
            response = session.get_adapter(receiver.url).send(
                request, timeout=max(timeout_s, 0.1), **environment_of(session, receiver.url)
            )
            with response:
                return _judge(response.status_code, receiver)
    except (OSError, HTTPError) as error:
        return explain(error, receiver.shown, "NOTIFY_URL")


def _judge(status: int, receiver: Receiver) -> Failure | None:
    if 200 <= status < 300:
        return None
    if status in _PASSING or status >= 500:
        return Failure(f"http_{status}", f"answered {status}")
    if 300 <= status < 400:
        raise NoticeError(f"{receiver.shown} answered {status}; set NOTIFY_URL to the final address.")
    is_refused = status not in _UNKNOWN
    advice = "it does not take this notice" if is_refused else "check NOTIFY_URL and NOTIFY_SECRET"
    raise NoticeError(f"{receiver.shown} answered {status}; {advice}.", is_refused=is_refused)
