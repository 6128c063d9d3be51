"""Hashing for `bottin publish` beside mktorrent and transmission-create, on the same files.

    python benches/publish_hash.py [MiB=1024] [ROUNDS=3]

Each program runs in turn on one set of files that the page cache holds, ROUNDS times; the
median counts. CPU is that of the child, wall what the clock says: on a busy machine only
CPU means something.
"""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

FILES: Final = 16
MIB: Final = 1024 * 1024
ROOT: Final = Path(__file__).resolve().parents[1]
_OURS: Final = (
    "from pathlib import Path; import sys\n"
    "from bottin.metainfo.build import BuildOptions, build\n"
    "options = BuildOptions(version=sys.argv[2], piece_length=int(sys.argv[3]))\n"
    "build(Path(sys.argv[1]), options)\n"
)


def commands(content: Path, target: Path, piece: int) -> Iterator[tuple[str, list[str] | None]]:
    """Yield each program and its command, None where it is not installed."""
    for version in ("v1", "v2", "hybrid"):
        ours = [sys.executable, "-c", _OURS, str(content), version, str(piece)]
        yield f"Bottin, {version}", ours
    bits = str(piece.bit_length() - 1)
    announce = ["-a", "http://127.0.0.1/announce"]
    given = ["-l", bits, *announce, "-o", str(target), str(content)]
    yield "mktorrent, v1", ["mktorrent", *given] if shutil.which("mktorrent") else None
    sent = ["-s", str(piece // 1024), "-t", announce[1], "-o", str(target), str(content)]
    found = shutil.which("transmission-create")
    yield "transmission-create, v1", ["transmission-create", *sent] if found else None


def measured(command: list[str], target: Path) -> tuple[float, float]:
    """Run a command once; return CPU and wall seconds."""
    target.unlink(missing_ok=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
    wall_s = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu_s, wall_s


def fill(folder: Path, size_bytes: int) -> None:
    """Write files of random bytes; reading them once is left to the first, uncounted round."""
    for number in range(FILES):
        with (folder / f"{number:02}.bin").open("wb") as file:
            for _megabyte in range(size_bytes // FILES // MIB):
                file.write(os.urandom(MIB))


def main() -> None:
    """Print a table: CPU and wall seconds, and bytes a second of each."""
    size_bytes = int(sys.argv[1] if len(sys.argv) > 1 else 1024) * MIB
    rounds = int(sys.argv[2] if len(sys.argv) > 2 else 3)
    with tempfile.TemporaryDirectory() as place:
        content, target = Path(place) / "content", Path(place) / "made.torrent"
        content.mkdir()
        fill(content, size_bytes)
        table = list(commands(content, target, MIB))
        results: dict[str, list[tuple[float, float]]] = {name: [] for name, _command in table}
        for turn in range(rounds + 1):
            for name, command in table:
                took = measured(command, target) if command else None
                if took and turn:
                    results[name].append(took)
    load = os.getloadavg()[0]
    print(f"{size_bytes // MIB} MiB in {FILES} files, pieces of 1 MiB, {os.cpu_count()} cores,")
    print(f"medians of {rounds} rounds in turns, load {load:.0f}\n")
    print("| program | CPU s | wall s | GB a second of CPU | GB/s |")
    print("|---|---|---|---|---|")
    for name, figures in results.items():
        if not figures:
            print(f"| {name} | absent | – | – | – |")
            continue
        cpu_s, wall_s = (statistics.median(column) for column in zip(*figures, strict=True))
        rates = f"{size_bytes / cpu_s / 1e9:.2f} | {size_bytes / wall_s / 1e9:.2f}"
        print(f"| {name} | {cpu_s:.2f} | {wall_s:.2f} | {rates} |")


if __name__ == "__main__":
    main()
