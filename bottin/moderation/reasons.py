"""Why the team decides against a release: reasons as data, in both languages (STAFF-2)."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from bottin.catalog.states import ReleaseState
from bottin.moderation.errors import ReasonTextNeeded, UnknownReason

_FILE: Final = Path(__file__).parent / "seeds" / "reasons.toml"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: a short form for lists, a sentence for the publisher, in each language."""

    code: str
    decisions: frozenset[ReleaseState]
    label_fr: str
    label_en: str
    text_fr: str
    text_en: str
    needs_text: bool

    def label(self, language: str) -> str:
        """Return the short form; French unless `language` is English."""
        return self.label_en if language.startswith("en") else self.label_fr

    def text(self, language: str) -> str:
        """Return what the publisher is told, "" for a reason that is explained freely."""
        return self.text_en if language.startswith("en") else self.text_fr


@cache
def all_reasons() -> dict[str, Reason]:
    """Return every reason by its code, in the order of the file."""
    rows = tomllib.loads(_FILE.read_text(encoding="utf-8"))["reason"]
    return {
        row["code"]: Reason(
            code=row["code"],
            decisions=frozenset(ReleaseState(decision) for decision in row["for"]),
            label_fr=row["fr"],
            label_en=row["en"],
            text_fr=row["text_fr"],
            text_en=row["text_en"],
            needs_text=row.get("needs_text", False),
        )
        for row in rows
    }


def reasons_for(decision: ReleaseState) -> tuple[Reason, ...]:
    """Return the reasons that may explain a decision; none for approval and restoration."""
    return tuple(reason for reason in all_reasons().values() if decision in reason.decisions)


def check(code: str, text: str, decision: ReleaseState) -> None:
    """Raise UnknownReason for a code that does not explain this decision, ReasonTextNeeded.

    No code at all is fine where free text is given.
    """
    if not code:
        return
    reason = all_reasons().get(code)
    if reason is None or (reason.decisions and decision not in reason.decisions):
        raise UnknownReason(reason_code=code[:40], decision=decision.value)
    if reason.needs_text and not text.strip():
        raise ReasonTextNeeded(reason_code=code)


def told(code: str, text: str, language: str) -> str:
    """Return what the publisher reads: the sentence of the reason, then the free text."""
    reason = all_reasons().get(code)
    parts = [reason.text(language) if reason else "", text.strip()]
    return "\n\n".join(part for part in parts if part)
