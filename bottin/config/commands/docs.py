"""`bottin docs`: the generated pages of docs/."""

from pathlib import Path

import typer

app = typer.Typer()


@app.command()
def docs() -> None:
    """Write docs/settings.md from the settings themselves."""
    from bottin.config.settings_page import settings_page

    target = Path(__file__).parents[3] / "docs" / "settings.md"
    target.write_text(settings_page(), encoding="utf-8")
    typer.echo(f"Written: {target}")
