"""Loops of the worker that keep the index up to date."""

from threading import Lock
from typing import Final

from bottin.lib import clock
from bottin.search import following
from bottin.search.following import KEEP_CHANGES, Follower

_follower: Final = Follower()
# Loops are threads of one worker; tantivy's writer is for one at a time.
_turn: Final = Lock()


def index_changes() -> bool:
    """Follow what changed in the catalogue; True when there may be more at once."""
    with _turn:
        return _follower.follow()


def refresh_counts() -> bool:
    """Bring moved swarm counts to the index; True when there may be more at once."""
    with _turn:
        return _follower.refresh_counts()


def forget_changes() -> int:
    """Delete notes of changes older than a week; return how many."""
    return following.forget_changes(before=clock.now() - KEEP_CHANGES)


def let_go() -> None:
    """Close the index, so that another process may follow."""
    with _turn:
        _follower.close()
