"""Registers the `ledger` app: what each account sent, received and seeded."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """App registration."""

    name = "bottin.ledger"
    label = "ledger"
