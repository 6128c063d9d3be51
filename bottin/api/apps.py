"""Registers the `api` app: the JSON front end."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """App registration."""

    name = "bottin.api"
    label = "api"
