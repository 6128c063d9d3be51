"""Parts of a file for who takes up a broken download again (RFC 9110, section 14)."""

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.utils.http import http_date

_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_CHUNK: Final = 1 << 16
_PARTIAL: Final = 206
_NOT_SATISFIABLE: Final = 416


def file_response(request: HttpRequest, path: Path, content_type: str) -> HttpResponseBase:
    """Give a file that never changes, or the one part of it that is asked for.

    Several parts at once, and what is no range of bytes, are answered with the whole.
    """
    known = path.stat()
    tag = f'"{known.st_mtime_ns:x}-{known.st_size:x}"'
    changed = http_date(int(known.st_mtime))
    wanted = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    answer: HttpResponseBase
    if wanted is None or not any(wanted.groups()) or not _is_same(request, tag, changed):
        answer = FileResponse(path.open("rb"), content_type=content_type)
    else:
        answer = _part(path, known.st_size, (wanted[1], wanted[2]), content_type)
    answer["Accept-Ranges"] = "bytes"
    answer["ETag"] = tag
    answer["Last-Modified"] = changed
    return answer


def _part(path: Path, size: int, wanted: tuple[str, str], content_type: str) -> HttpResponseBase:
    first, last = wanted
    # Without a beginning: so many bytes from the end.
    begin = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if begin > end or (first and last and int(first) > int(last)):
        refusal = HttpResponse(status=_NOT_SATISFIABLE)
        refusal["Content-Range"] = f"bytes */{size}"
        return refusal
    answer = StreamingHttpResponse(
        _bytes_of(path, begin, end - begin + 1), status=_PARTIAL, content_type=content_type
    )
    answer["Content-Range"] = f"bytes {begin}-{end}/{size}"
    answer["Content-Length"] = str(end - begin + 1)
    return answer


def _bytes_of(path: Path, begin: int, left: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(begin)
        while left and (chunk := file.read(min(_CHUNK, left))):
            left -= len(chunk)
            yield chunk


def _is_same(request: HttpRequest, tag: str, changed: str) -> bool:
    """Whether what the client has a part of is this file, where it asks to be sure."""
    asked = request.headers.get("If-Range", "").strip()
    if not asked or asked.startswith('"'):
        return not asked or asked == tag
    try:
        return parsedate_to_datetime(asked) == parsedate_to_datetime(changed)
    except ValueError:
        return False
