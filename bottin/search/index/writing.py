"""The writer: adds, replaces and removes releases; survives what the engine does not."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import tantivy
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
_BUILD_HEAP: Final = 256_000_000
_PANIC: Final = "PanicException"
_YES_NO: Final = {True: "yes", False: "no"}


class WriterLost(Exception):
    """The engine's writer failed or its thread died: open the folder again."""


class Writer:
    """Adds, replaces and removes; nothing is seen before `commit`. One at a time per folder.

    Every method raises WriterLost when the engine fails under it; this writer is
    of no use then, and what was not committed is to be done again.
    """

    def __init__(self, folder: Path, *, is_build: bool = False) -> None:
        """Open the folder, making an empty index where there is none."""
        with _supervised():
            self._index = open_index(folder, ORDERS)
            threads, heap = (2, _BUILD_HEAP) if is_build else (1, _HEAP)
            self._writer = self._index.writer(heap_size=heap, num_threads=threads)

    def add(self, entry: Entry) -> None:
        """Add a release that is not there yet."""
        document = _document(entry)
        with _supervised():
            self._writer.add_document(document)

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
    except (OSError, ValueError) as error:
        raise WriterLost(str(error)) from error
    except BaseException as error:
        if type(error).__name__ == _PANIC:
            raise WriterLost(str(error)) from error
        raise


def _document(entry: Entry) -> tantivy.Document:
    """Write an entry down, each number into a field of its own kind.

    The only place that makes documents: a signed number in an unsigned field
    would end the engine's thread.
    """
    document = tantivy.Document()
    document.add_unsigned("id", entry.release_id)
    _add_texts(document, entry)
    _add_facets(document, entry)
    document.add_unsigned("category", entry.category_id)
    document.add_unsigned("family", entry.family_id)
    document.add_unsigned("size", entry.size_bytes)
    document.add_unsigned("year", entry.year)
    for name, key in order_keys(entry).items():
        document.add_unsigned(name, key)
    name = name_key(entry)
    document.add_text(NAME, name)
    document.add_unsigned(NAME_HEAD, name_head(name))
    # The engine multiplies a score by log2(2 + weight).
    document.add_float(WEIGHT, math.exp2(min(weight_of(entry), 64.0)) - 2.0)
    return document


def _add_texts(document: tantivy.Document, entry: Entry) -> None:
    document.add_text("title", entry.title)
    both = f"{entry.title}\n{entry.body}"
    document.add_text("french", entry.title if entry.language == "en" else both)
    document.add_text("english", entry.title if entry.language == "fr" else both)
    document.add_text("files", entry.files)
    if entry.authors:
        document.add_text("authors", entry.authors)
    if entry.names:
        document.add_text(NAMES, entry.names)
    if entry.grams:
        document.add_text(GRAMS, entry.grams)


def _add_facets(document: tantivy.Document, entry: Entry) -> None:
    exact = [(name, value) for name, values in entry.exact.items() for value in values]
    packed = {
        "status": entry.status,
        "open": _YES_NO[entry.is_open],
        "webseed": _YES_NO[entry.has_web_seed],
        "version": entry.version,
        "size": size_band(entry.size_bytes),
        "family": entry.licence_family,
        "year": year_band(entry.year),
    }
    for bundle in BUNDLES:
        document.add_unsigned(bundle, pack(bundle, packed))
    document.add_unsigned(KIND_MASK, mask_of(entry.exact.get("kind", ())))
    whole = [(CHOSEN_IN.get(name, name), value) for name, value in packed.items()]
    whole += [("licence_code", entry.licence), ("publisher_name", entry.publisher)]
    for name, value in exact + whole:
        if value:
            document.add_text(name, value)
