"""The SQL of one journal batch: one statement a step, each over all facts of the batch at once.

In these texts a *session* is (user_id, release_id, session) and a *run* is what
follows a `started` event within it. The highest counters seen since the last
`started` are the baseline: for the first fact of a run that is the fact itself,
whether the client went on (BYTE-2, its counters are not lower, so the maximum is
the same) or began again from zero.
"""

from typing import Final

from bottin.ledger.models import FlagKind
from bottin.tracker.dataplane import ALONE, LONELY

STARTED: Final = 2
STOPPED: Final = 3

MAKE_TABLES: Final = """
CREATE TEMPORARY TABLE IF NOT EXISTS batch_facts (
    position bigint, release_id bigint, user_id bigint, session bigint, event smallint,
    up_quarters smallint, down_quarters smallint,
    uploaded bigint, downloaded bigint, "left" bigint, time_ms bigint,
    flags smallint, client text
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS batch_steps (
    position bigint, release_id bigint, user_id bigint, session bigint,
    up_quarters smallint, down_quarters smallint,
    at timestamptz, is_last boolean, is_reset boolean, is_running boolean,
    top_up bigint, top_down bigint, "left" bigint,
    claimed_up bigint, claimed_down bigint, raw_up bigint, raw_down bigint,
    seed_time_s bigint, is_completed boolean, flags smallint, marks smallint, client text
) ON COMMIT DELETE ROWS;
"""

EMPTY_TABLES: Final = "DELETE FROM batch_facts; DELETE FROM batch_steps"

COPY_FACTS: Final = "COPY batch_facts FROM STDIN (FORMAT binary)"

# The last word of a client that the policy refuses ends a run that the ledger knows, and
# begins none: whoever has an old key of somebody else could only end what runs.
DROP_STRAY_LAST_WORDS: Final = f"""
DELETE FROM batch_facts f USING (
    SELECT position,
           coalesce(lag(event <> {STOPPED}) OVER session, s.is_running, false) AS was_running
    FROM batch_facts LEFT JOIN ledger_peersession s USING (user_id, release_id, session)
    WINDOW session AS (PARTITION BY user_id, release_id, session ORDER BY position)
) told
WHERE told.position = f.position AND NOT told.was_running AND f.position = ANY(%s)
"""  # noqa: S608 - constants of this module

# What each fact adds to the one before it in its session. The line rate bounds a
# difference (BYTE-8); the time it is measured over is itself bounded, so that no
# product leaves 64 bits, and is the longest interval after a clock was set back.
# Seconds are cut before they are subtracted: the parts of
# a second that one fact loses the next one gains. Pages that close say `stopped` with zeros,
# and with nothing left: such a word ends a run, and finishes no download. A client that has
# all but not checked it, and leaves then, says no more bytes than before: it did finish.
STEP: Final = f"""
INSERT INTO batch_steps
WITH facts AS (
    SELECT f.*,
           s.uploaded AS base_up, s.downloaded AS base_down, s."left" AS base_left,
           s.is_running AS base_running, s.flags AS base_flags,
           (extract(epoch FROM s.last_at) * 1000)::bigint AS base_ms,
           count(*) FILTER (WHERE f.event = {STARTED}) OVER session AS run
    FROM batch_facts f
    LEFT JOIN ledger_peersession s USING (user_id, release_id, session)
    WINDOW session AS (PARTITION BY f.user_id, f.release_id, f.session ORDER BY f.position)
), tops AS (
    SELECT *,
           greatest(max(uploaded) OVER run, CASE WHEN run = 0 THEN base_up END) AS top_up,
           greatest(max(downloaded) OVER run, CASE WHEN run = 0 THEN base_down END) AS top_down
    FROM facts
    WINDOW run AS (PARTITION BY user_id, release_id, session, run ORDER BY position)
), pairs AS (
    SELECT *,
           coalesce(lag(top_up) OVER session, base_up) AS before_up,
           coalesce(lag(top_down) OVER session, base_down) AS before_down,
           coalesce(lag("left") OVER session, base_left) AS before_left,
           coalesce(lag(event <> {STOPPED}) OVER session, base_running) AS was_running,
           coalesce(lag(time_ms) OVER session, base_ms) AS before_ms,
           coalesce(lag(flags) OVER session, base_flags, 0::smallint) AS before_flags,
           lead(position) OVER session IS NULL AS is_last
    FROM tops
    WINDOW session AS (PARTITION BY user_id, release_id, session ORDER BY position)
), claims AS (
    SELECT *,
           coalesce(event = {STARTED} AND (uploaded < before_up OR downloaded < before_down), false)
               AS is_reset,
           CASE WHEN time_ms < before_ms THEN %(gap_max_s)s * 1000::bigint
                ELSE least(time_ms - before_ms, %(elapsed_max_ms)s) + 1000 END AS line_ms
    FROM pairs
), deltas AS (
    SELECT *,
           CASE WHEN is_reset OR before_up IS NULL THEN 0
                ELSE greatest(uploaded - before_up, 0) END AS claimed_up,
           CASE WHEN is_reset OR before_down IS NULL THEN 0
                ELSE greatest(downloaded - before_down, 0) END AS claimed_down,
           line_ms * %(line_rate_ms)s AS line_bytes
    FROM claims
)
SELECT position, release_id, user_id, session, up_quarters, down_quarters,
       timestamptz 'epoch' + time_ms * interval '1 millisecond',
       is_last, is_reset, event <> {STOPPED}, top_up, top_down, "left",
       claimed_up, claimed_down, least(claimed_up, line_bytes), least(claimed_down, line_bytes),
       CASE WHEN was_running AND before_left = 0 AND "left" = 0
            THEN least(greatest(time_ms / 1000 - before_ms / 1000, 0), %(gap_max_s)s)
            ELSE 0 END,
       coalesce(before_left > 0 AND "left" = 0
                AND (event <> {STOPPED} OR downloaded >= greatest(before_down, 1)), false),
       flags, flags & before_flags, client
FROM deltas
"""  # noqa: S608 - constants of this module

RAISE_SESSIONS: Final = """
INSERT INTO ledger_peersession AS s (
    user_id, release_id, session, generation, uploaded, downloaded, "left", is_running,
    first_at, last_at, flags, client
)
SELECT user_id, release_id, session, count(*) FILTER (WHERE is_reset),
       max(top_up) FILTER (WHERE is_last), max(top_down) FILTER (WHERE is_last),
       max("left") FILTER (WHERE is_last), bool_or(is_running) FILTER (WHERE is_last),
       min(at), max(at) FILTER (WHERE is_last),
       max(flags) FILTER (WHERE is_last), btrim(max(client))
FROM batch_steps
GROUP BY user_id, release_id, session
ON CONFLICT (user_id, release_id, session) DO UPDATE SET
    generation = s.generation + excluded.generation,
    uploaded = excluded.uploaded, downloaded = excluded.downloaded, "left" = excluded."left",
    is_running = excluded.is_running,
    first_at = least(s.first_at, excluded.first_at), last_at = excluded.last_at,
    flags = excluded.flags
"""

# Downloads that a member had not finished before, by release: asked before ADD_TRANSFERS.
FINISHED: Final = """
SELECT release_id, count(*) FROM (
    SELECT DISTINCT user_id, release_id FROM batch_steps WHERE is_completed
) done
LEFT JOIN ledger_transfer t USING (user_id, release_id)
WHERE t.completed_at IS NULL
GROUP BY release_id
"""

# Bytes are credited fact by fact: a sum cut in quarters afterwards would depend on
# where a batch ends.
_SUMS: Final = """
    sum(raw_up) AS raw_up, sum(raw_down) AS raw_down,
    sum(raw_up * up_quarters / 4) AS credited_up,
    sum(raw_down * down_quarters / 4) AS credited_down,
    sum(seed_time_s) AS seed_time_s
"""
_ADD: Final = """
    raw_up = t.raw_up + excluded.raw_up, raw_down = t.raw_down + excluded.raw_down,
    credited_up = t.credited_up + excluded.credited_up,
    credited_down = t.credited_down + excluded.credited_down,
    seed_time_s = t.seed_time_s + excluded.seed_time_s
"""

ADD_TRANSFERS: Final = f"""
INSERT INTO ledger_transfer AS t (
    user_id, release_id, raw_up, raw_down, credited_up, credited_down, seed_time_s,
    first_at, last_at, completed_at
)
SELECT user_id, release_id, {_SUMS}, min(at), max(at),
       (array_agg(at ORDER BY position) FILTER (WHERE is_completed))[1]
FROM batch_steps
GROUP BY user_id, release_id
ON CONFLICT (user_id, release_id) DO UPDATE SET {_ADD},
    first_at = least(t.first_at, excluded.first_at),
    last_at = greatest(t.last_at, excluded.last_at),
    completed_at = coalesce(t.completed_at, excluded.completed_at)
"""  # noqa: S608 - constants of this module

ADD_BALANCES: Final = f"""
INSERT INTO ledger_balance AS t (
    user_id, raw_up, raw_down, credited_up, credited_down, seed_time_s
)
SELECT user_id, {_SUMS} FROM batch_steps GROUP BY user_id
ON CONFLICT (user_id) DO UPDATE SET {_ADD}
"""  # noqa: S608 - constants of this module

# A row for each client, so that the member sees which of theirs added what.
APPEND_ENTRIES: Final = f"""
INSERT INTO ledger_ledgerentry (
    at, user_id, release_id, kind, up_quarters, down_quarters, stream, position,
    raw_up, raw_down, credited_up, credited_down, seed_time_s
)
SELECT max(at), user_id, release_id, 'transfer', up_quarters, down_quarters,
       %(stream)s, %(end)s, {_SUMS}
FROM batch_steps
WHERE raw_up > 0 OR raw_down > 0 OR seed_time_s > 0
GROUP BY user_id, release_id, session, up_quarters, down_quarters
"""  # noqa: S608 - constants of this module

# What a person should see (BYTE-11): bytes above the line rate, which were not counted, and
# bytes sent while nobody lacked anything, or nobody was there, at both ends of the interval.
RAISE_FLAGS: Final = f"""
INSERT INTO ledger_flag AS f (user_id, release_id, kind, detail, at)
SELECT user_id, release_id, '{FlagKind.ABOVE_LINE_RATE}',
       jsonb_build_object('not_counted_up', sum(claimed_up - raw_up)::text,
                          'not_counted_down', sum(claimed_down - raw_down)::text,
                          'client', btrim(max(client)), 'times', 1), max(at)
FROM batch_steps
WHERE claimed_up > raw_up OR claimed_down > raw_down
GROUP BY user_id, release_id
UNION ALL
SELECT user_id, release_id,
       CASE WHEN marks & {ALONE} > 0 THEN '{FlagKind.UPLOAD_TO_NOBODY}'
            ELSE '{FlagKind.UPLOAD_WITHOUT_LEECHER}' END,
       jsonb_build_object('uploaded', sum(raw_up)::text, 'client', btrim(max(client)),
                          'times', 1), max(at)
FROM batch_steps
WHERE raw_up >= %(worth_a_look)s AND marks & {LONELY} > 0
GROUP BY user_id, release_id, 3
ON CONFLICT (user_id, release_id, kind) WHERE resolved_at IS NULL
DO UPDATE SET at = excluded.at, detail = excluded.detail
    || jsonb_build_object('times', coalesce((f.detail->>'times')::int, 1) + 1)
"""  # noqa: S608 - constants of this module

ADVANCE: Final = """
UPDATE ledger_journalposition SET position = %(end)s, applied_at = now() WHERE stream = %(stream)s
"""
