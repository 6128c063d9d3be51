"""Which front end answers which path."""

from django.urls import URLPattern, URLResolver, include, path

from bottin.config.health import healthz, readyz

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("api/", include("bottin.api.urls")),
]
