"""Every file of the hostile corpus is refused for its documented reason, or normalised."""

from collections import Counter

import pytest

from bottin.metainfo.errors import MetainfoRefusal
from bottin.metainfo.parser import parse
from tests.data.metainfo.case import Case
from tests.data.metainfo.corpus import CASES

REFUSED = [case for case in CASES if case.code]
ACCEPTED = [case for case in CASES if not case.code]


def _name(case: Case) -> str:
    return f"{case.rule.replace('-', '_').replace(' ', '_').lower()}-{case.name}"


@pytest.mark.parametrize("case", REFUSED, ids=_name)
def test_a_hostile_file_is_refused_for_its_own_reason(case: Case) -> None:
    with pytest.raises(MetainfoRefusal) as refused:
        parse(case.raw)

    assert refused.value.code == f"metainfo.{case.code}"
    assert not case.reason or refused.value.context["reason"] == case.reason


@pytest.mark.parametrize("case", ACCEPTED, ids=_name)
def test_an_odd_but_harmless_file_is_accepted_with_its_caution(case: Case) -> None:
    metainfo = parse(case.raw)

    assert not case.caution or case.caution in {caution.code for caution in metainfo.warnings}


def test_meta_13_the_corpus_has_at_least_300_files_of_distinct_names() -> None:
    assert Counter(case.name for case in CASES).most_common(1)[0][1] == 1
    assert len(CASES) >= 300
