"""What the ledger refuses."""

from bottin.lib.errors import DomainError


class JournalGap(DomainError):
    """Facts are missing between what was applied and what was handed in."""

    code = "ledger.journal_gap"


class LedgerRunsElsewhere(DomainError):
    """Another process applies the journal at this moment."""

    code = "ledger.runs_elsewhere"


class HoldUnknown(DomainError):
    """There is no such hold."""

    code = "ledger.hold_unknown"


class HoldDecided(DomainError):
    """Somebody decided on this hold already."""

    code = "ledger.hold_decided"


class FlagUnknown(DomainError):
    """There is no such open flag."""

    code = "ledger.flag_unknown"
