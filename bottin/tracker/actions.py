"""Writes of what the data plane said: swarm counts, how a node is doing; the team's rules."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import Viewer
from bottin.audit import log
from bottin.tracker import clients, outbox
from bottin.tracker.dataplane import Count
from bottin.tracker.errors import BadClientRule, ClientRuleGone
from bottin.tracker.models import (
    SLOT,
    ClientRule,
    ClientWelcome,
    Outbox,
    SiteSample,
    SwarmCount,
    SwarmDay,
    SwarmQuarter,
    TrackerNode,
    slot_of,
)

_BATCH: Final = 5_000

_UPSERT: Final = """
INSERT INTO tracker_swarmcount AS c (
    release_id, seeders, leechers, completed, completed_open, updated_at
)
SELECT release_id, seeders, leechers, completed, completed, now()
FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::int[])
    AS told (release_id, seeders, leechers, completed)
ON CONFLICT (release_id) DO UPDATE SET
    seeders = excluded.seeders, leechers = excluded.leechers,
    completed = c.completed + greatest(excluded.completed_open - c.completed_open, 0),
    completed_open = greatest(c.completed_open, excluded.completed_open),
    updated_at = excluded.updated_at
"""


_ADD_FINISHED: Final = """
INSERT INTO tracker_swarmcount AS c (
    release_id, seeders, leechers, completed, completed_open, updated_at
)
SELECT release_id, 0, 0, finished, 0, now()
FROM unnest(%s::bigint[], %s::int[]) AS told (release_id, finished)
ON CONFLICT (release_id) DO UPDATE SET
    completed = c.completed + excluded.completed, updated_at = excluded.updated_at
"""

# On a new day all that live; else what changed since the sample before, the emptied included.
_SAMPLE: Final = """
INSERT INTO tracker_swarmday AS d (release_id, day, seeders, leechers, completed)
SELECT release_id, %(day)s, seeders, leechers, completed FROM tracker_swarmcount
WHERE updated_at >= %(since)s OR (%(is_new_day)s AND (seeders > 0 OR leechers > 0))
ON CONFLICT (release_id, day) DO UPDATE SET
    seeders = greatest(d.seeders, excluded.seeders),
    leechers = greatest(d.leechers, excluded.leechers),
    completed = greatest(d.completed, excluded.completed)
WHERE excluded.seeders > d.seeders OR excluded.leechers > d.leechers
    OR excluded.completed > d.completed
"""
# The same rows, as they are now.
_SAMPLE_QUARTER: Final = """
INSERT INTO tracker_swarmquarter (release_id, slot, seeders, leechers, completed)
SELECT release_id, %(slot)s, seeders, leechers, completed FROM tracker_swarmcount
WHERE updated_at >= %(since)s OR (%(is_new_day)s AND (seeders > 0 OR leechers > 0))
ON CONFLICT DO NOTHING
"""
# A count stored by a transaction that began before the last sample and ended after it.
_SLACK: Final = timedelta(minutes=1)
# A day is read, and what was there at the beginning of the day before it, of 25 hours once.
KEEP_QUARTERS: Final = timedelta(hours=50)
_COUNTERS: Final = ("udp_announces", "http_announces")
# Enough for every family there is; the data plane is sent all of them with each change.
RULES_MOST: Final = 500
# Any number, ours alone among the advisory locks of the database: "CLNT".
_RULES_LOCK: Final = 0x434C4E54


def store_counts(counts: Iterable[Count]) -> int:
    """Store what swarms hold; how many. `completed` never goes down (SCR-4)."""
    rows = sorted(counts)
    for start in range(0, len(rows), _BATCH):
        columns = [list(column) for column in zip(*rows[start : start + _BATCH], strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(_UPSERT, columns)
    return len(rows)


def count_finished(finished: Mapping[int, int]) -> None:
    """Add downloads that members finished, by release; in the transaction of who counts them."""
    if not finished:
        return
    ids = sorted(finished)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_ADD_FINISHED, [ids, [finished[number] for number in ids]])
        outbox.counts_changed(ids)


def empty_silent_swarms(*, since: datetime) -> int:
    """Set to zero the swarms not heard of since a tracker's start; how many were not empty.

    To be called one peer expiry after the start: whoever lives announced by then.
    """
    silent = SwarmCount.objects.filter(updated_at__lt=since).exclude(seeders=0, leechers=0)
    return silent.update(seeders=0, leechers=0, updated_at=timezone.now())


def note_start(node: str, *, at: datetime) -> None:
    """Note that a tracker starts; it follows nothing yet."""
    fresh: dict[str, object] = {"acknowledged_at": None, "statistics": {}}
    fresh |= {"started_at": at, "seen_at": at}
    TrackerNode.objects.update_or_create(name=node, defaults=fresh)


def acknowledge(node: str, *, sequence: int, at: datetime) -> None:
    """Note that what had committed by `at` (the database's clock) is in force at a tracker."""
    TrackerNode.objects.filter(name=node).update(acknowledged=sequence, acknowledged_at=at)


def note_statistics(node: str, *, statistics: dict[str, int], journal_position: int) -> None:
    """Note a tracker's counters, and that it lives."""
    TrackerNode.objects.filter(name=node).update(
        statistics=statistics, journal_position=journal_position, seen_at=timezone.now()
    )


@transaction.atomic
def reap_outbox(*, before: datetime) -> int:
    """Delete outbox rows written before; how many. Trackers away for longer begin anew."""
    deleted, _ = Outbox.objects.filter(at__lt=before).delete()
    return deleted


@transaction.atomic
def take_sample(*, at: datetime) -> bool:
    """Keep what swarms are like now, once in each quarter of an hour; False when it is kept.

    A day's row holds the most seen at once, a quarter's what is there. Quarters are
    dropped after two days; with the first sample of a day, days older than
    BOTTIN_KEEP_SWARM_HISTORY_D.
    """
    number = slot_of(at)
    slot = datetime.fromtimestamp(number * SLOT.total_seconds(), UTC)
    last = SiteSample.objects.order_by("-at").first()
    if last is not None and last.at >= slot:
        return False
    sample, is_ours = SiteSample.objects.get_or_create(at=slot, defaults=_site_sample(last, at))
    if not is_ours:
        return False
    day = timezone.localdate(at)
    is_new_day = last is None or timezone.localdate(last.taken_at) != day
    since = sample.taken_at if last is None else last.taken_at - _SLACK
    with connection.cursor() as cursor:
        cursor.execute(_SAMPLE, {"day": day, "since": since, "is_new_day": is_new_day})
        cursor.execute(_SAMPLE_QUARTER, {"slot": number, "since": since, "is_new_day": is_new_day})
    SwarmQuarter.objects.filter(slot__lt=slot_of(at - KEEP_QUARTERS)).delete()
    if is_new_day:
        kept = timedelta(days=settings.BOTTIN_KEEP_SWARM_HISTORY_D)
        SwarmDay.objects.filter(day__lt=day - kept).delete()
        SiteSample.objects.filter(at__lt=at - kept).delete()
    return True


def _site_sample(last: SiteSample | None, at: datetime) -> dict[str, object]:
    peers = SwarmCount.objects.aggregate(seeders=Sum("seeders"), leechers=Sum("leechers"))
    counters = {
        node.name: {name: int(node.statistics.get(name, 0)) for name in _COUNTERS}
        for node in TrackerNode.objects.all()
    }
    before = last.counters if last else counters
    announces = {
        name: sum(
            _grown(now[name], before.get(node, {}).get(name, 0)) for node, now in counters.items()
        )
        for name in _COUNTERS
    }
    return {
        "taken_at": at,
        "seeders": peers["seeders"] or 0,
        "leechers": peers["leechers"] or 0,
        "counters": counters,
        **announces,
    }


def _grown(now: int, before: int) -> int:
    # A tracker that started again counts from zero.
    return now - before if now >= before else now


@transaction.atomic
def set_client_rule(
    head: str, welcome: ClientWelcome, reason: str = "", *, by: Viewer, at: datetime
) -> ClientRule:
    """Say what becomes of clients whose peer ids begin so, in the place of the rule before.

    `head` is 2 to 8 ASCII characters without spaces; `reason` is shown in the clients, and
    written without accents. In force at the trackers within a second of the commit.

    Raises NotAllowed, and BadClientRule (`reason`): `client_head`, `client_why` where a
    refusal gives none, `client_why_letters`, `client_why_length` above 120,
    `client_rules` above 500, `client_none_allowed` for the last that is served
    where others are not.
    """
    by.require(Permission.RULE_CLIENTS)
    if not clients.HEAD.fullmatch(head):
        raise BadClientRule(reason="client_head", head=head[:20])
    words = _reason(reason, is_needed=welcome == ClientWelcome.DENIED)
    _wait_for_others()
    ClientRule.objects.filter(head=head).delete()
    if ClientRule.objects.count() >= RULES_MOST:
        raise BadClientRule(reason="client_rules", limit=RULES_MOST)
    rule = _write(ClientRule(head=head, welcome=welcome, reason=words), by, at)
    _refuse_to_serve_nobody()
    detail = {"head": head, "welcome": welcome.name.lower()}
    _tell_of_rules("clients.ruled", by, words, detail)
    return rule


@transaction.atomic
def remove_client_rule(rule_id: int, *, by: Viewer) -> None:
    """Take a rule about clients away, as somebody saw it.

    Raises NotAllowed, ClientRuleGone where it was removed or written again meanwhile,
    BadClientRule (`client_none_allowed`) for the last that is served where others are not.
    """
    by.require(Permission.RULE_CLIENTS)
    _wait_for_others()
    rule = ClientRule.objects.filter(pk=rule_id).exclude(head="").first()
    if rule is None:
        raise ClientRuleGone(rule_id=rule_id)
    rule.delete()
    _refuse_to_serve_nobody()
    detail = {"head": rule.head, "welcome": ClientWelcome(rule.welcome).name.lower()}
    _tell_of_rules("clients.freed", by, rule.reason, detail)


@transaction.atomic
def serve_listed_only(reason: str, *, by: Viewer, at: datetime) -> ClientRule:
    """Refuse all clients that no rule names; `reason` is shown in them.

    Raises NotAllowed, BadClientRule: `client_why`, `client_why_letters`,
    `client_why_length`, and `client_none_allowed` where no rule serves anybody.
    """
    by.require(Permission.RULE_CLIENTS)
    words = _reason(reason, is_needed=True)
    _wait_for_others()
    ClientRule.objects.filter(head="").delete()
    rule = _write(ClientRule(head="", welcome=ClientWelcome.DENIED, reason=words), by, at)
    _refuse_to_serve_nobody()
    _tell_of_rules("clients.closed", by, words, {})
    return rule


@transaction.atomic
def serve_unlisted(*, by: Viewer) -> bool:
    """Serve clients that no rule names again; False where they were. Raises NotAllowed."""
    by.require(Permission.RULE_CLIENTS)
    _wait_for_others()
    if not ClientRule.objects.filter(head="").delete()[0]:
        return False
    _tell_of_rules("clients.opened", by, "", {})
    return True


def _reason(text: str, *, is_needed: bool) -> str:
    words = clients.plain_reason(text)
    if words is None:
        raise BadClientRule(reason="client_why_letters")
    if is_needed and not words:
        raise BadClientRule(reason="client_why")
    if len(words) > clients.REASON_LENGTH:
        raise BadClientRule(reason="client_why_length", limit=clients.REASON_LENGTH)
    return words


def _wait_for_others() -> None:
    """Let whoever else changes rules finish: the bound and the last one allowed are counted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_RULES_LOCK])


def _write(rule: ClientRule, by: Viewer, at: datetime) -> ClientRule:
    rule.set_by_id, rule.set_at = by.user_id, at
    rule.save(force_insert=True)
    return rule


def _refuse_to_serve_nobody() -> None:
    served = ClientRule.objects.exclude(welcome=ClientWelcome.DENIED)
    if ClientRule.objects.filter(head="").exists() and not served.exists():
        raise BadClientRule(reason="client_none_allowed")


def _tell_of_rules(action: str, by: Viewer, reason: str, detail: Mapping[str, object]) -> None:
    subject = f"clients:{detail.get('head', '')}"
    log.record(action, actor_id=by.user_id, subject=subject, reason=reason, detail=detail)
    outbox.clients_changed()
