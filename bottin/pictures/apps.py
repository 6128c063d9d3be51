"""Pictures and texts as a Django application."""

from django.apps import AppConfig


class PicturesConfig(AppConfig):
    """What a publisher puts beside a release to look at and to read."""

    name = "bottin.pictures"
