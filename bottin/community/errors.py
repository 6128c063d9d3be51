"""Refusals of the community app."""

from bottin.lib.errors import DomainError


class TooManyBookmarks(DomainError):
    """The account keeps `limit` bookmarks already."""

    code = "community.too_many_bookmarks"


class TooManySearches(DomainError):
    """The account keeps `limit` searches already."""

    code = "community.too_many_searches"


class SearchExists(DomainError):
    """The account keeps this search already, called `name`."""

    code = "community.search_exists"


class SearchUnknown(DomainError):
    """The account has no such saved search."""

    code = "community.search_unknown"


class BadSearch(DomainError):
    """A saved search needs a name, something to look for and a known pace."""

    code = "community.bad_search"


class BadHook(DomainError):
    """A hook is an https address of at most `limit` signs; `reason`: `address`, `off`."""

    code = "community.bad_hook"


class TooManyHooks(DomainError):
    """The account has `limit` hooks already."""

    code = "community.too_many_hooks"


class HookUnknown(DomainError):
    """The account has no hook for this search."""

    code = "community.hook_unknown"


class BadPace(DomainError):
    """Letters come never, at once, daily or weekly."""

    code = "community.bad_pace"


class BadOffer(DomainError):
    """An offer of disk space is from `least_bytes` to `most_bytes`."""

    code = "community.bad_offer"


class NothingToPledge(DomainError):
    """None of the releases that were chosen can be pledged."""

    code = "community.nothing_to_pledge"


class TooManyPledges(DomainError):
    """The account has `limit` open pledges already."""

    code = "community.too_many_pledges"


class PledgeUnknown(DomainError):
    """The account has no such open pledge."""

    code = "community.pledge_unknown"


class BadPick(DomainError):
    """A pick needs a sentence in both languages, of at most `limit` signs."""

    code = "community.bad_pick"
