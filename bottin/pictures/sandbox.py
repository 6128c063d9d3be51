"""A picture is read in a child process that can cost little and reach nothing (SEC-16)."""

import json
import re
from dataclasses import asdict, dataclass
from threading import BoundedSemaphore
from typing import Final

from bottin.lib.confined import ChildFailed, Children
from bottin.pictures import errors
from bottin.pictures.errors import CoderFailed, PictureRefusal, PictureTooLarge
from bottin.pictures.gate import MIB, Limits

# Three times the CPU limit: a busy machine shares its cores, and that is not the file's fault.
_WALL_PER_CPU: Final = 3
_ANSWER_BYTES: Final = 32 * MIB
_CHILD: Final = "bottin.pictures.worker"  # named, not imported: it brings the decoders with it
_FORMS: Final = {"webp": (b"RIFF", 0), "avif": (b"ftypavif", 4)}
_HEX: Final = re.compile(r"[0-9a-f]+")
_SIZES_MAX: Final = 10
_DIGEST_HEX: Final = 64
_LOOK_HEX: Final = 32
# As many children at once in one process; others wait their turn.
_TURNS: Final = BoundedSemaphore(2)
_REFUSALS: Final[dict[str, type[PictureRefusal]]] = {
    kind.code: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, PictureRefusal) and "code" in vars(kind)
}


@dataclass(frozen=True, slots=True)
class Rendition:
    """One size in one format (`webp`, `avif`), as it is served."""

    form: str
    width: int
    height: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Rendered:
    """A picture written anew: its sides, what it is known by (`coder.Encoded`), its sizes."""

    width: int
    height: int
    pixels: str
    look: str
    sizes: tuple[Rendition, ...]


def render_in_worker(raw: bytes, limits: Limits) -> Rendered:
    """Decode a picture in a child process of its own and write it anew in a few sizes.

    The child has `limits.memory_bytes` of address space, `limits.cpu_s` of CPU, three times
    that of time, an empty environment, and no file but its two pipes. Its answer is
    checked on arrival.

    Raises a PictureRefusal; CoderFailed when the child dies, is too slow or does not make
    sense.
    """
    if len(raw) > limits.file_bytes:
        raise PictureTooLarge(size_bytes=len(raw), limit_bytes=limits.file_bytes)
    request = json.dumps(asdict(limits)).encode() + b"\n" + raw
    with _TURNS:
        try:
            answer = Children(_CHILD, spares=0).ask(
                request, limits.cpu_s * _WALL_PER_CPU, _ANSWER_BYTES
            )
        except ChildFailed as failure:
            raise CoderFailed(reason=str(failure)) from failure
    try:
        return _rendered_in(answer)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise CoderFailed(reason="answer makes no sense") from error


def _rendered_in(answer: bytes) -> Rendered:
    kind, body = answer[:1], answer[1:]
    if kind == b"R":
        code, context = json.loads(body)
        raise _REFUSALS[code](**context)
    line, _end, content = body.partition(b"\n")
    head = json.loads(line)
    sizes, at = [], 0
    for form, width, height, length in head["sizes"][:_SIZES_MAX]:
        sizes.append(_rendition(form, (width, height), content[at : at + length]))
        at += length
    if at != len(content) or not sizes:
        raise ValueError("lengths")
    width, height = _side(head["width"]), _side(head["height"])
    pixels, look = _hex(head["pixels"], _DIGEST_HEX), _hex(head["look"], _LOOK_HEX)
    return Rendered(width, height, pixels, look, tuple(sizes))


def _rendition(form: str, sides: tuple[object, object], content: bytes) -> Rendition:
    mark, at = _FORMS[form]
    if not content.startswith(mark, at):
        raise ValueError("not of its form")
    return Rendition(form, _side(sides[0]), _side(sides[1]), content)


def _side(given: object) -> int:
    if not isinstance(given, int) or not 0 < given <= 0xFFFF:  # noqa: PLR2004 - 16 bits
        raise ValueError("side")
    return given


def _hex(given: object, length: int) -> str:
    if not isinstance(given, str) or len(given) != length or not _HEX.fullmatch(given):
        raise ValueError("digest")
    return given
