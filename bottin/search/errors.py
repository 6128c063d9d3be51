"""Refusals of search."""

from bottin.lib.errors import DomainError


class BadQuery(DomainError):
    """The query cannot be understood. Context: `reason`, `at` (characters), and what it names.

    Reasons: `too_long`, `too_many_words`, `too_deep` (with `limit`), `nothing_to_search`,
    `bad_value`, `bad_comparison`, `unknown_category`, `unknown_value` (with `field`, `value`).
    """

    code = "search.bad_query"


class SearchNotReady(DomainError):
    """The index is being built for the first time: try again shortly."""

    code = "search.not_ready"


class IndexBusy(DomainError):
    """Another process is rebuilding the index."""

    code = "search.index_busy"
