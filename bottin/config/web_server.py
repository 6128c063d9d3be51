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


def make_application() -> WSGIHandler:
    """Make the application, views and all; Django is loaded.

    Once, and not in each worker: they are forks and share it, and a mistake in
    it shows before anything listens.
    """
    get_resolver().url_patterns  # noqa: B018 - loads every view
    return WSGIHandler()


def serve_pages(options: Options, application: WSGIHandler) -> None:
    """Serve until SIGTERM or SIGINT."""

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
