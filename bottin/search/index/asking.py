"""A plan with its parts compiled, to be put together with or without one of them."""

from functools import cached_property
from typing import Final

import tantivy
from tantivy import Query

from bottin.search.entries import Plan
from bottin.search.index.compiling import Compiler, all_of
from bottin.search.index.schema import ANALYSERS, EXACT, NAMES, PLAIN, TEXT
from bottin.search.language import AllOf, AnyOf, Filter, Node, Not, Phrase, Word
from bottin.search.scripts import name_of

# Beginnings of so many letters say as much as words; of so few, nothing.
_SPEAKING: Final = 5
_MUTE: Final = 2
# One part of everything in so many is a good part.
_MOST: Final = 6
# Where the words of these fields of the language stand.
_WORDS_OF: Final = {"title": "title", "file": "files", "author": "authors"}


class Asked:
    """What a plan asks of one commit."""

    def __init__(
        self, schema: tantivy.Schema, plan: Plan, searcher: tantivy.Searcher, commit: object
    ) -> None:
        """`commit` tells this commit from others."""
        self.plan = plan
        self.schema = schema
        self.searcher = searcher
        self.commit = commit
        self.compiler = self._compiler(is_ranked=False)
        self._words = self.compiler.everything(plan.node)
        self._parts = {
            name: self.compiler.chosen(name, values) for name, values in plan.chosen.items()
        }
        if plan.category_ids:
            self._parts["category"] = self.compiler.numbers("category", plan.category_ids)
        self._always = [self.compiler.numbers("id", plan.only)] if plan.only is not None else []

    def narrowed(self, *, without: str = "") -> Query:
        """Return what is asked, one facet left out; it finds the same as `ranked`."""
        return self._narrowed(self._words, without)

    def ranked(self, words: Query | None = None) -> Query:
        """Return what is asked, scored by its words, or by others than those of the plan."""
        everything = self._compiler(is_ranked=True).everything
        return self._narrowed(words or everything(self.plan.node), "")

    def with_also(self, query: Query, *others: Query) -> Query:
        """Return what all of these find, ranked by the first."""
        return all_of([query, *others]) or query

    @cached_property
    def at_most(self) -> int:
        """Return what the words find at most, by what the index holds of each; often far more.

        Words that only begin so are few beside those spelt so; what short beginnings and
        numbers find is not known, and taken for a part of everything.
        """
        return self._at_most(self.plan.node)

    @property
    def is_most(self) -> bool:
        """Whether the words may find a good part of everything."""
        return self.at_most * _MOST >= int(self.searcher.num_docs)

    def _at_most(self, node: Node) -> int:
        everything = int(self.searcher.num_docs)
        match node:
            case Word():
                return min(everything, self._at_most_so(node, everything))
            case Phrase(text):
                return min((self._held(word) for word in text.split()), default=everything)
            case AllOf(nodes):
                return min(map(self._at_most, nodes), default=everything)
            case AnyOf(nodes):
                return min(everything, sum(map(self._at_most, nodes)))
            case Filter(field, _, value):
                return min(self._held_in(field, str(value)), default=everything // (_MOST + 1))
            case Not():
                return everything

    def _at_most_so(self, word: Word, everything: int) -> int:
        if word.is_prefix and len(word.text) <= _MUTE:
            return everything
        is_short = word.is_prefix and len(word.text) < _SPEAKING
        return max(self._held(word.text), everything // (_MOST + 1) if is_short else 0)

    def _held(self, word: str) -> int:
        terms = {(field, term) for field, by, _ in TEXT for term in ANALYSERS[by].analyze(word)}
        terms.add((NAMES, name_of(word)))
        return sum(self.searcher.doc_freq(field, term) for field, term in terms)

    def _held_in(self, field: str, value: str) -> list[int]:
        """Return how many hold each whole word that a field is held to; nothing for numbers."""
        if field not in _WORDS_OF:
            whole = [value] if field in EXACT else []
            return [self.searcher.doc_freq(field, one) for one in whole]
        words = ANALYSERS[PLAIN].analyze(value)
        whole = words[:-1] if value.endswith("*") else words
        return [self.searcher.doc_freq(_WORDS_OF[field], one) for one in whole]

    def _compiler(self, *, is_ranked: bool) -> Compiler:
        plan = self.plan
        return Compiler(
            self.schema, has_typos=plan.has_typos, now_s=plan.now_s, is_ranked=is_ranked
        )

    def _narrowed(self, words: Query, without: str) -> Query:
        parts = [query for name, query in self._parts.items() if name != without]
        wanted = self.with_also(words, *parts, *self._always)
        if not self.plan.never:
            return wanted
        never = self.compiler.numbers("id", self.plan.never)
        return Query.boolean_query([(tantivy.Occur.Must, wanted), (tantivy.Occur.MustNot, never)])
