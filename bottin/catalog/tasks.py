"""Background work of the catalogue."""

from bottin.catalog import actions


def refresh_counts() -> None:
    """Count the shelves again; lists read these counts only where counting is slow."""
    actions.recount_listed()
