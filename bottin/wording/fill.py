"""Puts the particulars of a refusal into its sentence."""

from collections.abc import Callable, Mapping


class _Particulars(dict[str, object]):
    """The context of a refusal for `%`: what is not there shows as “?”."""

    def __missing__(self, key: str) -> str:
        del key
        return "?"


def plain(value: object) -> object:
    """Write a particular as it is; lists with commas."""
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value


def fill(
    words: str, context: Mapping[str, object], written: Callable[[object], object] = plain
) -> str:
    """Return the translated `words` with each particular as `written` writes it."""
    return words % _Particulars((name, written(value)) for name, value in context.items())
