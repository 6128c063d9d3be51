"""The data plane alone: a listed tracker fed by files, without database or accounts."""

import signal
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import structlog

from bottin.tracker.dataplane import DataPlane, PolicyChange, ReleaseRecord, packed

DEFAULT_LISTEN: Final = ("127.0.0.1:6969", "[::1]:6969")
STOP_S: Final = 5.0
_PUBLISHED: Final = 1
_V1_HEX: Final = 40
_V2_HEX: Final = 64

log = structlog.get_logger(__name__)


class BadList(ValueError):
    """A file of info-hashes holds something else; the text says where."""


def run(
    stop: threading.Event, *, allow: Path | None, deny: Path | None, listen: Sequence[str] = ()
) -> None:
    """Serve the info-hashes of `allow`, but not those of `deny`, until `stop` is set.

    Both files hold one hexadecimal info-hash a line (v1, 40 digits, or v2, 64);
    `#` begins a comment. They are read again on SIGHUP; a bad file then keeps
    what was in force. Raises BadList at the start, or when no `allow` is given,
    and OSError when a file cannot be read or an address is taken.
    """
    if allow is None:
        raise BadList("a tracker that stands alone needs --allow FILE: it serves listed hashes")
    plane = DataPlane({"listen": list(listen or DEFAULT_LISTEN)})
    put_in_force(plane, allow, deny)
    reread = threading.Event()
    signal.signal(signal.SIGHUP, lambda *_: reread.set())
    log.info("tracker.listening", addresses=plane.start())
    while not stop.wait(0.2):
        if reread.is_set():
            reread.clear()
            _put_in_force_again(plane, allow, deny)
    plane.stop(STOP_S)


def put_in_force(plane: DataPlane, allow: Path, deny: Path | None) -> None:
    """Read both files and make them the policy. Raises BadList, OSError."""
    releases = [_listed(number, digest) for number, digest in enumerate(read_hashes(allow), 1)]
    denied = b"".join(digest[:20] for digest in read_hashes(deny)) if deny else b""
    plane.load(PolicyChange(releases=packed(releases), denied=denied))
    plane.commit(0)
    log.info("policy.loaded", allowed=len(releases), denied=len(denied) // 20)


def read_hashes(path: Path) -> Iterator[bytes]:
    """Read a file of info-hashes, 20 or 32 bytes each. Raises BadList, OSError."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        try:
            digest = bytes.fromhex(text)
        except ValueError:
            digest = b""
        if len(text) not in {_V1_HEX, _V2_HEX} or not digest:
            raise BadList(f"{path}, line {number}: not an info-hash of 40 or 64 hexadecimal digits")
        yield digest


def _put_in_force_again(plane: DataPlane, allow: Path, deny: Path | None) -> None:
    try:
        put_in_force(plane, allow, deny)
    except (BadList, OSError) as error:
        log.error("policy.kept", error=str(error))  # noqa: TRY400 - a sentence, not a bug


def _listed(number: int, digest: bytes) -> ReleaseRecord:
    is_v1 = len(digest) * 2 == _V1_HEX
    v1, v2 = (digest, None) if is_v1 else (None, digest)
    return ReleaseRecord(number, v1, v2, _PUBLISHED, is_open=True)
