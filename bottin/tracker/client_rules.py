"""Which clients the operator lets in, by settings and a file that is read again (ID-16).

The rules of the site's team are rows, and come with the policy: see `models.ClientRule`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

import structlog

from bottin.tracker.clients import HEAD
from bottin.tracker.dataplane import DataPlane

_LISTS: Final = {"allow": "allowed", "warn": "warned", "deny": "denied"}
_MOST: Final = 1_000

log = structlog.get_logger(__name__)


class BadRules(ValueError):
    """A file of rules holds something else; the text says where."""


@dataclass(frozen=True, slots=True)
class ClientRules:
    """First characters of peer ids, and what becomes of the clients that have them."""

    allowed: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()

    @classmethod
    def of(cls, configuration: Mapping[str, Any]) -> Self:
        """Take the lists out of a data plane's settings."""
        return cls(*(tuple(configuration.get(f"{name}_clients", ())) for name in _LISTS.values()))

    def with_lines(self, path: Path) -> Self:
        """Add the rules of a file, `allow -qB`, one a line. Raises BadRules, OSError."""
        lists = {name: list(getattr(self, name)) for name in _LISTS.values()}
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            match line.partition("#")[0].split():
                case []:
                    continue
                case [verb, head] if verb in _LISTS and HEAD.fullmatch(head):
                    lists[_LISTS[verb]].append(head)
                case _:
                    raise BadRules(
                        f"{path}, line {number}: not allow, warn or deny with the 2 to 8 first"
                        " characters of a peer id"
                    )
        if sum(map(len, lists.values())) > _MOST:
            raise BadRules(f"{path}: more than {_MOST} rules")
        return replace(self, **{name: tuple(heads) for name, heads in lists.items()})


def put_in_force(plane: DataPlane, base: ClientRules, path: Path | None) -> None:
    """Read the file, if there is one, beside the settings. Raises BadRules, OSError."""
    if path is None:
        return
    rules = base.with_lines(path)
    plane.set_clients(allowed=rules.allowed, warned=rules.warned, denied=rules.denied)
    log.info(
        "clients.loaded",
        allowed=len(rules.allowed) or "all",
        warned=len(rules.warned),
        denied=len(rules.denied),
    )


def read_again(plane: DataPlane, base: ClientRules, path: Path | None) -> None:
    """Do the same, or say why the rules before stay."""
    try:
        put_in_force(plane, base, path)
    except (BadRules, OSError) as error:
        log.error("clients.kept", error=str(error))  # noqa: TRY400 - a sentence, not a bug
