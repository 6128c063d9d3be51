"""Sends mails beside the request: a slow or absent mail server delays and breaks no page.

Nothing of a mail is stored. One that is lost with its process can be asked for again: the
pages say so.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Final

import structlog
from django.core.mail import EmailMessage

_THREADS: Final = 2
_waiting: Final[set[Future[None]]] = set()
log = structlog.get_logger(__name__)


def deliver(message: EmailMessage) -> None:
    """Send `message` soon, in a thread; a failure is logged without the address."""
    future = _threads().submit(_send, message)
    _waiting.add(future)
    future.add_done_callback(_waiting.discard)


def finish(timeout_s: float | None = 10) -> None:
    """Wait until all that was handed in is sent, or failed."""
    for future in list(_waiting):
        future.result(timeout_s)


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except Exception as error:  # noqa: BLE001 - the edge of a thread: whatever the server did
        log.warning("mail.not_sent", subject=message.subject, error=type(error).__name__)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="mail")
