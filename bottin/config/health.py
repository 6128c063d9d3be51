"""`/healthz`: the process answers. `/readyz`: it can serve, database and migrations included."""

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from bottin.config.listeners import MARK_HEADER

log = structlog.get_logger(__name__)
_migrated: list[bool] = []  # once true, true for this process's code


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer as long as the process lives, and say for which site."""
    headers = {MARK_HEADER: settings.BOTTIN_SITE_MARK}
    return HttpResponse("ok\n", content_type="text/plain", headers=headers)


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> HttpResponse:
    """Answer 200 when pages can be served, else 503 and which check failed."""
    checks = {"database": _has_database()}
    checks["migrations"] = checks["database"] and _is_migrated()
    status = 200 if all(checks.values()) else 503
    return JsonResponse({"ready": status == 200, "checks": checks}, status=status)  # noqa: PLR2004


def _has_database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        log.warning("readyz.database", error=str(error))
        return False
    return True


def _is_migrated() -> bool:
    if not _migrated:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        _migrated.append(True)
    return True
