"""The child's side: limits itself, writes one picture anew, answers, ends.

The request on stdin is one line of JSON (the limits), then the file. The answer on stdout is
`R` and JSON, the code of a refusal and its context; or `P`, one line of JSON, and the sizes one
after the other.
"""

import json
import os
import sys
import warnings
from typing import Final

from bottin.lib import confined
from bottin.pictures import coder
from bottin.pictures.errors import PictureRefusal
from bottin.pictures.gate import Limits

PICTURE: Final = b"P"
REFUSED: Final = b"R"


def main() -> None:
    """Answer one request and leave without running anything else."""
    limits = Limits(**json.loads(sys.stdin.buffer.readline()))
    confined.confine(limits.memory_bytes, limits.cpu_s)
    warnings.simplefilter("ignore")
    raw = sys.stdin.buffer.read()
    sys.stdout.buffer.write(answer(raw, limits))
    sys.stdout.buffer.flush()
    os._exit(0)


def answer(raw: bytes, limits: Limits) -> bytes:
    """Return what goes back to the parent for one file."""
    try:
        made = coder.encode(raw, limits)
    except PictureRefusal as refusal:
        return REFUSED + json.dumps([refusal.code, refusal.context]).encode()
    head = {
        "width": made.width,
        "height": made.height,
        "pixels": made.pixels,
        "look": made.look,
        "sizes": [[size.form, size.width, size.height, len(size.content)] for size in made.sizes],
    }
    parts = [PICTURE + json.dumps(head).encode() + b"\n", *(size.content for size in made.sizes)]
    return b"".join(parts)
