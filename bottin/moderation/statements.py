"""The SQL that says who looks at what: one statement, so that two moderators cannot both begin."""

from typing import Final

# A lock that another moderator holds and that is in force stays theirs; the viewer's own goes on
# from when it began, one that ran out begins anew. An account without a number (a command) holds
# none. Answers whether the viewer holds it now, and whether there is such a release.
TAKE_LOCK: Final = """
WITH wanted AS (
    SELECT id FROM catalog_release WHERE id = %(release_id)s
), taken AS (
    INSERT INTO moderation_reviewlock AS held (release_id, moderator_id, since, until)
    SELECT id, %(moderator_id)s::bigint, %(at)s, %(until)s FROM wanted
    WHERE %(moderator_id)s::bigint IS NOT NULL
    ON CONFLICT (release_id) DO UPDATE SET
        moderator_id = excluded.moderator_id,
        since = CASE
            WHEN held.moderator_id = excluded.moderator_id AND held.until > excluded.since
            THEN held.since ELSE excluded.since END,
        until = excluded.until
    WHERE held.moderator_id = excluded.moderator_id OR held.until <= excluded.since
    RETURNING release_id
)
SELECT EXISTS (SELECT FROM taken), EXISTS (SELECT FROM wanted)
"""
