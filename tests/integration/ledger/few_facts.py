"""A journal of a few facts, written by a data plane of this process."""

from pathlib import Path

from bottin.tracker.dataplane import (
    AccountRecord,
    DataPlane,
    KeyKind,
    PolicyChange,
    ReleaseRecord,
    announce_key,
    packed,
)
from tests.factories.tracker import v1_hash
from tests.integration.tracker.announcer import STARTED, Announce, UdpTracker

SECRET = bytes(range(32))
CLIENT = b"-BT0001-a-client-abc"


def write(folder: Path) -> None:
    """Make two facts a segment: member 7 came, and told four counters."""
    plane = DataPlane(
        {
            "listen": ["127.0.0.1:0"],
            "key_secret": SECRET.hex(),
            "journal_dir": str(folder),
            "journal_segment_bytes": 192,
        }
    )
    releases = packed([ReleaseRecord(1, v1_hash(1), None, 1)])
    plane.load(PolicyChange(releases=releases, accounts=packed([AccountRecord(7, 1)])))
    plane.commit(1)
    port = int(plane.start()[0].rpartition(":")[2])
    way = UdpTracker(port, announce_key(SECRET, KeyKind.ACCOUNT, 7, 1), timeout_s=2)
    way.announce(Announce(v1_hash(1), CLIENT, event=STARTED))
    for uploaded in (10, 20, 30, 40):
        way.announce(Announce(v1_hash(1), CLIENT, uploaded=uploaded))
    way.close()
    plane.stop(5)
