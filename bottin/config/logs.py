"""Log lines: one shape for our own and for libraries', redacted, for people or as JSON."""

import logging
import logging.config
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog
from structlog.typing import Processor

from bottin.config.options import Options
from bottin.config.redaction import redact_event

_SHARED: Final[list[Processor]] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def logging_settings(options: Options, part: str) -> dict[str, Any]:
    """Build Django's LOGGING: everything goes to stderr, redacted after the traceback is text."""
    level = options.log_level.upper()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": _last_steps(options, part),
                "foreign_pre_chain": _SHARED,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            # Refused requests (404, wrong host…) are the internet's weather, not ours.
            "django.request": {"level": "ERROR"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "django_tasks_db": {"level": "WARNING"},
            "django_tasks": {"level": "WARNING"},
        },
    }


def configure(options: Options, part: str) -> None:
    """Set up logging in a process without Django, or before it."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(logging_settings(options, part))


def _last_steps(options: Options, part: str) -> list[Processor]:
    is_terminal = options.log_format == "auto" and sys.stderr.isatty()
    is_console = options.log_format == "console" or is_terminal
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(
            colors=is_terminal, exception_formatter=structlog.dev.plain_traceback
        )
        if is_console
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )

    def name_part(
        _logger: object, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        return {"part": part, **event}

    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        name_part,
        structlog.processors.format_exc_info,
        structlog.processors.UnicodeDecoder(),
        redact_event,
        renderer,
    ]
