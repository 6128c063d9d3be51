"""Hears of changed accounts, inside the transaction of the change."""

from typing import Any

from django.dispatch import receiver

from bottin.accounts.signals import account_changed
from bottin.tracker import outbox


@receiver(account_changed)
def tell_the_data_plane(*, account_id: int, **_: Any) -> None:  # noqa: ANN401 - of a signal
    """Queue the account: its state, key version or language may be another."""
    outbox.account_changed(account_id)
