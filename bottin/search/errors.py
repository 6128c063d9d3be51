"""Refusals of search."""

from bottin.lib.errors import DomainError


class BadQuery(DomainError):
    """The query cannot be understood. Context: `reason`, `at` (characters), and what it names.

    Reasons: `too_long`, `too_many_words`, `too_deep`, `too_many_values` (with `limit`),
    `bad_value`, `bad_comparison`, `unknown_category`, `unknown_value`, `unknown_field`
    (with `field`, `value`). `understood` is what stands before the fault, in its one form.
    """

    code = "search.bad_query"


class SearchNotReady(DomainError):
    """The index is being built for the first time: try again shortly."""

    code = "search.not_ready"


class IndexBusy(DomainError):
    """Another process is rebuilding the index."""

    code = "search.index_busy"


class BadSynonyms(DomainError):
    """A group of synonyms that cannot be kept. Context: `reason`, `word`, `limit`.

    Reasons: `synonym_count`, `synonym_word`, `synonym_taken`, `synonym_groups`.
    """

    code = "search.bad_synonyms"


class SynonymsNotFound(DomainError):
    """There is no such group of synonyms."""

    code = "search.synonyms_not_found"
