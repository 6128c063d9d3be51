"""The application that takes catalogues in and gives them out."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Dumps, the feed of changes, imports."""

    name = "bottin.exchange"
