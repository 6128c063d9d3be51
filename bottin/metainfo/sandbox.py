"""The parser in a child process that can cost little and reach nothing (trust META-11)."""

import json
from dataclasses import asdict
from typing import Final

from bottin.lib.confined import ChildFailed, Children
from bottin.metainfo import codec, errors, worker
from bottin.metainfo.errors import MetainfoRefusal, MetainfoTooLarge, ParserCrashed
from bottin.metainfo.limits import DEFAULT_LIMITS, MIB, Limits
from bottin.metainfo.model import Metainfo

# Four times the CPU limit: a busy machine shares its cores, and that is not the file's fault.
WALL_S: Final = 20.0
# An answer repeats names and layers, so it stays below a few times the largest upload.
_ANSWER_BYTES: Final = 64 * MIB

_REFUSALS: Final[dict[str, type[MetainfoRefusal]]] = {
    kind.code: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, MetainfoRefusal)
}


class ParserPool:
    """Children started ahead of need; each parses one file and ends.

    `spares` children wait, about 15 MB each. Safe to share between threads; after
    a fork the copy starts its own.
    """

    def __init__(self, spares: int = 1, wall_s: float = WALL_S) -> None:
        """Start `spares` children. `wall_s` is the time given to one file."""
        self._children = Children(worker.__name__, spares)
        self._wall_s = wall_s

    def parse(self, raw: bytes, limits: Limits = DEFAULT_LIMITS) -> Metainfo:
        """Parse in a child; see `parse_in_worker`."""
        if len(raw) > limits.upload_bytes:
            raise MetainfoTooLarge(size_bytes=len(raw), limit_bytes=limits.upload_bytes)
        request = json.dumps(asdict(limits)).encode() + b"\n" + raw
        try:
            answer = self._children.ask(request, self._wall_s, _ANSWER_BYTES)
        except ChildFailed as failure:
            raise ParserCrashed(reason=str(failure)) from failure
        return _metainfo_in(answer, raw)

    def close(self) -> None:
        """End the waiting children; later calls start their own."""
        self._children.close()


def parse_in_worker(raw: bytes, limits: Limits = DEFAULT_LIMITS) -> Metainfo:
    """Parse a `.torrent` in a child process of its own.

    The child has 512 MiB of address space, 5 s of CPU, 20 s of time, an empty
    environment, and no file but its two pipes. It answers with plain values that
    are checked on arrival; info-hashes are computed here, from `raw`.

    Raises the refusals of `parser.parse`, and ParserCrashed when the child dies,
    is too slow or does not make sense.
    """
    return ParserPool(spares=0).parse(raw, limits)


def _metainfo_in(answer: bytes, raw: bytes) -> Metainfo:
    kind, body = answer[:1], answer[1:]
    if kind == worker.REFUSED:
        raise _refusal_in(body)
    try:
        return codec.decode(body, raw)
    except (MetainfoRefusal, ValueError, TypeError, KeyError) as error:
        raise ParserCrashed(reason="answer makes no sense") from error


def _refusal_in(body: bytes) -> MetainfoRefusal:
    try:
        code, context = json.loads(body)
        return _REFUSALS[code](**context)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ParserCrashed(reason="answer makes no sense") from error
