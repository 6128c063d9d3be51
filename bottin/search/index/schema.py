"""The fields of the index, and how text becomes words."""

from pathlib import Path
from typing import Final

import tantivy

from bottin.search.bands import KIND_MASK

PLAIN, FRENCH, ENGLISH, SPACED = "plain", "french", "english", "spaced"
# A column alone: the engine cuts a text of it into no words at all.
UNSOUGHT: Final = "unsought"
_LONGEST_WORD: Final = 60

# field, analyser, weight in relevance
TEXT: Final = (
    ("title", PLAIN, 5.0),
    ("french", FRENCH, 1.0),
    ("english", ENGLISH, 1.0),
    ("authors", PLAIN, 2.5),
    ("files", PLAIN, 0.6),
)
NAMES: Final = "names"
NAMES_WEIGHT: Final = 4.0
GRAMS: Final = "grams"
# Compared whole; those of `COUNTED` are counted too.
EXACT: Final = (
    "licence",
    "family_word",
    "language",
    "tag",
    "publisher",
    "kind",
    "version",
    "open",
    "status",
    "webseed",
    "hash",
    "identifier",
    "size_band",
    "year_band",
)
COUNTED: Final = {
    "licence": "licence_code",
    "language": "language_code",
    "tag": "tag",
    "publisher": "publisher_name",
}
# The field that holds what is chosen of a facet, where it has another name.
CHOSEN_IN: Final = {
    "family": "family_word",
    "licence": "licence_code",
    "language": "language_code",
    "publisher": "publisher_name",
    "size": "size_band",
    "year": "year_band",
}
_COUNTED_ONLY: Final = ("licence_code", "language_code", "publisher_name")
# The others are asked by range, from their column.
_ASKED_WHOLE: Final = ("category", "family")
NUMBERS: Final = ("category", "family", "size", "year")
# Small facets packed in two numbers: one pass over the hits counts them all.
BUNDLES: Final = ("life_bundle", "size_bundle")
NAME: Final = "by_name"
NAME_HEAD: Final = "by_name_head"
WEIGHT: Final = "weight"


def schema(orders: tuple[str, ...]) -> tantivy.Schema:
    """Return the fields; `orders` are the numbers that hits are ordered by."""
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", indexed=True, fast=True)
    for name, analyser, _ in TEXT:
        builder.add_text_field(name, tokenizer_name=analyser)
    for name in (NAMES, GRAMS):
        builder.add_text_field(name, tokenizer_name=SPACED)
    for name in EXACT:
        is_fast = name in COUNTED.values()
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=is_fast)
    for name in _COUNTED_ONLY:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_text_field(NAME, tokenizer_name=UNSOUGHT, index_option="basic", fast=True)
    for name in (*NUMBERS, *BUNDLES, KIND_MASK, NAME_HEAD):
        builder.add_unsigned_field(name, indexed=name in _ASKED_WHOLE, fast=True)
    for name in orders:
        builder.add_unsigned_field(name, fast=True)
    builder.add_float_field(WEIGHT, fast=True)
    return builder.build()


def open_index(folder: Path, orders: tuple[str, ...]) -> tantivy.Index:
    """Open the index in a folder, making an empty one where there is none."""
    return registered(tantivy.Index(schema(orders), path=str(folder)))


def registered(index: tantivy.Index) -> tantivy.Index:
    """Tell an index how our fields are cut into words."""
    for name, analyser in ANALYSERS.items():
        index.register_tokenizer(name, analyser)
    index.register_fast_field_tokenizer(UNSOUGHT, _WHOLE)
    return index


def _analyser(tokenizer: tantivy.Tokenizer, stemmer: str | None = None) -> tantivy.TextAnalyzer:
    # Accents go before the stem: what is typed without them then meets what is written with.
    builder = tantivy.TextAnalyzerBuilder(tokenizer)
    for step in (
        tantivy.Filter.remove_long(_LONGEST_WORD),
        tantivy.Filter.lowercase(),
        tantivy.Filter.ascii_fold(),
    ):
        builder = builder.filter(step)
    if stemmer:
        builder = builder.filter(tantivy.Filter.stemmer(stemmer))
    return builder.build()


ANALYSERS: Final = {
    PLAIN: _analyser(tantivy.Tokenizer.simple()),
    FRENCH: _analyser(tantivy.Tokenizer.simple(), "french"),
    ENGLISH: _analyser(tantivy.Tokenizer.simple(), "english"),
    SPACED: _analyser(tantivy.Tokenizer.whitespace()),
    UNSOUGHT: tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
    .filter(tantivy.Filter.remove_long(0))
    .build(),
}
_WHOLE: Final = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw()).build()
