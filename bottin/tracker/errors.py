"""What the tracker's control side refuses."""

from bottin.lib.errors import DomainError


class KeyNotIssuable(DomainError):
    """The derived announce key holds a word that clients would rewrite (HTTP-15): renew it once."""

    code = "tracker.key_not_issuable"


class BadClientRule(DomainError):
    """A rule about clients that cannot be kept. Context: `reason`, `head`, `limit`.

    Reasons: `client_head`, `client_why`, `client_why_letters`, `client_why_length`,
    `client_rules`, and `client_none_allowed` where nobody at all would be served.
    """

    code = "tracker.bad_client_rule"


class ClientRuleGone(DomainError):
    """There is no such rule about clients: it was changed or removed meanwhile."""

    code = "tracker.client_rule_gone"
