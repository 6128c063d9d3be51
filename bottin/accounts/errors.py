"""Refusals of the accounts app."""

from bottin.lib.errors import DomainError


class NotAllowed(DomainError):
    """The viewer's role lacks the permission named in the context."""

    code = "accounts.not_allowed"
