"""What the tracker's control side refuses."""

from bottin.lib.errors import DomainError


class KeyNotIssuable(DomainError):
    """The derived announce key holds a word that clients would rewrite (HTTP-15): renew it once."""

    code = "tracker.key_not_issuable"
