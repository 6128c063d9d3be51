"""Registers the `moderation` app: decisions of the team."""

from django.apps import AppConfig


class ModerationConfig(AppConfig):
    """App registration."""

    name = "bottin.moderation"
    label = "moderation"
