"""Registers the `catalog` app: releases, categories, licences and who may see them."""

from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class CatalogConfig(AppConfig):
    """App registration."""

    name = "bottin.catalog"
    label = "catalog"

    def ready(self) -> None:
        """Have the shelves and the licences there after each `migrate`."""
        post_migrate.connect(_sync_reference_data, sender=self, dispatch_uid="catalog.reference")


def _sync_reference_data(**sent: Any) -> None:  # noqa: ANN401 - Django's signal
    # Models cannot be imported before the apps are loaded.
    from bottin.catalog.actions import sync_reference_data

    # Going back to before the first migration leaves no table to fill; a flush names no state.
    models = sent.get("apps", apps).get_models()
    if any(model.__name__ == "CategoryFact" for model in models):
        sync_reference_data()
