"""The child's side of the sandbox: limits itself, reads one file, answers, ends.

The request on stdin is one line of JSON (the limits), then the `.torrent`. The answer on stdout
is `M` and a bencoded metainfo, or `R` and JSON: the code of a refusal and its context.
"""

import json
import os
import resource
import sys
from typing import Final

from bottin.metainfo import codec
from bottin.metainfo.errors import MetainfoRefusal
from bottin.metainfo.limits import MIB, Limits
from bottin.metainfo.parser import parse

MEMORY_BYTES: Final = 512 * MIB
CPU_S: Final = 5

METAINFO: Final = b"M"
REFUSED: Final = b"R"


def main() -> None:
    """Answer one request and leave without running anything else."""
    confine()
    request = sys.stdin.buffer.read()
    header, _, raw = request.partition(b"\n")
    del request
    sys.stdout.buffer.write(answer(raw, Limits(**json.loads(header))))
    sys.stdout.buffer.flush()
    os._exit(0)


def confine() -> None:
    """Give up memory past 512 MiB, CPU past 5 s, files, children and core dumps (META-11)."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))  # no child of its own, unless root


def answer(raw: bytes, limits: Limits) -> bytes:
    """Return what goes back to the parent for one file."""
    try:
        return METAINFO + codec.encode(parse(raw, limits), raw)
    except MetainfoRefusal as refusal:
        return REFUSED + json.dumps([refusal.code, refusal.context]).encode()
