"""Refusals of the catalogue."""

from bottin.lib.errors import DomainError


class ReleaseNotFound(DomainError):
    """No such release, or none that this viewer may know of. Context: `release_id`."""

    code = "catalog.release_not_found"


class ReleaseGone(DomainError):
    """It was removed; its page is a tombstone (LAW-7).

    Context: `release_id`, `legal` (451 rather than 410).
    """

    code = "catalog.release_gone"

    @property
    def is_legal(self) -> bool:
        """Whether the law asked for it."""
        return bool(self.context.get("legal"))


class CategoryNotFound(DomainError):
    """No such shelf. Context: `slug` or `id`."""

    code = "catalog.category_not_found"


class ImpossibleChange(DomainError):
    """The state table has no such step (LAW-6). Context: `from_state`, `to_state`."""

    code = "catalog.impossible_change"


class ReasonRequired(DomainError):
    """This change must be explained to the publisher. Context: `to_state`."""

    code = "catalog.reason_required"


class StaleDecision(DomainError):
    """Someone decided in between. Context: `state`, `by` (a name or None), `at`."""

    code = "catalog.stale_decision"


class ChangeNotAllowed(DomainError):
    """The viewer may not make this change of this release. Context: `to_state`."""

    code = "catalog.change_not_allowed"


class WithdrawalTooLate(DomainError):
    """A publisher withdraws freely for a day, then asks the team (TOR-3). Context: `hours`."""

    code = "catalog.withdrawal_too_late"


class AlreadyListed(DomainError):
    """Another release has this info-hash. Context: `release_id` of that one."""

    code = "catalog.already_listed"


class SortUnknown(DomainError):
    """No such order. Context: `sort`, `known`."""

    code = "catalog.sort_unknown"


class NotDownloadable(DomainError):
    """Its state does not let it be fetched. Context: `release_id`, `state`."""

    code = "catalog.not_downloadable"


class AccountNeeded(DomainError):
    """Only members download it; the viewer is a stranger. Context: `release_id`."""

    code = "catalog.account_needed"


class AccountSuspended(DomainError):
    """The viewer's account is not active. Context: `state`."""

    code = "catalog.account_suspended"


class WorkNotFound(DomainError):
    """No such work, or none of its releases is for this viewer. Context: `work_id`."""

    code = "catalog.work_not_found"


class InvalidWork(DomainError):
    """A work needs a title, and identifiers that can be read. Context: `field`, `value`."""

    code = "catalog.invalid_work"


class CannotMerge(DomainError):
    """A work merges with another one, and once. Context: `work_id`, `other_id`."""

    code = "catalog.cannot_merge"


class CannotSplit(DomainError):
    """A split takes some releases of a work and leaves some. Context: `work_id`."""

    code = "catalog.cannot_split"


class CannotUndo(DomainError):
    """That change was undone already, or what it made has changed since. Context: `change_id`."""

    code = "catalog.cannot_undo"


class BadReplacement(DomainError):
    """A release is replaced by another one that is published. Context: `release_id`."""

    code = "catalog.bad_replacement"


class TagNotFound(DomainError):
    """No such tag, or the release does not have it. Context: `slug`."""

    code = "catalog.tag_not_found"


class BadAlias(DomainError):
    """A tag stands for another one, never for itself. Context: `slug`, `other`."""

    code = "catalog.bad_alias"


class WebSeedRefused(DomainError):
    """An address that cannot be a web seed.

    Context: `reason` (`not_https`, `host`, `too_many`, `too_long`), `hosts`, `limit`.
    """

    code = "catalog.web_seed_refused"


class FormatUnknown(DomainError):
    """Citations are not written that way. Context: `format`, `known`."""

    code = "catalog.format_unknown"
