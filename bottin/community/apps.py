"""Registers the `community` app: what members keep, look for, promise and recommend."""

from django.apps import AppConfig


class CommunityConfig(AppConfig):
    """App registration."""

    name = "bottin.community"
    label = "community"
