"""The hostile corpus (trust META-13), made in code: each file says what is wrong with it."""

from typing import Final

from tests.data.metainfo import corpus_bencode, corpus_files, corpus_heavy
from tests.data.metainfo.case import Case

CASES: Final[tuple[Case, ...]] = (
    *corpus_bencode.cases(),
    *corpus_files.cases(),
    *corpus_heavy.cases(),
)
