"""Registers the `search` app: the index and its query language."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """App registration."""

    name = "bottin.search"
    label = "search"
