"""Registers the `uploads` app: a .torrent on its way to a listing."""

from django.apps import AppConfig


class UploadsConfig(AppConfig):
    """App registration."""

    name = "bottin.uploads"
    label = "uploads"
