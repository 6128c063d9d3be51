"""Registers the `tracker` app: keys, the policy feed and swarm counts."""

from django.apps import AppConfig


class TrackerConfig(AppConfig):
    """App registration."""

    name = "bottin.tracker"
    label = "tracker"

    def ready(self) -> None:
        """Connect the receiver of changed accounts."""
        from bottin.tracker import receivers  # noqa: F401 - importing connects
