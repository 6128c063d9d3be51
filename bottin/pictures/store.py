"""Files of pictures in the data directory, named by the SHA-256 of their content."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection

FORMS: Final = {"webp": "image/webp", "avif": "image/avif"}
_NAME: Final = re.compile(r"([0-9a-f]{64})\.(webp|avif)")
# Any number, ours alone among the advisory locks of the database: "PICT".
_LOCK: Final = 0x50494354


def folder() -> Path:
    """Return where they are."""
    return Path(settings.BOTTIN_DATA_DIR) / "pictures"


def path_of(digest: str, form: str) -> Path:
    """Return where a file is; `digest` is 64 hexadecimal digits, `form` one of `FORMS`."""
    if not _NAME.fullmatch(f"{digest}.{form}"):
        raise ValueError("no name of a picture")
    return folder() / digest[:2] / f"{digest}.{form}"


def hold() -> None:
    """Keep the sweep away until this transaction ends: what is put here gets its row first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_LOCK])


def hold_alone() -> None:
    """Wait until nobody puts files, and have those who want to wait until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def put(content: bytes, form: str) -> str:
    """Keep a file, whole or not at all; return its digest. The same twice is one."""
    digest = hashlib.sha256(content).hexdigest()
    path = path_of(digest, form)
    if path.exists():
        return digest
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")  # for this user alone
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    return digest


def read(digest: str, form: str) -> bytes | None:
    """Return a file, None when it is not there."""
    try:
        return path_of(digest, form).read_bytes()
    except (FileNotFoundError, ValueError):
        return None


def kept() -> Iterator[tuple[Path, str]]:
    """Go through all files: path and digest; "" for what a stopped write left behind."""
    for path in sorted(folder().glob("??/*")) + sorted(folder().glob("??/.new-*")):
        named = _NAME.fullmatch(path.name)
        if named or path.name.startswith(".new-"):
            yield path, named[1] if named else ""
