"""Where routes are written down; one path has one router, whatever its methods."""

from typing import Final

from ninja import Router

RELEASES: Final = Router(tags=["catalogue"])
ME: Final = Router(tags=["me"])
