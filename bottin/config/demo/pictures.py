"""A terminal's last frame as an SVG that asks nothing of another host."""

from io import StringIO
from pathlib import Path
from typing import Final

from rich.console import Console, RenderableType
from rich.terminal_theme import TerminalTheme

_WIDEST: Final = 140
_INK, _PAPER, _YELLOW, _GREEN = (27, 26, 22), (240, 236, 222), (255, 214, 10), (122, 196, 126)
_DIM: Final = (150, 145, 130)
# The eight colours of a terminal, black to white: those of the site for the two that are used.
_COLOURS: Final = [_INK, (224, 108, 96), _GREEN, _YELLOW, _DIM, _DIM, _DIM, _PAPER]
_THEME: Final = TerminalTheme(_INK, _PAPER, _COLOURS, _COLOURS)
# As rich's own, without its window and without its font, which comes from another host.
_FORMAT: Final = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<title>bottin demo swarm</title>
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; \
font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" \
height="{terminal_height}"/></clipPath>{lines}</defs>
<rect width="{width}" height="{height}" rx="8" fill="#1b1a16"/>
<g transform="translate(9, 25)" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def write(path: Path, *shown: RenderableType) -> None:
    """Write what a terminal would show, one thing under the other, as wide as it needs to be."""
    console = Console(
        record=True,
        width=_WIDEST,
        file=StringIO(),
        force_terminal=True,
        color_system="truecolor",
        highlight=False,
    )
    console.width = max(console.measure(one).maximum for one in shown)
    for one in shown:
        console.print(one)
    svg = console.export_svg(theme=_THEME, code_format=_FORMAT, unique_id="bottin")
    path.write_text(svg, encoding="utf-8")
