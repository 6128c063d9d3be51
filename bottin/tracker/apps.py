"""Registers the `tracker` app: keys, the policy feed and swarm counts."""

from django.apps import AppConfig


class TrackerConfig(AppConfig):
    """App registration."""

    name = "bottin.tracker"
    label = "tracker"
