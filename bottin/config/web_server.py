"""The HTTP server of the web part: granian, with limits on what a slow or huge request takes."""

import os
import signal
from typing import Final

from django.core.handlers.wsgi import WSGIHandler
from django.urls import get_resolver
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from bottin.config.child import die_with_parent
from bottin.config.options import Options

HEADER_TIMEOUT_S: Final = 10  # REL-25
BUFFER_SIZE: Final = 16 * 1024  # headers included, REL-25
_STOP_S: Final = 4


def load_views() -> None:
    """Load every view once, here and not in each worker: they are forks and share them."""
    get_resolver().url_patterns  # noqa: B018 - reading it loads them


def serve_pages(options: Options) -> None:
    """Serve until SIGTERM or SIGINT; Django is loaded and the static files are collected.

    The application is made before anything listens, so that a mistake in it shows.
    """
    application = WSGIHandler()

    def load() -> WSGIHandler:
        # The first process ends its workers, but not when it is killed itself.
        die_with_parent(signal.SIGKILL, os.getppid())
        return application

    Server(
        "bottin.config.wsgi:application",
        address=options.web_listen.host,
        port=options.web_listen.port,
        interface=Interfaces.WSGI,
        workers=options.web_workers,
        blocking_threads=options.web_threads,
        backlog=1024,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEADER_TIMEOUT_S * 1000, max_buffer_size=BUFFER_SIZE
        ),
        websockets=False,
        log_level=LogLevels.warning,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_S,
    ).serve(target_loader=load, wrap_loader=False)
