"""Sends to webhooks what kept searches found: written once, sent until taken or given up.

A document is leased before the network is asked, so that no lock is held meanwhile;
a crash between the answer and the note of it sends the same document, with the same
number, once more.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef

from bottin.accounts.models import AccountState
from bottin.catalog import downloads
from bottin.community.hooks import PORTS, secret_of
from bottin.community.models import Delivery, Hook, Letter, Match, Pace, Topic
from bottin.community.rules import pause_after
from bottin.lib import outgoing
from bottin.lib.outgoing import Guard, OutgoingError

FORMAT: Final = 1
RESULTS_MAX: Final = 50
AT_ONCE: Final = 16
LEASE: Final = timedelta(minutes=5)
_ANSWER_BYTES: Final = 1024
_GONE: Final = 410

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Post:
    """A document on its way: where to, what, and the secret that signs it."""

    delivery_id: int
    url: str
    body: bytes
    secret: str
    at: datetime

    def headers(self) -> dict[str, str]:
        """Return the headers: the signature holds the time, so that an old one can be refused."""
        seconds = str(int(self.at.timestamp()))
        return {
            "Content-Type": "application/json",
            "Bottin-Delivery": str(self.delivery_id),
            "Bottin-Timestamp": seconds,
            "Bottin-Signature": f"sha256={signature(self.secret, seconds, self.body)}",
        }


def signature(secret: str, seconds: str, body: bytes) -> str:
    """Sign a time and a body: HMAC-SHA256 in hexadecimal over `time.body`."""
    signed = seconds.encode() + b"." + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def write_deliveries(*, at: datetime) -> int:
    """Write a document for each hook with new results that waits for none; how many."""
    waiting = Delivery.objects.filter(hook_id=OuterRef("pk"), sent_at=None)
    ready = Hook.objects.filter(
        ~Exists(waiting),
        off_at=None,
        search__account__state=AccountState.ACTIVE,
        search__matches__delivery=None,
        search__matches__at__gte=F("created_at"),
        search__matches__release__state="published",
    )
    return sum(_write(pk, at) for pk in set(ready.values_list("pk", flat=True)))


def send_deliveries(*, at: datetime, guard: Guard | None = None) -> int:
    """Send what is due, a few side by side; how many were tried."""
    posts = list(_claim(at))
    if not posts:
        return 0
    limits = guard or Guard(
        ports=PORTS, timeout_s=settings.BOTTIN_HOOK_TIMEOUT_S, limit_bytes=_ANSWER_BYTES
    )
    with ThreadPoolExecutor(len(posts), thread_name_prefix="hook") as threads:
        answers = list(threads.map(lambda post: _answer_of(post, limits), posts))
    for post, answer in zip(posts, answers, strict=True):
        _note(post, answer)
    return len(posts)


def forget_old(*, before: datetime) -> int:
    """Delete the documents that were taken before, and tell of nothing that is kept; how many."""
    return Delivery.objects.filter(sent_at__lt=before, matches=None).delete()[0]


@transaction.atomic
def _write(hook_id: int, at: datetime) -> int:
    hook = Hook.objects.select_for_update(skip_locked=True).filter(pk=hook_id, off_at=None).first()
    if hook is None or hook.deliveries.filter(sent_at=None).exists():
        return 0
    rows = Match.objects.filter(
        search_id=hook_id, delivery=None, at__gte=hook.created_at, release__state="published"
    )
    found = list(rows.order_by("at", "pk").values_list("pk", flat=True)[:RESULTS_MAX])
    if not found:
        return 0
    delivery = Delivery.objects.create(hook=hook, written_at=at, next_at=at)
    Match.objects.filter(pk__in=found).update(delivery=delivery)
    return 1


def _claim(at: datetime) -> Iterable[Post]:
    """Lease what is due; the try counts before it is made, so that no crash makes it endless."""
    with transaction.atomic():
        due = Delivery.objects.select_for_update(of=("self",), skip_locked=True)
        rows = list(
            due.filter(
                sent_at=None,
                next_at__lte=at,
                hook__off_at=None,
                hook__search__account__state=AccountState.ACTIVE,
            )
            .select_related("hook__search")
            .order_by("next_at")[:AT_ONCE]
        )
        ids = [row.pk for row in rows]
        Delivery.objects.filter(pk__in=ids).update(next_at=at + LEASE, tries=F("tries") + 1)
    for row in rows:
        yield Post(row.pk, row.hook.url, document(row), secret_of(row.hook), at)


def document(delivery: Delivery) -> bytes:
    """Write what a hook is sent: small, and without what is no longer published."""
    search = delivery.hook.search
    matches = delivery.matches.filter(release__state="published")
    rows = matches.select_related("release__category", "release__licence").order_by("at", "pk")
    results = [
        {
            "id": row.release_id,
            "title": row.release.title,
            "url": downloads.page_url(row.release),
            "category": row.release.category.slug if row.release.category else None,
            "licence": row.release.licence.code if row.release.licence else None,
            "size_bytes": row.release.size_bytes,
            "published_at": row.release.published_at,
        }
        for row in rows
    ]
    told = {
        "v": FORMAT,
        "kind": "check" if delivery.is_check else "results",
        "delivery": str(delivery.pk),
        "search": {
            "id": search.pk,
            "name": search.name,
            "url": f"{settings.BOTTIN.origin}/me/searches/{search.pk}",
        },
        "results": results,
    }
    return json.dumps(told, default=datetime.isoformat, ensure_ascii=False).encode()


def _answer_of(post: Post, guard: Guard) -> str:
    try:
        return str(outgoing.send(post.url, post.body, post.headers(), guard).status)
    except OutgoingError as error:
        return error.reason


@transaction.atomic
def _note(post: Post, answer: str) -> None:
    """Write down what an address said; switch a hook off that was tried often enough."""
    delivery = Delivery.objects.select_for_update().filter(pk=post.delivery_id).first()
    if delivery is None:
        return
    if answer.startswith("2"):
        Delivery.objects.filter(pk=delivery.pk).update(sent_at=post.at)
        Hook.objects.filter(pk=delivery.hook_id).update(told_at=post.at, answer=answer)
        return
    log.info("hook.not_taken", hook=delivery.hook_id, tries=delivery.tries, answer=answer)
    Hook.objects.filter(pk=delivery.hook_id).update(answer=answer)
    if answer == str(_GONE) or delivery.tries >= settings.BOTTIN_HOOK_TRIES:
        _switch_off(delivery.hook_id, post.at)
        return
    Delivery.objects.filter(pk=delivery.pk).update(next_at=post.at + pause_after(delivery.tries))


def _switch_off(hook_id: int, at: datetime) -> None:
    account_id = Hook.objects.values_list("search__account_id", flat=True).get(pk=hook_id)
    letter = Letter.objects.create(
        account_id=account_id, topic=Topic.HOOK, pace=Pace.AT_ONCE, written_at=at
    )
    Hook.objects.filter(pk=hook_id).update(off_at=at, letter=letter)
