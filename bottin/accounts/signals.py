"""The one signal of the package: accounts sits below audit and tracker, which listen."""

from dataclasses import dataclass, field

from django.dispatch import Signal

# Sent inside the transaction of the change, with: account_id (int), action ("account.key_renewed"),
# actor_id (int, or None for an operator or a stranger), reason (str), detail (dict, JSON).
account_changed = Signal()


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to an account, by whom and why."""

    account_id: int
    action: str
    actor_id: int | None
    reason: str = ""
    detail: dict[str, object] = field(default_factory=dict)


def tell(change: Change) -> None:
    """Tell whoever listens; a listener that fails undoes the change."""
    account_changed.send(
        sender=Change,
        account_id=change.account_id,
        action=change.action,
        actor_id=change.actor_id,
        reason=change.reason,
        detail=change.detail,
    )
