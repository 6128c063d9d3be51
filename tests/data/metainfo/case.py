"""One hostile or odd file of the corpus, and what must become of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """`code` is the refusal without `metainfo.`, empty when the file is accepted.

    `rule` is why: a META id, or the BEP that says so. `caution` must be among the
    warnings of an accepted file. `differs` says what libtorrent makes of an
    accepted file when that is not what we make of it.
    """

    name: str
    rule: str
    raw: bytes
    code: str = ""
    reason: str = ""
    caution: str = ""
    differs: str = ""
