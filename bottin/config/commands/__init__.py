"""The commands of `bottin`, one module each, exporting a typer application `app`."""
