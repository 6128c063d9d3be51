"""The tracker without a site: its settings are those of the tracker, its lists are files."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from bottin.config import env, logs
from bottin.config.errors import ConfigError
from bottin.config.options import Options
from bottin.config.part import leave_at_once, note_hang_up, stop_on_signals
from bottin.config.succession import end_predecessor, refuse_other_process
from bottin.config.values import Address
from bottin.tracker import site
from bottin.tracker.figures_server import FiguresServer
from bottin.tracker.standalone import Lists, Signals, State, run

_UNIX: Final = "unix:"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says; `allow` None serves everything."""

    allow: Path | None
    deny: Path | None
    listen: tuple[str, ...]
    state: Path | None
    figures: str | None
    replaces: int | None = None


def serve(asked: Asked) -> None:
    """Serve until SIGTERM or SIGINT; SIGHUP has lists, rules and certificate read again.

    Raises ConfigError with a sentence when it cannot start.
    """
    signals = Signals(stop_on_signals(), note_hang_up())
    options = env.load()
    logs.configure(options, "tracker")
    refuse_other_process(asked.replaces)
    try:
        run(
            signals,
            Lists(asked.allow, asked.deny, options.tracker_clients_file),
            configuration=configuration(options, asked.listen),
            state=State(asked.state, predecessor_ends=partial(end_predecessor, asked.replaces)),
            figures=_figures(options, asked.figures),
        )
    except (ValueError, OSError) as error:
        raise ConfigError(str(error)) from None
    leave_at_once()


def configuration(options: Options, listen: tuple[str, ...]) -> dict[str, object]:
    """Write the data plane's settings; `listen` wins over those of the environment."""
    settings = site.serving(options) | {
        "standalone": {
            "max_torrents": options.tracker_max_torrents,
            "new_torrents_per_hour": options.tracker_new_torrents,
        }
    }
    if listen:
        paths = [text.removeprefix(_UNIX) for text in listen if text.startswith(_UNIX)]
        addresses = [text for text in listen if not text.startswith(_UNIX)]
        settings |= {"listen": [str(Address.parse(text)) for text in addresses]}
        settings |= {"unix_listen": paths} if paths else {}
    return settings


def _figures(options: Options, asked: str | None) -> FiguresServer | None:
    if asked == "off":
        return None
    address = Address.parse(asked) if asked else options.metrics_listen
    return FiguresServer(address.host, address.port, language=options.language)
