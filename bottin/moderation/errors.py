"""Refusals of moderation."""

from bottin.lib.errors import DomainError


class UnknownReason(DomainError):
    """No such reason for that decision. Context: `reason_code`, `decision`."""

    code = "moderation.unknown_reason"


class ReasonTextNeeded(DomainError):
    """This reason has to be explained in words. Context: `reason_code`."""

    code = "moderation.reason_text_needed"


class RemarkMissing(DomainError):
    """A decision on credit or a flag says why, to the member and to the next moderator."""

    code = "moderation.remark_missing"


class OwnCredit(DomainError):
    """Nobody decides on their own credit, or closes a flag on their own account."""

    code = "moderation.own_credit"


class NotInQueue(DomainError):
    """It does not wait for that decision. Context: `release_id`, `state`."""

    code = "moderation.not_in_queue"
