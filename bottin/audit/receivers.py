"""Writes the line of each change of an account; accounts sits below and cannot call."""

from django.dispatch import receiver

from bottin.accounts.signals import account_changed
from bottin.audit import log


@receiver(account_changed, dispatch_uid="audit.account_changed")
def write_account_change(  # noqa: PLR0913 - the arguments of the signal
    sender: object,
    *,
    account_id: int,
    action: str,
    actor_id: int | None,
    reason: str,
    detail: dict[str, object],
    **_: object,
) -> None:
    """Append the line, in the transaction of the change."""
    del sender
    log.record(
        action, actor_id=actor_id, subject=f"account:{account_id}", reason=reason, detail=detail
    )
