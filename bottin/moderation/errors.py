"""Refusals of moderation."""

from bottin.lib.errors import DomainError


class UnknownReason(DomainError):
    """No such reason for that decision. Context: `reason_code`, `decision`."""

    code = "moderation.unknown_reason"


class ReasonTextNeeded(DomainError):
    """This reason has to be explained in words. Context: `reason_code`."""

    code = "moderation.reason_text_needed"


class NotInQueue(DomainError):
    """It does not wait for that decision. Context: `release_id`, `state`."""

    code = "moderation.not_in_queue"
