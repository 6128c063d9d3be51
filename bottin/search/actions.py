"""Changes of what search knows beside the catalogue: synonyms."""

import re
from datetime import datetime
from typing import Final

from django.db import transaction

from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import Viewer
from bottin.audit import log
from bottin.catalog.text import fold
from bottin.search.errors import BadSynonyms, SynonymsNotFound
from bottin.search.models import SynonymGroup
from bottin.search.synonyms import forget_kept

WORDS_MAX: Final = 12
LENGTH_MAX: Final = 60
GROUPS_MAX: Final = 2_000


@transaction.atomic
def add_synonyms(text: str, *, by: Viewer, at: datetime) -> SynonymGroup:
    """Keep a group of words that find each other, written with commas or on lines.

    Raises NotAllowed, and BadSynonyms (`reason`): fewer than two different words,
    more than 12, one longer than 60 characters or without a letter or digit, or
    one that another group holds already.
    """
    by.require(Permission.EDIT_SYNONYMS)
    words = _read(text)
    taken = {fold(word) for group in SynonymGroup.objects.all() for word in group.words}
    repeated = next((word for word in words if fold(word) in taken), None)
    if repeated is not None:
        raise BadSynonyms(reason="synonym_taken", word=repeated)
    group = SynonymGroup.objects.create(words=words, created_by_id=by.user_id, created_at=at)
    log.record("synonyms.added", actor_id=by.user_id, subject=f"synonyms:{group.pk}")
    transaction.on_commit(forget_kept)
    return group


@transaction.atomic
def remove_synonyms(group_id: int, *, by: Viewer) -> None:
    """Delete a group. Raises NotAllowed, SynonymsNotFound."""
    by.require(Permission.EDIT_SYNONYMS)
    group = SynonymGroup.objects.select_for_update().filter(pk=group_id).first()
    if group is None:
        raise SynonymsNotFound(group_id=group_id)
    detail = {"words": list(group.words)}
    group.delete()
    log.record(
        "synonyms.removed", actor_id=by.user_id, subject=f"synonyms:{group_id}", detail=detail
    )
    transaction.on_commit(forget_kept)


def _read(text: str) -> list[str]:
    parts = (" ".join(part.split()) for part in re.split(r"[,;\n]", text.replace("\x00", "")))
    found = list({fold(part): part for part in parts if part}.values())
    if not 2 <= len(found) <= WORDS_MAX:  # noqa: PLR2004 - one word is like no other
        raise BadSynonyms(reason="synonym_count", limit=WORDS_MAX)
    wrong = next((w for w in found if len(w) > LENGTH_MAX or not re.search(r"\w", w)), None)
    if wrong is not None:
        raise BadSynonyms(reason="synonym_word", word=wrong[:LENGTH_MAX], limit=LENGTH_MAX)
    if SynonymGroup.objects.count() >= GROUPS_MAX:
        raise BadSynonyms(reason="synonym_groups", limit=GROUPS_MAX)
    return found
