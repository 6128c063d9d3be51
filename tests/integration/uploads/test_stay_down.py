"""Content that was taken down and comes back changed (STAY-1 to STAY-3, T-5)."""

from itertools import product
from typing import Final

import pytest

from bottin.metainfo.parser import parse
from bottin.uploads import fingerprints
from bottin.uploads.actions import refuse_content
from bottin.uploads.fingerprints import Fingerprints
from tests.factories import catalog as make
from tests.factories.catalog import NOON
from tests.factories.mutations import (
    CAUGHT,
    CAUGHT_BY_ROOTS,
    NOT_CAUGHT,
    VERSIONS,
    Package,
)

pytestmark = pytest.mark.django_db

EVERY: Final = CAUGHT | CAUGHT_BY_ROOTS | NOT_CAUGHT


def _taken_down(version: str) -> None:
    refuse_content(make.draft(of=parse(Package(version).raw())), reason="N-1", at=NOON)


def _outcome(name: str, version: str) -> str:
    again = EVERY[name](Package(version))
    rows = fingerprints.refused(Fingerprints.of_metainfo(parse(again.raw())), at=NOON)
    if not rows:
        return "passes"
    return "held" if rows[0].holds_only else "refused"


def test_stay_1_there_are_200_re_uploads() -> None:
    assert len(EVERY) * len(VERSIONS) ** 2 >= 200


@pytest.mark.parametrize("version", VERSIONS)
def test_stay_3_a_changed_re_upload_is_refused_or_held(version: str) -> None:
    _taken_down(version)

    passed = [(n, to) for n, to in product(CAUGHT, VERSIONS) if _outcome(n, to) == "passes"]

    assert passed == []


@pytest.mark.parametrize(("version", "again"), list(product(VERSIONS, VERSIONS)))
def test_stay_1_roots_catch_what_was_renamed_and_repacked(version: str, again: str) -> None:
    _taken_down(version)
    have_roots = "v1" not in {version, again}

    outcomes = {_outcome(name, again) for name in CAUGHT_BY_ROOTS}

    assert outcomes == {"refused" if have_roots else "passes"}


@pytest.mark.parametrize("version", VERSIONS)
def test_other_bytes_under_other_names_pass_as_the_docs_say(version: str) -> None:
    _taken_down(version)

    outcomes = {_outcome(name, to) for name, to in product(NOT_CAUGHT, VERSIONS)}

    assert outcomes == {"passes"}


@pytest.mark.parametrize("name", ["source", "private flag", "other name of the torrent"])
@pytest.mark.parametrize("version", VERSIONS)
def test_stay_1_flags_and_name_change_nothing(version: str, name: str) -> None:
    _taken_down(version)

    assert _outcome(name, version) == "refused"


def test_a_lawful_package_with_small_files_in_common_is_not_held() -> None:
    _taken_down("hybrid")
    lawful = Package("hybrid", "Autre", (("lisezmoi.txt", 900, "text"), ("a.iso", 4_000, "a")))

    rows = fingerprints.refused(Fingerprints.of_metainfo(parse(lawful.raw())), at=NOON)

    assert rows == []
