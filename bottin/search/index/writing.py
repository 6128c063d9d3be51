"""The writer: adds, replaces and removes releases; survives what the engine does not."""

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tantivy import Query

from bottin.search.bands import KIND_MASK, mask_of, pack, size_band, year_band
from bottin.search.entries import ORDERS, Entry, name_head, name_key, order_keys, weight_of
from bottin.search.index.schema import (
    BUNDLES,
    CHOSEN_IN,
    GRAMS,
    NAME,
    NAME_HEAD,
    NAMES,
    WEIGHT,
    open_index,
)

_HEAP: Final = 15_000_000  # bytes for each thread: the least that tantivy takes
# Of a build: as much as its documents want before they are written down. Each time that it
# is full makes a segment, and merging segments costs as much again.
_HEAP_EACH: Final = 1_000
_HEAP_MAX: Final = 1_000_000_000
_BUILD_THREADS: Final = 2
_PANIC: Final = "PanicException"
_ENCODE: Final = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
_YES_NO: Final = {True: "yes", False: "no"}


class WriterLost(Exception):
    """The engine's writer failed or its thread died: open the folder again."""


class Writer:
    """Adds, replaces and removes; nothing is seen before `commit`. One at a time per folder.

    Every method raises WriterLost when the engine fails under it; this writer is
    of no use then, and what was not committed is to be done again.
    """

    def __init__(self, folder: Path, *, to_come: int = 0) -> None:
        """Open the folder, making an empty index where there is none.

        `to_come` is how many releases a build will add: it takes memory for them, 1 GB
        for a million, and two threads.
        """
        heap = min(_HEAP_MAX, _BUILD_THREADS * _HEAP + _HEAP_EACH * to_come)
        threads, heap = (_BUILD_THREADS, heap) if to_come else (1, _HEAP)
        with _supervised():
            self._index = open_index(folder, ORDERS)
            self._writer = self._index.writer(heap_size=heap, num_threads=threads)

    def add(self, entries: Iterable[Entry]) -> None:
        """Add releases that are not there yet."""
        for entry in entries:
            document = _ENCODE(_document(entry))
            # Not by the manager below: it would cost more than the rest of the line.
            try:
                self._writer.add_json(document)
            except BaseException as error:
                _tell(error)
                raise

    def remove(self, release_ids: Sequence[int]) -> None:
        """Take releases out; what is added afterwards stays."""
        # Deleting by term takes a number for a signed one, and finds nothing in this field.
        if release_ids:
            these = Query.term_set_query(self._index.schema, "id", list(release_ids))
            with _supervised():
                self._writer.delete_documents_by_query(these)

    def commit(self) -> None:
        """Make everything since the last commit visible and durable."""
        with _supervised():
            self._writer.commit()

    def close(self) -> None:
        """Wait for merges and let go of the folder; the writer is of no use afterwards."""
        with _supervised():
            self._writer.wait_merging_threads()


@contextmanager
def _supervised() -> Iterator[None]:
    """Turn what the engine throws, its panics too, into WriterLost.

    A panic comes as an exception outside of `Exception`: uncaught, it would end the
    worker's thread. After one in a thread of the engine's, calls fail with ValueError.
    """
    try:
        yield
    except BaseException as error:
        _tell(error)
        raise


def _tell(error: BaseException) -> None:
    if isinstance(error, OSError | ValueError) or type(error).__name__ == _PANIC:
        raise WriterLost(str(error)) from error


def _document(entry: Entry) -> dict[str, Sequence[str | int | float]]:
    """Write an entry down, each number into a field of its own kind.

    The only place that makes documents. The engine reads them as text, for that is
    quicker than field by field, and refuses a number that its field cannot hold.
    """
    name = name_key(entry)
    return {
        "id": (entry.release_id,),
        **_texts(entry),
        **_facets(entry),
        "category": (entry.category_id,),
        "family": (entry.family_id,),
        "size": (entry.size_bytes,),
        "year": (entry.year,),
        **{field: (key,) for field, key in order_keys(entry).items()},
        NAME: (name,),
        NAME_HEAD: (name_head(name),),
        # The engine multiplies a score by log2(2 + weight).
        WEIGHT: (math.exp2(min(weight_of(entry), 64.0)) - 2.0,),
    }


def _texts(entry: Entry) -> dict[str, Sequence[str]]:
    both = f"{entry.title}\n{entry.body}"
    texts = {
        "title": entry.title,
        "french": entry.title if entry.language == "en" else both,
        "english": entry.title if entry.language == "fr" else both,
        "files": entry.files,
        "authors": entry.authors,
        NAMES: entry.names,
        GRAMS: entry.grams,
    }
    return {field: (text,) for field, text in texts.items() if text}


def _facets(entry: Entry) -> dict[str, Sequence[str | int]]:
    packed = {
        "status": entry.status,
        "open": _YES_NO[entry.is_open],
        "webseed": _YES_NO[entry.has_web_seed],
        "version": entry.version,
        "size": size_band(entry.size_bytes),
        "family": entry.licence_family,
        "year": year_band(entry.year),
    }
    found: dict[str, Sequence[str | int]] = {b: (pack(b, packed),) for b in BUNDLES}
    found[KIND_MASK] = (mask_of(entry.exact.get("kind", ())),)
    found["licence_code"] = (entry.licence,) if entry.licence else ()
    found["publisher_name"] = (entry.publisher,) if entry.publisher else ()
    for name, value in packed.items():
        found[CHOSEN_IN.get(name, name)] = (value,) if value else ()
    for name, values in entry.exact.items():
        found[name] = [value for value in values if value]
    return found
