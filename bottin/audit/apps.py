"""Registers the `audit` app: who did what, to what, when."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """App registration."""

    name = "bottin.audit"
    label = "audit"
