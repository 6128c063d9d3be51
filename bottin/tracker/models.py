"""What the data plane is told and what it tells: listings, outbox, nodes, swarm counts.

This app knows info-hashes and accounts, not releases: `release_id` is a number
that the catalogue chose.
"""

from datetime import datetime, timedelta
from typing import Final, Self

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Cast
from django.utils import timezone

from bottin.accounts.fields import DigestField
from bottin.accounts.models import Account

LIVE: Final = timedelta(minutes=1)
# How often swarms are sampled.
SLOT: Final = timedelta(minutes=15)


def slot_of(at: datetime) -> int:
    """Return which slot since 1970 a moment is in."""
    return int(at.timestamp() // SLOT.total_seconds())


class ListingState(models.IntegerChoices):
    """A release as the data plane sees it; the numbers are those of the wire record."""

    PUBLISHED = 1
    PENDING = 2
    WITHDRAWN = 3
    QUARANTINED = 4
    REMOVED = 5


class Listing(models.Model):
    """One release that the tracker knows: its info-hashes, state and factors."""

    release_id = models.BigIntegerField(primary_key=True)
    info_hash_v1 = DigestField(max_length=20, null=True)
    info_hash_v2 = DigestField(max_length=32, null=True)
    state = models.PositiveSmallIntegerField(choices=ListingState.choices)
    is_open = models.BooleanField(default=False)
    up_quarters = models.PositiveSmallIntegerField(default=4)
    down_quarters = models.PositiveSmallIntegerField(default=4)
    size_bytes = models.BigIntegerField(default=0, db_default=0)  # 0: not known

    def __str__(self) -> str:
        return f"listing {self.release_id}"


class DeniedHash(models.Model):
    """The second gate (LAW-1): a 20-byte info-hash that is never answered, whatever the listing.

    A row is lifted, not deleted: a tracker tells a hash that was permitted while
    it was away from one that a restored backup does not know.
    """

    info_hash = DigestField(max_length=20, primary_key=True)
    reason = models.CharField(max_length=200)
    since = models.DateTimeField(default=timezone.now)
    lifted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return bytes(self.info_hash).hex()


class OutboxKind(models.TextChoices):
    """What kind of row changed."""

    LISTING = "listing"
    ACCOUNT = "account"
    DENIED = "denied"
    PERMITTED = "permitted"
    CLIENTS = "clients"


class CurrentTransaction(models.Func):
    """PostgreSQL's id of the running transaction, 64 bits, never reused."""

    function = "pg_current_xact_id"
    arity = 0
    output_field = models.TextField()


class Outbox(models.Model):
    """A change that the data plane has to learn, written in the change's own transaction."""

    kind = models.CharField(max_length=10, choices=OutboxKind.choices)
    subject_id = models.BigIntegerField(null=True)
    info_hash = DigestField(max_length=20, null=True)
    at = models.DateTimeField(default=timezone.now)
    # Ids are drawn before commit, so a smaller one may appear later; the follower
    # resumes from the oldest transaction that was still running, which is exact.
    transaction_id = models.BigIntegerField(
        db_default=Cast(Cast(CurrentTransaction(), models.TextField()), models.BigIntegerField()),
        editable=False,
    )

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["transaction_id"], name="outbox_by_transaction")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"


class ClientWelcome(models.IntegerChoices):
    """What becomes of a client; the numbers are those of the wire record."""

    FULL = 0
    WARNED = 1
    DENIED = 2


class ClientRule(models.Model):
    """What the team says of the clients whose peer ids begin so (ID-16).

    Of several heads that fit, the longest holds. The rule without a head is for all
    that no other names, and only ever refuses. A rule that is written again is another
    row, so that its number tells what somebody looked at.
    """

    head = models.CharField(max_length=8, blank=True, unique=True)
    welcome = models.PositiveSmallIntegerField(choices=ClientWelcome.choices)
    reason = models.CharField(max_length=120, blank=True)  # printable ASCII, for clients
    set_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.get_welcome_display()} {self.head or 'all others'}"


class TrackerNodeQuerySet(models.QuerySet["TrackerNode"]):
    """Named reads."""

    def live(self) -> Self:
        """Nodes heard from within the last minute."""
        return self.filter(seen_at__gte=timezone.now() - LIVE)


class TrackerNode(models.Model):
    """One running tracker: how far it has followed the outbox, and its figures.

    What was committed before `acknowledged_at` (the database's clock) is in force
    there; `acknowledged` is the highest outbox row applied.
    """

    name = models.CharField(max_length=64, primary_key=True)
    acknowledged = models.BigIntegerField(default=0)
    acknowledged_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    journal_position = models.BigIntegerField(default=0)
    statistics = models.JSONField(default=dict)

    objects = TrackerNodeQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class SwarmCount(models.Model):
    """Seeders and leechers of a release as the data plane last said, and downloads finished.

    `completed` is the sum of what open clients finished, which the data plane
    counts, and of what members did, once each, which the ledger counts (EVT-1).
    """

    release_id = models.BigIntegerField(primary_key=True)
    seeders = models.PositiveIntegerField(default=0)
    leechers = models.PositiveIntegerField(default=0)
    completed = models.PositiveIntegerField(default=0)
    completed_open = models.PositiveIntegerField(default=0, db_default=0)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        # Lists sorted by a count walk these from the top; what is at zero is walked by id.
        indexes = [
            models.Index(
                fields=["-seeders", "-release_id"],
                condition=models.Q(seeders__gt=0),
                name="swarm_by_seeders",
            ),
            models.Index(
                fields=["-leechers", "-release_id"],
                condition=models.Q(leechers__gt=0),
                name="swarm_by_leechers",
            ),
            models.Index(
                fields=["-completed", "-release_id"],
                condition=models.Q(completed__gt=0),
                name="swarm_by_completed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.release_id}: {self.seeders}/{self.leechers}"


class SwarmDay(models.Model):
    """What a swarm was like on one day of the site's time zone; a day without a row was empty.

    `seeders` and `leechers` are the most seen at once, `completed` the downloads
    finished since ever. Kept for BOTTIN_KEEP_SWARM_HISTORY_D days.
    """

    pk = models.CompositePrimaryKey("release_id", "day")
    release_id = models.BigIntegerField()
    day = models.DateField()
    seeders = models.PositiveIntegerField(default=0)
    leechers = models.PositiveIntegerField(default=0)
    completed = models.PositiveIntegerField(default=0)

    class Meta:
        # Days are written in order, so the oldest are found in the first pages.
        indexes = [BrinIndex(fields=["day"], name="swarm_day_by_day")]

    def __str__(self) -> str:
        return f"{self.release_id} {self.day}"


class SwarmQuarter(models.Model):
    """What a swarm was like in a quarter of an hour, `slot` of them after 1970; kept two days.

    A row is written when the counts changed, and with the first sample of a day for all
    that live: what has no row is as in the row before, and empty where there is none.
    A row takes 95 bytes of disk with its index, a swarm 19 kB at most.
    """

    pk = models.CompositePrimaryKey("release_id", "slot")
    release_id = models.BigIntegerField()
    slot = models.IntegerField()
    seeders = models.PositiveIntegerField(default=0)
    leechers = models.PositiveIntegerField(default=0)
    completed = models.PositiveIntegerField(default=0)

    class Meta:
        # Slots are written in order, so the oldest are found in the first pages.
        indexes = [BrinIndex(fields=["slot"], autosummarize=True, name="swarm_quarter_by_slot")]

    def __str__(self) -> str:
        return f"{self.release_id} #{self.slot}"


class SiteSample(models.Model):
    """All swarms together at one moment, and the announces since the sample before.

    `at` is the beginning of a slot of a quarter of an hour, so that of several workers one
    takes it; `taken_at` is when it did. `counters` are the trackers' own, to
    subtract the next time.
    """

    at = models.DateTimeField(primary_key=True)
    taken_at = models.DateTimeField()
    seeders = models.PositiveBigIntegerField(default=0)
    leechers = models.PositiveBigIntegerField(default=0)
    udp_announces = models.PositiveBigIntegerField(default=0)
    http_announces = models.PositiveBigIntegerField(default=0)
    counters = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.at.isoformat()


class AnnounceNotice(models.Model):
    """What a member's clients were last refused or warned of; no address, few per account.

    `subject` is a release id, or below 0 the name of a hash that is not listed.
    """

    user_id = models.BigIntegerField()
    code = models.CharField(max_length=32)
    subject = models.BigIntegerField()
    times = models.PositiveIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    client = models.CharField(max_length=8, blank=True)
    flags = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user_id", "code", "subject"], name="notice_once")
        ]
        indexes = [
            models.Index(fields=["user_id", "-last_at"], name="notice_by_user"),
            models.Index(fields=["last_at"], name="notice_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.user_id}"


class NoticeTotal(models.Model):
    """How often clients of a make were told something on a day; members and strangers alike."""

    pk = models.CompositePrimaryKey("day", "code", "make")
    day = models.DateField()
    code = models.CharField(max_length=32)
    make = models.CharField(max_length=2, blank=True)  # of the peer id, "qB"; "" when unreadable
    times = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.day} {self.code} {self.make}"
