"""Every limit that a `.torrent` file is held to (trust META-2 to META-5)."""

from dataclasses import dataclass
from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB


@dataclass(frozen=True, slots=True)
class Limits:
    """What a metainfo file may cost; the caller fills it from its settings.

    `depth` counts nested lists and dictionaries, the outermost included.
    `tokens` counts strings (keys too), integers, lists and dictionaries.
    `files` leaves padding files (BEP 47) out; `tokens` bounds those.
    A v2 file tree nests once per folder, so `depth` 32 allows paths of 28 names.
    """

    upload_bytes: int = 4 * MIB
    depth: int = 32
    tokens: int = 500_000
    integer: int = 2**63 - 1
    piece_length_min: int = 16 * KIB
    piece_length_max: int = 64 * MIB
    pieces: int = 262_144
    files: int = 50_000
    path_depth: int = 32
    component_bytes: int = 255
    trackers: int = 200
    web_seeds: int = 100
    warnings: int = 100
    # What the child that parses it may take (META-11).
    memory_bytes: int = 512 * MIB
    cpu_s: int = 5


DEFAULT_LIMITS: Final = Limits()
TRUSTED_LIMITS: Final = Limits(upload_bytes=10 * MIB)
