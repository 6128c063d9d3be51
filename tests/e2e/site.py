"""A whole site in its own processes: `bottin serve` on a folder and ports of its own."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from tests.e2e.clients import free_port, wait_until

PASSWORD: Final = "une-phrase-de-passe-assez-longue"
ROOT: Final = Path(__file__).resolve().parents[2]


@dataclass(slots=True)
class Site:
    """One running site; `bottin(…)` runs a command against it."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    web: int = field(default_factory=free_port)
    tracker: int = field(default_factory=free_port)
    metrics: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def origin(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.web}"

    @property
    def environment(self) -> dict[str, str]:
        """The settings, and nothing of the person who runs the tests."""
        clean = {key: value for key, value in os.environ.items() if not key.startswith("BOTTIN_")}
        clean.pop("DATABASE_URL", None)
        clean.pop("DJANGO_SETTINGS_MODULE", None)
        return clean | {
            "BOTTIN_DATA_DIR": str(self.folder),
            "BOTTIN_SITE_URL": self.origin,
            "BOTTIN_WEB_LISTEN": f"127.0.0.1:{self.web}",
            "BOTTIN_TRACKER_LISTEN": f"127.0.0.1:{self.tracker},[::1]:{self.tracker}",
            "BOTTIN_METRICS_LISTEN": f"127.0.0.1:{self.metrics}",
            "BOTTIN_ARGON2_MEMORY": "64KiB",
            **self.settings,
        }

    def start(self) -> None:
        """Start it and wait until it is ready."""
        with (self.folder.parent / f"{self.folder.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bottin", "serve"],
                env=self.environment, cwd=ROOT, stdout=log, stderr=log,
            )  # fmt: skip
        wait_until(self.is_ready, "the site is ready", 240)

    def is_ready(self) -> bool:
        """Whether pages and database answer."""
        assert self.process is not None
        assert self.process.poll() is None, f"serve ended: see {self.folder.name}.log"
        try:
            return httpx.get(f"{self.origin}/readyz").status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self) -> int:
        """Stop it as an operator would; the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(15)

    def bottin(self, *arguments: str) -> str:
        """Run a command of the site; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "bottin", *arguments],
            check=False, env=self.environment | {"BOTTIN_PASSWORD": PASSWORD},
            cwd=ROOT, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def person(self, name: str, role: str = "member") -> "Person":
        """Create an account and a token of every scope."""
        self.bottin("user", "create", name, "--email", f"{name}@example.org", "--role", role)
        scopes = ["--scope", "read", "--scope", "download", "--scope", "publish"]
        told = self.bottin("token", "create", "test", "--account", name, *scopes, "--json")
        return Person(self, name, str(json.loads(told)["token"]))


@dataclass(frozen=True, slots=True)
class Person:
    """An account of the site, acting through the API."""

    site: Site
    name: str
    token: str

    def _call(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": "en"}
        url = f"{self.site.origin}/api/v1{path}"
        return httpx.request(method, url, headers=headers, timeout=30, **options)

    def publish(self, torrent: bytes, title: str, **fields: str) -> str:
        """Publish a `.torrent`; the release's id."""
        form = {
            "title": title,
            "category": "130100",
            "licence": "CC-BY-4.0",
            "provenance_url": "https://example.org/work",
            **fields,
        }
        files = {"torrent": ("work.torrent", torrent, "application/x-bittorrent")}
        reply = self._call("POST", "/releases", data=form, files=files)
        assert reply.status_code == 201, reply.text
        return str(reply.json()["id"])

    def torrent(self, release_id: str) -> bytes:
        """Download the personal `.torrent`."""
        reply = self._call("GET", f"/releases/{release_id}/torrent")
        assert reply.status_code == 200, reply.text
        return reply.content

    def me(self) -> dict[str, Any]:
        """Read what the site says of this member."""
        reply = self._call("GET", "/me")
        assert reply.status_code == 200, reply.text
        told: dict[str, Any] = reply.json()
        return told

    def release(self, release_id: str) -> dict[str, Any]:
        """Read a release as this member sees it."""
        told: dict[str, Any] = self._call("GET", f"/releases/{release_id}").json()
        return told
