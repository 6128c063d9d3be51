"""Write the fuzzer's seeds from the corpus: `python -m tests.fuzz.metainfo.write_seeds FOLDER`.

One file, the shortest, for each reason to refuse or caution, and each key that it is about.
"""

import sys
from hashlib import sha256
from pathlib import Path

from tests.data.metainfo.case import Case
from tests.data.metainfo.corpus import CASES


def _about(case: Case) -> tuple[str, ...]:
    return case.code, case.reason, case.caution, case.rule, case.name.split("_")[0]


def main(folder: Path) -> None:
    """Write each seed under the name of its digest, so that writing again changes nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    shortest: dict[tuple[str, ...], bytes] = {}
    for case in CASES:
        kept = shortest.setdefault(_about(case), case.raw)
        if len(case.raw) < len(kept):
            shortest[_about(case)] = case.raw
    for raw in shortest.values():
        if len(raw) < 4096:
            (folder / sha256(raw).hexdigest()[:16]).write_bytes(raw)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
