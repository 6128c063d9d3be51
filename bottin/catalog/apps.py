"""Registers the `catalog` app: releases, categories, licences and who may see them."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """App registration."""

    name = "bottin.catalog"
    label = "catalog"
