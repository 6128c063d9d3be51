"""The writer: adds, replaces and removes releases; survives what the engine does not."""

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from json.encoder import encode_basestring
from pathlib import Path
from typing import Final

from tantivy import Query

from bottin.lib.memory import machine_bytes
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
_HEAP_EACH: Final = 2_000
_HEAP_MAX: Final = 2_000_000_000
_HEAP_SHARE: Final = 6  # of the machine's memory, one part of so many
_BUILD_THREADS: Final = 2
_PANIC: Final = "PanicException"
_quoted: Final = encode_basestring
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

        `to_come` is how many releases a build will add: it takes memory for them, 2 GB
        for a million where that is a sixth of the machine's, and two threads.
        """
        threads, heap = (_BUILD_THREADS, _heap_for(to_come)) if to_come else (1, _HEAP)
        with _supervised():
            self._index = open_index(folder, ORDERS)
            self._writer = self._index.writer(heap_size=heap, num_threads=threads)

    def add(self, entries: Iterable[Entry]) -> None:
        """Add releases that are not there yet."""
        for entry in entries:
            document = _document(entry)
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


def _heap_for(releases: int) -> int:
    least = _BUILD_THREADS * _HEAP
    share = machine_bytes() // _HEAP_SHARE
    return max(least, min(_HEAP_MAX, share, least + _HEAP_EACH * releases))


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


def _document(entry: Entry) -> str:
    """Write an entry down as JSON, each number into a field of its own kind.

    The only place that makes documents. The engine reads them as text, for that is
    quicker than field by field, and refuses a number that its field cannot hold.
    """
    name = name_key(entry)
    orders = "".join([f'"{field}":{key:d},' for field, key in order_keys(entry).items()])
    # The engine multiplies a score by log2(2 + weight).
    weight = math.exp2(min(weight_of(entry), 64.0)) - 2.0
    return (
        f'{{"id":{entry.release_id:d},"category":{entry.category_id:d},'
        f'"family":{entry.family_id:d},"size":{entry.size_bytes:d},"year":{entry.year:d},'
        f'{orders}"{WEIGHT}":{weight!r},"{NAME_HEAD}":{name_head(name):d},'
        f"{_texts(entry)}{_words(entry)}{_facets_of(entry)}"
        f'"{NAME}":{_quoted(name)}}}'
    )


def _texts(entry: Entry) -> str:
    title, both = _quoted(entry.title), _quoted(f"{entry.title}\n{entry.body}")
    french, english = title if entry.language == "en" else both, both
    texts = [
        f'"title":{title},"french":{french},',
        f'"english":{title if entry.language == "fr" else english},',
    ]
    others = {
        "files": entry.files,
        "authors": entry.authors,
        NAMES: entry.names,
        GRAMS: entry.grams,
    }
    texts += [f'"{field}":{_quoted(text)},' for field, text in others.items() if text]
    return "".join(texts)


def _words(entry: Entry) -> str:
    found = [
        f'"{name}":[{",".join([_quoted(value) for value in values if value])}],'
        for name, values in entry.exact.items()
    ]
    mask = mask_of(entry.exact.get("kind", ()))
    publisher = f'"publisher_name":{_quoted(entry.publisher)},' if entry.publisher else ""
    return f'"{KIND_MASK}":{mask:d},{publisher}{"".join(found)}'


def _facets_of(entry: Entry) -> str:
    return _facets(
        (
            ("status", entry.status),
            ("open", _YES_NO[entry.is_open]),
            ("webseed", _YES_NO[entry.has_web_seed]),
            ("version", entry.version),
            ("size", size_band(entry.size_bytes)),
            ("family", entry.licence_family),
            ("year", year_band(entry.year)),
        ),
        entry.licence,
    )


@lru_cache(maxsize=20_000)
def _facets(values: tuple[tuple[str, str], ...], licence: str) -> str:
    """Write down what is one of few values; releases that are alike in all of it are many."""
    packed = dict(values)
    bundles = "".join([f'"{bundle}":{pack(bundle, packed):d},' for bundle in BUNDLES])
    named = {CHOSEN_IN.get(name, name): value for name, value in values}
    named["licence_code"] = licence
    words = [f'"{name}":{_quoted(value)},' for name, value in named.items() if value]
    return f"{bundles}{''.join(words)}"
