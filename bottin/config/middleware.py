"""What every answer carries, and whom a request is believed to come from."""

import ipaddress
import time
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import add_never_cache_headers

from bottin.config import metrics

GetResponse = Callable[[HttpRequest], HttpResponseBase]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Everything a page could ask of a browser and ours do not.
_UNUSED_FEATURES: Final = (
    "accelerometer autoplay browsing-topics camera display-capture encrypted-media"
    " gamepad geolocation gyroscope hid idle-detection local-fonts magnetometer microphone midi"
    " payment picture-in-picture screen-wake-lock serial usb xr-spatial-tracking"
)
PERMISSIONS_POLICY: Final = ", ".join(f"{feature}=()" for feature in _UNUSED_FEATURES.split())
_METHODS: Final = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_FORWARDED: Final = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST")


class TrustedProxies:
    """Believes forwarded addresses from the site's proxies and forgets those of others.

    First in the chain: what runs after it reads REMOTE_ADDR and may trust it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response
        self._networks = [
            ipaddress.ip_network(text, strict=False) for text in settings.BOTTIN.trusted_proxies
        ]

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Set REMOTE_ADDR to the nearest address that is not one of our proxies."""
        if self._is_ours(request.META.get("REMOTE_ADDR", "")):
            request.META["REMOTE_ADDR"] = self._client(request)
            request.META.pop("HTTP_X_FORWARDED_HOST", None)
        else:
            for name in _FORWARDED:
                request.META.pop(name, None)
        return self._get_response(request)

    def _client(self, request: HttpRequest) -> str:
        nearest = str(request.META["REMOTE_ADDR"])
        hops = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
        for hop in (text.strip() for text in reversed(hops)):
            if not _is_address(hop):
                break
            nearest = hop
            if not self._is_ours(hop):
                break
        return nearest

    def _is_ours(self, text: str) -> bool:
        if not self._networks or not _is_address(text):
            return False
        return any(ipaddress.ip_address(text) in network for network in self._networks)


class SecurityHeaders:
    """Adds the headers of SEC-7 that Django does not know."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, with headers; what a member sees stays out of caches."""
        response = self._get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not response.has_header("Cache-Control") and _is_member(request):
            add_never_cache_headers(response)
        return response


class RequestFigures:
    """Counts requests by view: never by path, which holds keys and is endless."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response
        self._observe = metrics.observe_requests()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and count it."""
        began = time.perf_counter()
        response = self._get_response(request)
        match = request.resolver_match
        view = (match.view_name or "unnamed") if match else "none"
        method = request.method if request.method in _METHODS else "other"
        self._observe(str(method), view, response.status_code, began)
        return response


def _is_member(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
