"""A plan with its parts compiled, to be put together with or without one of them."""

from functools import cached_property
from typing import Final

import tantivy
from tantivy import Query

from bottin.search.entries import Plan
from bottin.search.index.compiling import Compiler, all_of
from bottin.search.index.schema import ANALYSERS, NAMES, TEXT
from bottin.search.language import AllOf, AnyOf, Filter, Node, Not, Phrase, Word
from bottin.search.scripts import name_of

# Beginnings of so many letters say as much as words.
_SPEAKING: Final = 5


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
        """Return more than the words find, by what the index holds of each; cheap, often far more.

        Words that only begin so are few beside those spelt so, but for the shortest.
        """
        return self._at_most(self.plan.node)

    def _at_most(self, node: Node) -> int:
        everything = int(self.searcher.num_docs)
        match node:
            case Word(text, is_prefix):
                is_short = is_prefix and len(text) < _SPEAKING
                return everything if is_short else min(everything, self._held(text))
            case Phrase(text):
                return min((self._held(word) for word in text.split()), default=everything)
            case AllOf(nodes):
                return min(map(self._at_most, nodes), default=everything)
            case AnyOf(nodes):
                return min(everything, sum(map(self._at_most, nodes)))
            case Not() | Filter():
                return everything

    def _held(self, word: str) -> int:
        terms = {(field, term) for field, by, _ in TEXT for term in ANALYSERS[by].analyze(word)}
        terms.add((NAMES, name_of(word)))
        return sum(self.searcher.doc_freq(field, term) for field, term in terms)

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
