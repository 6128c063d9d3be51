"""The site's secret, made at the first start, and the keys derived from it."""

import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bottin.config.errors import ConfigError
from bottin.config.options import Options

FILE_NAME: Final = "site-secret"
KEY_SIZE: Final = 32
_SECRET_SIZE: Final = 32

# One purpose, one key: a key that leaks says nothing of the others. The names are part of what
# is derived: changing one signs everybody out, or breaks every `.torrent` handed out.
DJANGO: Final = "django"
SESSION: Final = "session"
ANNOUNCE: Final = "announce key"
CONNECTION: Final = "connection id"
AUDIT: Final = "audit head"
FEED: Final = "feed key"
HOOK: Final = "hook key"
MARK: Final = "site mark"


def site_secret(options: Options) -> str:
    """Give the site's secret: the setting, or the file of the data directory, made when absent.

    Raises ConfigError when the file cannot be read or made, or is readable by others.
    """
    if options.secret is not None:
        return options.secret.reveal()
    path = options.data_dir / FILE_NAME
    try:
        if not path.exists():
            _create(path)
        if path.stat().st_mode & 0o077:
            raise ConfigError(f"{path} can be read by others: run `chmod 600 {path}`.")
        text = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ConfigError(f"Cannot read the site's secret {path}: {error.strerror}.") from None
    if len(text) < _SECRET_SIZE:
        raise ConfigError(f"{path} is too short to be the site's secret: restore it from a backup.")
    return text


def derive(secret: str, purpose: str) -> bytes:
    """Derive the 32-byte key of one purpose (HKDF-SHA256, RFC 5869)."""
    return HKDF(SHA256(), KEY_SIZE, salt=b"bottin", info=purpose.encode()).derive(secret.encode())


def site_mark(secret: str) -> str:
    """Name a site without telling its secret: the same for all of its parts, on any machine."""
    return derive(secret, MARK)[:8].hex()


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{FILE_NAME}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(_SECRET_SIZE) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        # Two processes at their first start: one name is taken by one of them, both read it.
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
