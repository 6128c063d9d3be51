"""The child's side of the sandbox: limits itself, reads one file, answers, ends.

The request on stdin is one line of JSON (the limits), then the `.torrent`. The answer on stdout
is `M` and a bencoded metainfo, or `R` and JSON: the code of a refusal and its context.
"""

import json
import os
import sys
from typing import Final

from bottin.lib import confined
from bottin.metainfo import codec
from bottin.metainfo.errors import MetainfoRefusal
from bottin.metainfo.limits import DEFAULT_LIMITS, Limits
from bottin.metainfo.parser import parse

METAINFO: Final = b"M"
REFUSED: Final = b"R"


def main() -> None:
    """Answer one request and leave without running anything else."""
    # The first line is the parent's own; the file behind it is read in confinement.
    limits = Limits(**json.loads(sys.stdin.buffer.readline()))
    confine(limits)
    raw = sys.stdin.buffer.read()
    sys.stdout.buffer.write(answer(raw, limits))
    sys.stdout.buffer.flush()
    os._exit(0)


def confine(limits: Limits = DEFAULT_LIMITS) -> None:
    """Give up memory and CPU past the limits, files, children and core dumps (META-11)."""
    confined.confine(limits.memory_bytes, limits.cpu_s)


def answer(raw: bytes, limits: Limits) -> bytes:
    """Return what goes back to the parent for one file."""
    try:
        return METAINFO + codec.encode(parse(raw, limits), raw)
    except MetainfoRefusal as refusal:
        return REFUSED + json.dumps([refusal.code, refusal.context]).encode()
