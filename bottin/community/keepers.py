"""Tells those who keep a release when its last other seeder is gone: once a week at most."""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Max, Min
from django.utils import timezone

from bottin.accounts.models import AccountState
from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import Viewer
from bottin.community.errors import BadPace
from bottin.community.models import KeeperMail, Letter, LostKeeper, Pace, Topic
from bottin.community.rules import is_due
from bottin.tracker import site
from bottin.tracker.models import slot_of

USUAL_PACE: Final = Pace.DAILY
ONCE_IN: Final = timedelta(days=7)
# Low for so long: a client or a tracker that only restarts is back by then.
SETTLED: Final = timedelta(hours=1)
_LOOK_BACK: Final = timedelta(days=1)

# Swarms of two or more within the last day that have been at one or none for an hour; then
# who pledged them and who seeded them within a week.
_NOTE: Final = """
WITH low AS MATERIALIZED (
    SELECT c.release_id, c.seeders
    FROM tracker_swarmcount c
    JOIN catalog_release r ON r.id = c.release_id AND r.state = 'published'
    CROSS JOIN LATERAL (
        SELECT max(slot) AS slot FROM tracker_swarmquarter q
        WHERE q.release_id = c.release_id AND q.slot >= %(first)s AND q.seeders > 1
    ) high
    WHERE c.seeders <= 1 AND c.updated_at >= %(since)s AND EXISTS (
        SELECT 1 FROM tracker_swarmquarter q
        WHERE q.release_id = c.release_id AND q.slot > high.slot AND q.slot <= %(settled)s
    )
), seeding AS MATERIALIZED (
    SELECT s.release_id, s.user_id, max(s.last_at) FILTER (WHERE s.is_running) AS running_at
    FROM low
    JOIN ledger_transfer t ON t.release_id = low.release_id
    JOIN ledger_peersession s ON s.user_id = t.user_id AND s.release_id = t.release_id
    WHERE s."left" = 0 AND s.last_at >= %(week)s
    GROUP BY s.release_id, s.user_id
), keepers AS (
    SELECT release_id, user_id FROM seeding
    UNION
    SELECT p.release_id, p.account_id FROM low
    JOIN community_pledge p ON p.release_id = low.release_id AND p.ended_at IS NULL
)
INSERT INTO community_lostkeeper (account_id, release_id, loss, "left", at)
SELECT k.user_id, k.release_id,
    CASE WHEN low.seeders = 0 THEN 'all'
        WHEN seeding.running_at >= %(heard)s THEN 'others' ELSE 'one_left' END,
    low.seeders, %(at)s
FROM keepers k
JOIN low USING (release_id)
JOIN accounts_account a ON a.id = k.user_id AND a.state = 'active'
LEFT JOIN seeding ON seeding.release_id = k.release_id AND seeding.user_id = k.user_id
WHERE NOT EXISTS (
    SELECT 1 FROM community_lostkeeper told
    WHERE told.account_id = k.user_id AND told.release_id = k.release_id
        AND told.loss <> 'pledge' AND told.at > %(week)s
)
"""


@transaction.atomic
def note_losses(*, at: datetime) -> int:
    """Note for each keeper which releases lost their last other seeder; how many notes."""
    with connection.cursor() as cursor:
        # One worker at a time: a second one would note the same.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('community.note_losses'))")
        cursor.execute(
            _NOTE,
            {
                "at": at,
                "since": at - _LOOK_BACK,
                "week": at - ONCE_IN,
                "heard": at - timedelta(seconds=site.peer_expiry_s()),
                "first": slot_of(at - _LOOK_BACK),
                "settled": slot_of(at - SETTLED),
            },
        )
        return int(cursor.rowcount)


def pace_of(user_id: int) -> Pace:
    """Return when a member wants letters of losses. One query."""
    found = KeeperMail.objects.filter(pk=user_id).values_list("pace", flat=True).first()
    return Pace(found) if found else USUAL_PACE


def set_pace(pace: str, *, by: Viewer) -> None:
    """Choose when letters of losses come. Raises BadPace for a pace that does not exist."""
    by.require(Permission.OWN_ACCOUNT)
    if pace not in Pace.values:
        raise BadPace
    KeeperMail.objects.update_or_create(pk=by.user_id or 0, defaults={"pace": pace})


def write_letters(*, at: datetime) -> int:
    """Gather what has to be told by mail now in one letter for each person; how many."""
    untold = LostKeeper.objects.filter(
        letter=None, seen_at=None, account__state=AccountState.ACTIVE
    )
    waiting = dict(untold.order_by().values_list("account_id").annotate(Min("at")))
    chosen = dict(KeeperMail.objects.filter(pk__in=waiting).values_list("pk", "pace"))
    letters = Letter.objects.filter(account_id__in=waiting, topic=Topic.KEEPERS).order_by()
    last = dict(letters.values_list("account_id").annotate(Max("written_at")))
    local = timezone.localtime(at)
    return sum(
        _write(account_id, pace, at)
        for account_id, since in waiting.items()
        for pace in [Pace(chosen.get(account_id, USUAL_PACE))]
        if is_due(pace, last=last.get(account_id), waiting_since=since, at=local)
    )


@transaction.atomic
def _write(account_id: int, pace: Pace, at: datetime) -> int:
    rows = LostKeeper.objects.filter(account_id=account_id, letter=None, seen_at=None)
    ids = list(rows.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True))
    if not ids:
        return 0
    letter = Letter.objects.create(
        account_id=account_id, topic=Topic.KEEPERS, pace=pace, written_at=at
    )
    LostKeeper.objects.filter(pk__in=ids).update(letter=letter)
    return 1
