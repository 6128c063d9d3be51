"""Registers the `web` app: the pages that people see."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """App registration."""

    name = "bottin.web"
    label = "web"
