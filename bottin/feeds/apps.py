"""The application of feeds."""

from django.apps import AppConfig


class FeedsConfig(AppConfig):
    """RSS and Atom of every list, and the `.torrent` files that they lead to."""

    name = "bottin.feeds"
