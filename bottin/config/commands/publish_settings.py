"""Where to publish and with which token: options, then the environment, then a file."""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bottin.config.commands.publish_client import is_safe_address
from bottin.config.commands.publish_words import gettext as _
from bottin.config.publishing.said import BadMetadata, Said
from bottin.config.publishing.tables import DESCRIPTION_FILE, Table, read_table
from bottin.config.values import parse_origin

_KNOWN: Final = frozenset({"site", "token", "template", "templates"})


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
    site = site or _text(kept, "site")
    token = token or _text(kept, "token")
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


def template_of(name: str) -> Table | None:
    """Return the template `name` of this user's settings; "" asks for the usual one, if any.

    Raises WrongUsage when there is none of that name, or when it cannot be read.
    """
    path = settings_file()
    kept = _read(path)
    name = name or _text(kept, "template")
    if not name:
        return None
    known = kept.get("templates")
    table = known.get(name) if isinstance(known, dict) else None
    if not isinstance(table, dict):
        words = _("%(path)s has no template named %(name)s.")
        raise WrongUsage(words % {"path": path, "name": name})
    try:
        read = read_table(table, _("template %s") % name)
    except BadMetadata as error:
        raise WrongUsage(f"{path}: {error}") from None
    if read.description_file:
        _add_description(read, path)
    return read


def _add_description(table: Table, settings: Path) -> None:
    place = settings.parent / table.description_file
    try:
        text = place.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise WrongUsage(f"{settings}: {DESCRIPTION_FILE}: {place}") from None
    table.fields["description"] = Said(text, table.description_file)


def _text(kept: dict[str, Any], name: str) -> str:
    value = kept.get(name, "")
    if not isinstance(value, str):
        words = _("%(path)s: %(name)s must be a text.")
        raise WrongUsage(words % {"path": settings_file(), "name": name})
    return value


def _read(path: Path) -> dict[str, Any]:
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
    return found
