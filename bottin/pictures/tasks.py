"""Background work on pictures: files that nothing uses any more are deleted."""

import time
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Final

from django.db import transaction

from bottin.pictures import store
from bottin.pictures.models import PictureFile

_BATCH: Final = 500
# What a write that was stopped left behind is deleted when nobody can be writing it any more.
_STALE_S: Final = 3600.0


def sweep_files() -> int:
    """Delete the files that no picture has; return how many.

    Nobody puts files meanwhile, a batch at a time: what is put gets its row before the
    sweep looks.
    """
    swept, files = 0, store.kept()
    while batch := list(islice(files, _BATCH)):
        with transaction.atomic():
            store.hold_alone()
            digests = [digest for _path, digest in batch if digest]
            used = set(
                PictureFile.objects.filter(digest__in=digests).values_list("digest", flat=True)
            )
            swept += sum(_deleted(path) for path, digest in batch if _is_unused(path, digest, used))
    return swept


def sweep() -> None:
    """Sweep; a loop of the worker."""
    sweep_files()


def _is_unused(path: Path, digest: str, used: set[str]) -> bool:
    if digest:
        return digest not in used
    try:
        return time.time() - path.stat().st_mtime > _STALE_S
    except FileNotFoundError:
        return False


def _deleted(path: Path) -> int:
    with suppress(FileNotFoundError):
        path.unlink()
        return 1
    return 0
