"""Which front end answers which path."""

from django.urls import URLPattern, URLResolver, path

from bottin.config.health import healthz, readyz

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz),
    path("readyz", readyz),
]
