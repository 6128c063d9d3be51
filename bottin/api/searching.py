"""A search as the API asks it (filters beside the words) and answers it."""

from typing import Any

from bottin.accounts.viewer import Viewer
from bottin.catalog.queries import ReleasePage


def search_page(viewer: Viewer, filters: Any) -> ReleasePage:  # noqa: ANN401 - until search lands
    """Return the page of releases that match; raises BadCursor."""
    raise NotImplementedError(viewer, filters)
