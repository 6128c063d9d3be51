"""The site as `bottin publish` sees it: its API, asked again while the network fails."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, Self
from urllib.parse import urljoin, urlsplit

import httpx

from bottin.config.commands.publish_words import gettext as _

_TIMEOUT: Final = httpx.Timeout(120, connect=10)
_LONGEST_WAIT_S: Final = 300
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
# The directory has the torrent already.
DUPLICATE: Final = "uploads.duplicate"
# The same answer comes from asking again later: the first attempt has not ended.
_STILL_RUNNING: Final = "api.still_running"


class SiteRefused(Exception):
    """The site said no, in words: `fields` are (field, sentence) pairs."""

    def __init__(
        self,
        status: int,
        sentence: str,
        *,
        code: str = "",
        fields: tuple[tuple[str, str], ...] = (),
        problem: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep what the site said; `problem` may name a release in the way."""
        super().__init__(sentence)
        self.status, self.sentence, self.code, self.fields = status, sentence, code, fields
        told = problem or {}
        self.page = str(told.get("page") or "")
        # The account's own release of the same torrent, "" when it is another's.
        self.own_release_id = str(told.get("release_id") or "") if told.get("is_own") else ""

    def __str__(self) -> str:
        """Return the sentence, then a line for each field."""
        lines = [self.sentence, *(f"  {name}: {words}" for name, words in self.fields)]
        return "\n".join([*lines, f"  {self.page}"] if self.page else lines)


class SiteUnreachable(Exception):
    """The network or the site failed as often as we were ready to ask."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long to wait: 1 s, 2 s, 4 s… with a random share, `tries` in all."""

    tries: int = 6
    first_s: float = 1.0
    sleep: Callable[[float], None] = time.sleep
    told: Callable[[str], None] = field(default=lambda _sentence: None)

    def wait_s(self, attempt: int, asked_s: float | None) -> float:
        """Return how long to wait after failed `attempt` (from 0); `asked_s` is Retry-After."""
        own_s: float = self.first_s * 2**attempt * random.uniform(1, 1.25)  # noqa: S311 - spread
        return min(_LONGEST_WAIT_S, max(own_s, asked_s or 0))


@dataclass(frozen=True, slots=True)
class Published:
    """What the site made of a torrent file."""

    release_id: str
    state: str
    page: str
    warnings: tuple[str, ...] = ()


class Site:
    """A site's API with a token. Use it in a `with`."""

    def __init__(self, origin: str, token: str, language: str, patience: Patience) -> None:
        """Open a client for `origin`, such as `https://bottin.example`."""
        self._patience = patience
        self._origin = origin.rstrip("/")
        self._client = httpx.Client(
            base_url=self._origin,
            timeout=_TIMEOUT,
            headers={
                "Authorization": f"Bearer {token}",
                "Accept-Language": language,
                "User-Agent": "bottin-publish",
            },
        )

    def __enter__(self) -> Self:
        """Return the site itself."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close its connections."""
        self._client.close()

    def publish(
        self, name: str, torrent: bytes, fields: Sequence[tuple[str, str]], key: str
    ) -> Published:
        """Hand a torrent file in; `key` makes asking again harmless (API-7).

        Raises SiteRefused, SiteUnreachable.
        """
        form: dict[str, list[str]] = {}
        for field_name, value in fields:
            form.setdefault(field_name, []).append(value)
        answer = self._ask(
            "POST",
            "/api/v1/releases",
            data=form,
            files={"torrent": (name, torrent, "application/x-bittorrent")},
            headers={"Idempotency-Key": key},
        )
        body = answer.json()
        warnings = tuple(f"{w['code']}: {w['subject']}" for w in body.get("warnings", ()))
        return Published(body["id"], body["state"], self._absolute(body["page"]), warnings)

    def release(self, release_id: str) -> Published:
        """Ask how a release stands. Raises SiteRefused, SiteUnreachable."""
        body = self._ask("GET", f"/api/v1/releases/{release_id}").json()
        return Published(body["id"], body["state"], self._absolute(body["page"]))

    def personal_torrent(self, release_id: str) -> bytes:
        """Fetch the torrent file that carries the account's key. Raises as `publish`."""
        return self._ask("GET", f"/api/v1/releases/{release_id}/torrent").content

    def _absolute(self, address: str) -> str:
        return urljoin(f"{self._origin}/", address)

    def _ask(self, method: str, path: str, **request: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own options
        for attempt in range(self._patience.tries):
            failure, asked_s = "", None
            try:
                answer = self._client.request(method, path, **request)
            except httpx.TransportError as error:
                failure = str(error) or type(error).__name__
            else:
                if not _is_passing(answer):
                    return _accepted(answer)
                failure, asked_s = f"HTTP {answer.status_code}", _retry_after_s(answer)
            if attempt + 1 < self._patience.tries:
                self._pause(attempt, failure, asked_s)
        raise SiteUnreachable(
            _("%(site)s does not answer (%(why)s). Run the same command again to go on.")
            % {"site": self._origin, "why": failure}
        )

    def _pause(self, attempt: int, failure: str, asked_s: float | None) -> None:
        wait_s = self._patience.wait_s(attempt, asked_s)
        self._patience.told(
            _("%(why)s: trying again in %(seconds)d s") % {"why": failure, "seconds": wait_s}
        )
        self._patience.sleep(wait_s)


def is_safe_address(origin: str) -> bool:
    """Say whether a token may be sent there: over TLS, or to this machine."""
    parts = urlsplit(origin)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


def _is_passing(answer: httpx.Response) -> bool:
    """Say whether the same request may succeed later."""
    if answer.status_code == HTTPStatus.CONFLICT:
        return _problem(answer).get("code") == _STILL_RUNNING
    return answer.status_code == HTTPStatus.TOO_MANY_REQUESTS or answer.is_server_error


def _retry_after_s(answer: httpx.Response) -> float | None:
    given = answer.headers.get("Retry-After", "")
    return float(given) if given.isdecimal() else None


def _accepted(answer: httpx.Response) -> httpx.Response:
    if answer.is_success:
        return answer
    if answer.is_redirect:
        elsewhere = answer.headers.get("Location", "")
        words = _("The site answers from elsewhere: use --site %(site)s")
        raise SiteRefused(answer.status_code, words % {"site": elsewhere}, code="redirect")
    problem = _problem(answer)
    raise SiteRefused(
        answer.status_code,
        str(problem.get("detail") or f"HTTP {answer.status_code}"),
        code=str(problem.get("code", "")),
        fields=tuple(
            (str(error.get("pointer", "")).lstrip("/"), str(error.get("detail", "")))
            for error in problem.get("errors", ())
        ),
        problem=problem,
    )


def _problem(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
