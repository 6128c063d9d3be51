"""Where to publish and with which token: options, then the environment, then a file."""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bottin.config.commands.publish_client import is_safe_address
from bottin.config.commands.publish_words import gettext as _
from bottin.config.values import parse_origin

_KNOWN: Final = frozenset({"site", "token"})


class WrongUsage(Exception):
    """The command line or the file of settings asks for what cannot be."""


@dataclass(frozen=True, slots=True)
class Account:
    """A site and the token of an account there."""

    site: str
    token: str


def settings_file() -> Path:
    """Return where this user's settings of `bottin publish` are (XDG base directories)."""
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "bottin" / "publish.toml"


def account_of(site: str | None, token: str | None) -> Account:
    """Return where to publish; `site` and `token` come from options or the environment.

    Raises WrongUsage when one is missing, or when the token would travel unprotected.
    """
    kept = _read(settings_file())
    site, token = site or kept.get("site"), token or kept.get("token")
    if not site:
        raise WrongUsage(_("Say where to publish: --site URL, BOTTIN_SITE or %s") % settings_file())
    if not token:
        raise WrongUsage(_("Give an API token: --token T, BOTTIN_TOKEN or %s") % settings_file())
    if not token.isascii() or not token.isprintable():
        raise WrongUsage(_("The token has characters that no token has."))
    try:
        origin = parse_origin(site)
    except ValueError as error:
        raise WrongUsage(str(error)) from None
    if not is_safe_address(origin):
        raise WrongUsage(_("A token is sent over https only: %s") % origin)
    return Account(origin, token.strip())


def _read(path: Path) -> dict[str, str]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise WrongUsage(
            _("%(path)s cannot be read: %(why)s") % {"path": path, "why": error}
        ) from None
    unknown = sorted(found.keys() - _KNOWN)
    if unknown:
        raise WrongUsage(
            _("%(path)s: unknown settings: %(names)s") % {"path": path, "names": ", ".join(unknown)}
        )
    return {name: str(value) for name, value in found.items()}
