"""Programs that call the API: each with its token, or without."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from bottin.accounts import tokens
from bottin.accounts.models import Account
from bottin.accounts.tokens import TokenRequest
from bottin.accounts.viewer import viewer_for
from tests.factories import catalog

ALL_SCOPES: Final = frozenset({"read", "download", "publish"})


@dataclass(slots=True)
class Caller:
    """Someone who calls the API, with a token or without."""

    account: Account | None = None
    token: str | None = None
    language: str = "en"
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def get(self, path: str, query: Mapping[str, Any] | None = None, **headers: str) -> Any:
        """Ask for a path below `/api/v1`."""
        return self.client.get(f"/api/v1{path}", query, headers=self._headers(headers))

    def post(self, path: str, data: Mapping[str, Any] | None = None, **headers: str) -> Any:
        """Send a multipart form."""
        return self.client.post(f"/api/v1{path}", data or {}, headers=self._headers(headers))

    def send(self, method: str, path: str, body: bytes, content_type: str, **headers: str) -> Any:
        """Send a body as it is."""
        return self.client.generic(
            method, f"/api/v1{path}", body, content_type, headers=self._headers(headers)
        )

    def _headers(self, more: Mapping[str, str]) -> dict[str, str]:
        headers = {"Accept-Language": self.language}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        return headers | {name.replace("_", "-"): value for name, value in more.items()}


def caller_for(account: Account, scopes: frozenset[str] = ALL_SCOPES) -> Caller:
    """Give an account a token and return who calls with it."""
    request = TokenRequest("essai", scopes, 90)
    issued = tokens.issue(account, request, by=viewer_for(account), at=timezone.now())
    return Caller(account, issued.raw)


def form(raw: bytes | None = None, **given: Any) -> dict[str, Any]:
    """Fill the form of a new release as it should be."""
    torrent = SimpleUploadedFile("album.torrent", catalog.torrent() if raw is None else raw)
    return {
        "torrent": torrent,
        "title": "Chansons libres",
        "category": str(catalog.MUSIC),
        "licence": "CC-BY-SA-4.0",
        "provenance_url": "https://example.org/chansons",
        "description": "Des chansons **libres**.",
        "language": "fr",
        "tags": ["chanson", "guitare"],
    } | given
