"""The base of every refusal."""

from typing import ClassVar


class DomainError(Exception):
    """A refusal the caller can act on, never a bug, never an HTTP status.

    `code` is a stable dotted name (`area.reason`) that front ends map to words
    and that tests pin. `context` holds the particulars: plain strings, integers
    and lists of them, safe to show to the person who asked.
    """

    code: ClassVar[str]

    def __init__(self, **context: object) -> None:
        """Keep `context`; the text of the exception is the code alone."""
        super().__init__(self.code)
        self.context = context

    def __repr__(self) -> str:
        """Name, code and context, for logs and failing tests."""
        return f"{type(self).__name__}({self.code!r}, {self.context!r})"

    def __reduce__(self) -> tuple[object, ...]:
        """Let a refusal cross a process boundary with its context."""
        return _rebuild, (type(self), self.context)


def _rebuild(kind: type[DomainError], context: dict[str, object]) -> DomainError:
    return kind(**context)
