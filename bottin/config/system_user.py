"""The system user PostgreSQL runs as when root starts Bottin, and its way to the data."""

import os
import pwd
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Final

import structlog

from bottin.config.errors import ConfigError
from bottin.config.processes import Owner

NAME: Final = "bottin-postgres"
_ACL: Final = "system.posix_acl_access"
_ACL_VERSION: Final = struct.pack("<I", 2)
_ACL_ENTRY: Final = struct.Struct("<HHI")
_USER_OBJ, _USER, _GROUP_OBJ, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_NO_ID: Final = 0xFFFFFFFF
_SEARCH: Final = 1

log = structlog.get_logger(__name__)


def current_owner() -> Owner | None:
    """Say as whom PostgreSQL must be started: None means as we are.

    It refuses to run as root, so root lends it a system user, made when absent.
    Raises ConfigError when that cannot be done.
    """
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(NAME)
    except KeyError:
        _create()
        entry = pwd.getpwnam(NAME)
    return Owner(NAME, entry.pw_uid, entry.pw_gid)


def let_through(owner: Owner, path: Path) -> None:
    """Let the system user walk to `path`, which may lie in root's home directory.

    Adds the right to *pass* (not to list, not to read) on each directory that
    lacks it: for that one user where the file system knows access lists, for
    all users elsewhere. Each change is logged.
    """
    for folder in reversed([path, *path.parents]):
        if _may_pass(owner, folder):
            continue
        try:
            os.setxattr(folder, _ACL, _with_pass(owner, folder))
        except OSError:
            folder.chmod(folder.stat().st_mode | 0o001)
        log.warning("postgres.path_opened", folder=str(folder), user=owner.name)


def _create() -> None:
    makers = {
        "useradd": ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"],
        "adduser": ["-S", "-D", "-H", "-h", "/nonexistent"],  # BusyBox
    }
    for program, arguments in makers.items():
        found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")
        if found is None:
            continue
        command = [found, *arguments, "-s", "/bin/false", NAME]
        done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
        if done.returncode == 0:
            return
        raise ConfigError(
            f"PostgreSQL does not run as root, and the user {NAME} could not be made:"
            f" {done.stderr.strip()} Start Bottin as an ordinary user."
        )
    raise ConfigError(
        "PostgreSQL does not run as root: start Bottin as an ordinary user, or make"
        f" a system user named {NAME}."
    )


def _may_pass(owner: Owner, folder: Path) -> bool:
    status = folder.stat()
    if status.st_uid == owner.uid:
        return bool(status.st_mode & 0o100)
    if _listed_right(owner, folder) is not None:
        return bool((_listed_right(owner, folder) or 0) & _SEARCH)
    shift = 0o010 if status.st_gid == owner.gid else 0o001
    return bool(status.st_mode & shift)


def _entries(folder: Path) -> list[tuple[int, int, int]]:
    try:
        raw = os.getxattr(folder, _ACL)
    except OSError:  # no list: the three classic classes
        mode = folder.stat().st_mode
        return [
            (_USER_OBJ, mode >> 6 & 7, _NO_ID),
            (_GROUP_OBJ, mode >> 3 & 7, _NO_ID),
            (_OTHER, mode & 7, _NO_ID),
        ]
    return [(tag, right, who) for tag, right, who in _ACL_ENTRY.iter_unpack(raw[4:])]


def _listed_right(owner: Owner, folder: Path) -> int | None:
    entries = _entries(folder)
    mask = next((right for tag, right, _ in entries if tag == _MASK), 7)
    return next((r & mask for tag, r, who in entries if (tag, who) == (_USER, owner.uid)), None)


def _with_pass(owner: Owner, folder: Path) -> bytes:
    """Write the folder's access list with one more entry; the kernel wants them sorted."""
    entries = {(tag, who): right for tag, right, who in _entries(folder)}
    group = entries[_GROUP_OBJ, _NO_ID]
    entries[_USER, owner.uid] = entries.get((_USER, owner.uid), 0) | _SEARCH
    entries[_MASK, _NO_ID] = entries.get((_MASK, _NO_ID), group) | _SEARCH
    packed = (_ACL_ENTRY.pack(tag, right, who) for (tag, who), right in sorted(entries.items()))
    return _ACL_VERSION + b"".join(packed)
