"""Registers the `accounts` app: people, roles, sign-in and tokens."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """App registration."""

    name = "bottin.accounts"
    label = "accounts"
