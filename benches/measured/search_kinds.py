"""The kinds of queries that `benches/search.py` asks of the index and of PostgreSQL."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from benches.measured.made_up import Vocabulary

_MATCH: Final = "FROM bench_text WHERE words @@ plainto_tsquery('french', %s)"
_RANK: Final = " ORDER BY ts_rank(words, plainto_tsquery('french', %s)) DESC"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of query: how to ask the n-th of it from the index, and from PostgreSQL."""

    name: str
    request: Callable[[int], Any]
    sql: Callable[[int], tuple[str, list[Any]]] | None = None
    # Whether counts that an earlier one left may be used.
    is_again: bool = False


def kinds(vocabulary: Vocabulary) -> Iterator[Kind]:
    """Tell what is asked."""
    yield from _by_words(vocabulary)
    yield from _by_parts(vocabulary)
    yield from _narrowed(vocabulary)


def _by_words(vocabulary: Vocabulary) -> Iterator[Kind]:
    from bottin.search.requests import SearchRequest

    groups = {
        "rare word": vocabulary.words[20_000:39_000],
        "middling word": vocabulary.words[1_000:3_000],
        "common word": vocabulary.words[150:250],
        "word of half of all": vocabulary.words[5:25],
    }
    for name, words in groups.items():
        yield Kind(
            name,
            lambda n, words=words: SearchRequest(_nth(words, n), with_facets=True),  # type: ignore[misc]
            lambda n, words=words: _ranked(_nth(words, n)),  # type: ignore[misc]
        )
    yield Kind(
        "the same, asked again",
        lambda n: SearchRequest(_nth(groups["word of half of all"], n), with_facets=True),
        is_again=True,
    )
    middle, common = groups["middling word"], groups["common word"]

    def two(number: int) -> str:
        return f"{_nth(middle, number)} {_nth(common, number)}"

    yield Kind(
        "two words",
        lambda n: SearchRequest(two(n), with_facets=True),
        lambda n: _ranked(two(n)),
    )


def _by_parts(vocabulary: Vocabulary) -> Iterator[Kind]:
    from bottin.search.requests import SearchRequest

    request = partial(SearchRequest, with_facets=True)
    common, middle = vocabulary.words[150:250], vocabulary.words[1_000:3_000]
    rare = vocabulary.words[20_000:39_000]

    def phrase(number: int) -> str:
        return f"{_nth(common, number)} {_nth(common, number + 1)}"

    yield Kind(
        "phrase",
        lambda n: request(f'"{phrase(n)}"'),
        lambda n: (
            "FROM bench_text WHERE words @@ phraseto_tsquery('french', %s) ORDER BY age_min",
            [phrase(n)],
        ),
    )
    yield Kind(
        "beginning of a word",
        lambda n: request(_nth(middle, n)[:4]),
        lambda n: (
            "FROM bench_text WHERE words @@ to_tsquery('simple', %s) ORDER BY age_min",
            [f"{_nth(middle, n)[:4]}:*"],
        ),
    )
    yield Kind("one letter wrong", lambda n: request(f"{_misspelt(_nth(rare, n))} "))
    yield Kind("file name", lambda n: request(f"file:{_nth(middle, n)}"))
    yield Kind("common word by name", lambda n: request(_nth(common, n), sort="title"))


def _narrowed(vocabulary: Vocabulary) -> Iterator[Kind]:
    from bottin.catalog.models import Category
    from bottin.search.requests import SearchRequest

    request = partial(SearchRequest, with_facets=True)
    common = vocabulary.words[150:250]
    shelf = Category.objects.filter(parent__isnull=False, alias_of=None).first()
    chosen = {"status": ("alive", "fragile"), "language": ("fr",)}
    yield Kind(
        "common, in a shelf, seeders",
        lambda n: request(_nth(common, n), category=shelf, sort="seeders"),
        lambda n: (
            f"{_MATCH} AND category = {shelf.pk if shelf else 0} ORDER BY seeders DESC",
            [_nth(common, n)],
        ),
    )
    yield Kind(
        "common, two facets chosen",
        lambda n: request(_nth(common, n), filters=chosen),
        lambda n: (
            f"{_MATCH} AND seeders > 0 AND language = 'fr'{_RANK}",
            [_nth(common, n), _nth(common, n)],
        ),
    )
    yield Kind(
        "everything by date",
        lambda _n: request("", sort="newest"),
        lambda _n: ("FROM bench_text ORDER BY age_min", []),
    )
    yield Kind("the same, asked again", lambda _n: request("", sort="newest"), is_again=True)
    yield Kind(
        "size and seeders by size",
        lambda n: request(f"size:>{1 + n % 9}G seeders:>0", sort="size"),
        lambda n: (
            "FROM bench_text WHERE size > %s AND seeders > 0 ORDER BY size DESC",
            [(1 + n % 9) * 10**9],
        ),
    )


def _ranked(word: str) -> tuple[str, list[Any]]:
    return _MATCH + _RANK, [word, word]


def _nth(words: list[str], number: int) -> str:
    return words[number % len(words)]


def _misspelt(word: str) -> str:
    return f"{word[:2]}{word[3]}{word[2]}{word[4:]}" if len(word) > 4 else word
