"""Refusals of dumps and imports."""

from bottin.lib.errors import DomainError


class DumpsClosed(DomainError):
    """The site publishes no dumps: it is private, or its operator does not want to."""

    code = "exchange.dumps_closed"


class NoSuchDump(DomainError):
    """No dump of that day, or no such file in it. Context: `name`."""

    code = "exchange.no_such_dump"


class CursorUnknown(DomainError):
    """A cursor from the future or no cursor: the mirror starts again from a dump."""

    code = "exchange.cursor_unknown"


class ImportRefused(DomainError):
    """A record of an import was refused. Context: `reason`, a stable word, and its particulars."""

    code = "exchange.import_refused"
