"""Which front end answers which path."""

from django.urls import URLPattern, URLResolver, include, path

from bottin.config.health import healthz, readyz
from bottin.web.urls_accounts import allauth_urlpatterns

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("api/", include("bottin.api.urls")),
    path("", include("bottin.feeds.urls")),
    path("", include("bottin.web.urls")),
    path("", include(allauth_urlpatterns)),
]
handler400 = "bottin.web.views.errors.bad_request"
handler403 = "bottin.web.views.errors.forbidden"
handler404 = "bottin.web.views.errors.not_found"
handler500 = "bottin.web.views.errors.broken"
