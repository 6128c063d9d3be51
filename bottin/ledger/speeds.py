"""Who sends far more than others do, or than they do themselves (BYTE-11): a z-score, for a person.

Amounts of honest members lie orders of magnitude apart, so logarithms are compared:
a score of four is some sixteen times the usual, or more where the usual varies more.
"""

import math
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from bottin.ledger.models import FlagKind

SCORE_MIN: Final = 4
SPREAD_MIN: Final = math.log(2)  # who always sends the same is not odd for sending a little more
WORTH_BYTES: Final = 2**30
OTHERS_MIN: Final = 8
SPANS_MIN: Final = 12
HABIT: Final = timedelta(days=30)

_INTO: Final = "INSERT INTO ledger_flag AS f (user_id, release_id, kind, detail, at)"
_AGAIN: Final = """
ON CONFLICT (user_id, release_id, kind) WHERE resolved_at IS NULL
DO UPDATE SET at = excluded.at, detail = excluded.detail
    || jsonb_build_object('times', coalesce((f.detail->>'times')::int, 1) + 1)
"""
_OF_WINDOW: Final = "at >= %(begins)s AND at < %(ends)s AND kind = 'transfer'"

# Each against the others who sent, and against demand: who served half of it or more.
_ABOVE_OTHERS: Final = f"""
WITH sent AS (
    SELECT user_id, release_id, sum(raw_up)::float8 AS up FROM ledger_ledgerentry
    WHERE {_OF_WINDOW} AND raw_up > 0 GROUP BY user_id, release_id
), got AS (
    SELECT release_id, sum(raw_down)::float8 AS down FROM ledger_ledgerentry
    WHERE {_OF_WINDOW} AND raw_down > 0 GROUP BY release_id
), summed AS (
    SELECT *, count(*) OVER release - 1 AS others, sum(ln(up)) OVER release - ln(up) AS first,
           sum(ln(up) ^ 2) OVER release - ln(up) ^ 2 AS second
    FROM sent WINDOW release AS (PARTITION BY release_id)
), scored AS (
    SELECT *, first / others AS mean,
           greatest(sqrt(greatest(second / others - (first / others) ^ 2, 0)), {SPREAD_MIN})
               AS spread
    FROM summed WHERE others >= {OTHERS_MIN} AND up >= {WORTH_BYTES}
)
{_INTO}
SELECT user_id, release_id, '{FlagKind.ABOVE_OTHERS}',
       jsonb_build_object('sent', up::numeric(38, 0)::text, 'rows', others,
                          'usual', exp(mean)::numeric(38, 0)::text,
                          'score', round(10 * (ln(up) - mean) / spread),
                          'received', coalesce(down, 0)::numeric(38, 0)::text, 'times', 1),
       %(ends)s
FROM scored LEFT JOIN got USING (release_id)
WHERE (ln(up) - mean) / spread >= {SCORE_MIN} AND up >= coalesce(down, 0) / 2
{_AGAIN}
"""  # noqa: S608 - constants of this module
# Each against their own spans of the days before, over all releases. The flag stands on the
# release that most of it went to, or on that of the flag which is open already.
_ABOVE_HABIT: Final = f"""
WITH sent AS (
    SELECT user_id, release_id, sum(raw_up)::float8 AS up FROM ledger_ledgerentry
    WHERE {_OF_WINDOW} AND raw_up > 0 GROUP BY user_id, release_id
), member AS (
    SELECT user_id, sum(up) AS up, (array_agg(release_id ORDER BY up DESC))[1] AS release_id
    FROM sent GROUP BY user_id HAVING sum(up) >= {WORTH_BYTES}
), spans AS (
    SELECT user_id, ln(sum(e.raw_up)::float8) AS moved
    FROM ledger_ledgerentry e JOIN member USING (user_id)
    WHERE e.at >= %(since)s AND e.at < %(begins)s AND e.kind = 'transfer' AND e.raw_up > 0
    GROUP BY user_id, floor(extract(epoch FROM %(begins)s - e.at) / %(span_s)s)
), habit AS (
    SELECT user_id, count(*) AS spans, avg(moved) AS mean,
           greatest(stddev_pop(moved), {SPREAD_MIN}) AS spread
    FROM spans GROUP BY user_id HAVING count(*) >= {SPANS_MIN}
)
{_INTO}
SELECT user_id,
       coalesce((SELECT o.release_id FROM ledger_flag o WHERE o.user_id = m.user_id
                 AND o.kind = '{FlagKind.ABOVE_HABIT}' AND o.resolved_at IS NULL LIMIT 1),
                m.release_id),
       '{FlagKind.ABOVE_HABIT}',
       jsonb_build_object('sent', up::numeric(38, 0)::text, 'rows', spans,
                          'usual', exp(mean)::numeric(38, 0)::text,
                          'score', round(10 * (ln(up) - mean) / spread), 'times', 1),
       %(ends)s
FROM member m JOIN habit USING (user_id)
WHERE (ln(up) - mean) / spread >= {SCORE_MIN}
{_AGAIN}
"""  # noqa: S608 - constants of this module


@transaction.atomic
def flag_unusual(begins: datetime, ends: datetime) -> int:
    """Flag who sent far above others or their own habit in a window; how many flags.

    Where fewer than eight others sent, or a member has fewer than twelve spans to
    compare with, nothing is said. Nobody is punished: a flag is for a person.
    """
    values = {"begins": begins, "ends": ends, "since": begins - HABIT}
    raised = 0
    with connection.cursor() as cursor:
        for statement in (_ABOVE_OTHERS, _ABOVE_HABIT):
            cursor.execute(statement, values | {"span_s": (ends - begins).total_seconds()})
            raised += cursor.rowcount
    return raised
