"""Registers the `audit` app: who did what, to what, when."""

from importlib import import_module

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """App registration."""

    name = "bottin.audit"
    label = "audit"

    def ready(self) -> None:
        """Listen to accounts, which sits below and cannot call."""
        import_module("bottin.audit.receivers")
