"""A person at a terminal, who publishes."""

import random
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner, Result

from bottin.config.commands.publish import app
from tests.factories.api import Caller

DESCRIBED = [
    "--category",
    "distributions-linux",
    "--licence",
    "GPL-3.0-or-later",
    "--source",
    "https://example.org/image",
]


@dataclass(slots=True)
class Desk:
    """A person at a terminal: their files, their token, the site."""

    folder: Path
    site: str
    caller: Caller

    def content(self, name: str = "image.iso", size: int = 200_000) -> Path:
        """Write a file of known bytes."""
        path = self.folder / name
        path.write_bytes(random.Random(name).randbytes(size))
        return path

    def run(self, *arguments: object, **environment: str) -> Result:
        """Run the command."""
        return CliRunner().invoke(
            app,
            [str(argument) for argument in arguments],
            env={
                "BOTTIN_SITE": self.site,
                "BOTTIN_TOKEN": self.caller.token or "",
                "XDG_STATE_HOME": str(self.folder / "state"),
                "XDG_CONFIG_HOME": str(self.folder / "config"),
                "LANGUAGE": "",
                "LC_ALL": "C.UTF-8",
            }
            | environment,
        )
