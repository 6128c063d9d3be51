"""What a command needs before it may touch the site: settings, Django, a database that answers."""

import functools
import os
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from bottin.config import env
from bottin.config.database import running

P = ParamSpec("P")
R = TypeVar("R")


def load_django() -> None:
    """Load Django and the apps; again does nothing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bottin.config.settings")
    import django

    django.setup()


def with_database(command: Callable[P, R]) -> Callable[P, R]:
    """Have Django loaded and the database up while the command runs.

    When the site is not running, its PostgreSQL is started for the command.
    """

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with running(env.load()):
            load_django()
            return command(*args, **kwargs)

    return run
