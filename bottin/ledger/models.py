"""What each account sent, received and seeded, applied from the journal exactly once."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils import timezone


class JournalPosition(models.Model):
    """How far a journal stream has been applied; advanced in the batch's own transaction."""

    stream = models.CharField(max_length=64, primary_key=True)
    position = models.BigIntegerField(default=0)
    applied_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.stream} @ {self.position}"


class PeerSession(models.Model):
    """One client session's baseline: the highest counters seen (absolute, BYTE-4).

    No index holds a column that changes, so an update stays on its page (HOT).
    """

    pk = models.CompositePrimaryKey("user_id", "release_id", "session")
    user_id = models.BigIntegerField()
    release_id = models.BigIntegerField()
    # A keyed digest of (user, release, peer id), made by the data plane; 64 bits, signed here.
    session = models.BigIntegerField()
    # Grows when a restarted client counts from zero again (BYTE-2).
    generation = models.PositiveIntegerField(default=0)
    uploaded = models.BigIntegerField()
    downloaded = models.BigIntegerField()
    left = models.BigIntegerField()
    is_running = models.BooleanField(default=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    # Of the last fact, as the data plane marks them: protocol, family, who else was there.
    flags = models.PositiveSmallIntegerField(default=0, db_default=0)
    # The head of the peer id, "-qB4650-": the client's make and version, when it can be read.
    client = models.CharField(max_length=8, blank=True, default="", db_default="")

    def __str__(self) -> str:
        return f"{self.user_id}/{self.release_id}"


class Transfer(models.Model):
    """One member's totals on one release: raw and credited apart (BYTE-9)."""

    pk = models.CompositePrimaryKey("user_id", "release_id")
    user_id = models.BigIntegerField()
    release_id = models.BigIntegerField()
    raw_up = models.BigIntegerField(default=0)
    raw_down = models.BigIntegerField(default=0)
    credited_up = models.BigIntegerField(default=0)
    credited_down = models.BigIntegerField(default=0)
    seed_time_s = models.BigIntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["release_id"], name="transfer_by_release")]

    def __str__(self) -> str:
        return f"{self.user_id}/{self.release_id}"


class Balance(models.Model):
    """One member's totals over all releases; always the sum of their ledger entries."""

    user_id = models.BigIntegerField(primary_key=True)
    raw_up = models.BigIntegerField(default=0)
    raw_down = models.BigIntegerField(default=0)
    credited_up = models.BigIntegerField(default=0)
    credited_down = models.BigIntegerField(default=0)
    seed_time_s = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"balance {self.user_id}"


class EntryKind(models.TextChoices):
    """Why a ledger row exists."""

    TRANSFER = "transfer"
    CORRECTION = "correction"
    OPENING = "opening"
    HELD = "held"  # taken back until a person decides (BYTE-12)
    GIVEN = "given"  # given back by that person


class LedgerEntry(models.Model):
    """One append-only row: what one batch of facts added for one member on one release."""

    at = models.DateTimeField(default=timezone.now)
    user_id = models.BigIntegerField()
    release_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=12, choices=EntryKind.choices, default=EntryKind.TRANSFER)
    raw_up = models.BigIntegerField(default=0)
    raw_down = models.BigIntegerField(default=0)
    credited_up = models.BigIntegerField(default=0)
    credited_down = models.BigIntegerField(default=0)
    seed_time_s = models.BigIntegerField(default=0)
    up_quarters = models.PositiveSmallIntegerField(default=4)
    down_quarters = models.PositiveSmallIntegerField(default=4)
    stream = models.CharField(max_length=64, blank=True)
    position = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["user_id", "-id"], name="entry_by_user"),
            # Rows come in the order of time: a summary of each block of pages finds a window.
            BrinIndex(fields=["at"], autosummarize=True, name="entry_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.user_id}"


class FlagKind(models.TextChoices):
    """What looked implausible (BYTE-11, BYTE-13); the evidence is the flag's `detail`."""

    ABOVE_LINE_RATE = "above_line_rate"
    UPLOAD_WITHOUT_LEECHER = "upload_without_leecher"
    UPLOAD_TO_NOBODY = "upload_to_nobody"
    SAME_AGAIN = "same_again"
    TOO_MUCH_DOWN = "too_much_down"
    GHOST_LEECHER = "ghost_leecher"
    UNBALANCED = "unbalanced"
    ABOVE_OTHERS = "above_others"
    ABOVE_HABIT = "above_habit"


class Flag(models.Model):
    """Something a person should look at; never a punishment by itself (I-7).

    `detail` is the evidence: bytes as decimal strings, `times` how often it was
    seen while open, `client` the head of a peer id.
    """

    user_id = models.BigIntegerField()
    release_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=32, choices=FlagKind.choices)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.BigIntegerField(null=True)
    # What that person found; null in flags closed before they were asked.
    is_fault = models.BooleanField(null=True)
    remark = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "release_id", "kind"],
                condition=models.Q(resolved_at__isnull=True),
                name="flag_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.user_id}"


class Hold(models.Model):
    """Credit taken back from a member until a person decides (BYTE-12).

    In the window, members of the release together said to have sent `raw_up` (sum
    in `detail`) and to have received less: the excess is shared out among those
    who sent, and its credit is held.
    """

    user_id = models.BigIntegerField()
    release_id = models.BigIntegerField()
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    raw_up = models.BigIntegerField()
    credited_up = models.BigIntegerField()
    detail = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.BigIntegerField(null=True)
    is_given_back = models.BooleanField(null=True)
    remark = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "release_id", "begins_at"], name="hold_once_a_window"
            )
        ]
        indexes = [
            models.Index(
                fields=["at"], condition=models.Q(decided_at__isnull=True), name="hold_undecided"
            )
        ]

    def __str__(self) -> str:
        return f"hold {self.user_id}/{self.release_id}"


class Inspection(models.Model):
    """How far the ledger's rows were looked over, by kind of look; one row each."""

    name = models.CharField(max_length=32, primary_key=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} until {self.until:%F %T}"
