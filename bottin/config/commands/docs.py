"""`bottin docs`: the generated pages of docs/."""

from pathlib import Path
from typing import Final

import typer

DOCS: Final = Path(__file__).parents[3] / "docs"
app = typer.Typer()


@app.command()
def docs() -> None:
    """Write docs/settings.md from the settings, docs/openapi.json from the API."""
    from bottin.config.settings_page import settings_page
    from bottin.config.site import load_django

    load_django()
    from bottin.api import openapi

    for name, text in (("settings.md", settings_page()), ("openapi.json", openapi.document())):
        (DOCS / name).write_text(text, encoding="utf-8")
        typer.echo(f"Written: {DOCS / name}")
