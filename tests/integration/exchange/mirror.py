"""A mirror of the site, as small as one can be: a dump, then what changed."""

import hashlib
import io
import json
from typing import Any

import zstandard
from django.test import Client


class Mirror:
    """Holds the releases by id, and the cursor to go on from."""

    def __init__(self, site: Client) -> None:
        self.site = site
        self.releases: dict[str, dict[str, Any]] = {}
        self.cursor = "0"
        self.pages = 0

    def load(self, day: str) -> None:
        """Take a dump, checked by its checksums."""
        files = {name: self._file(day, name) for name in ("manifest.json", "releases.ndjson.zst")}
        sums = dict(
            line.split("  ")[::-1] for line in self._file(day, "SHA256SUMS").decode().splitlines()
        )
        for name, content in files.items():
            assert hashlib.sha256(content).hexdigest() == sums[name]
        packed = io.BytesIO(files["releases.ndjson.zst"])
        text = zstandard.ZstdDecompressor().stream_reader(packed).read().decode()
        rows = map(json.loads, text.splitlines())
        self.releases = {row["id"]: row for row in rows}
        self.cursor = str(json.loads(files["manifest.json"])["cursor"])

    def follow(self, limit: int = 1_000) -> None:
        """Apply what changed since."""
        has_more = True
        while has_more:
            has_more = self._page(limit)

    def _page(self, limit: int) -> bool:
        answer = self.site.get(f"/dumps/changes?after={self.cursor}&limit={limit}")
        assert answer.status_code == 200, answer.content
        *lines, last = map(json.loads, answer.text.splitlines())
        for line in lines:
            if line["kind"] == "gone":
                self.releases.pop(line["id"], None)
            else:
                self.releases[line["id"]] = line
        self.cursor = last["cursor"]
        self.pages += 1
        return bool(last["has_more"])

    def _file(self, day: str, name: str) -> bytes:
        answer: Any = self.site.get(f"/dumps/{day}/{name}")
        assert answer.status_code == 200
        return b"".join(answer.streaming_content)
