"""Identifiers are checked by form and check digit, and kept in one form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bottin.catalog import identifiers


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("10.5281/zenodo.1234567", "doi:10.5281/zenodo.1234567"),
        ("https://doi.org/10.1000/ABC(1)<2>", "doi:10.1000/abc(1)<2>"),
        ("doi: 10.1000/182", "doi:10.1000/182"),
        ("978-2-07-036822-8", "isbn:9782070368228"),
        ("ISBN 2-07-036822-X", "isbn:9782070368228"),
        ("isbn-13: 9782070368228", "isbn:9782070368228"),
        ("1144-0821", "issn:1144-0821"),
        ("ISSN 0378-5955", "issn:0378-5955"),
        ("2434-561x", "issn:2434-561X"),
        ("eissn:2434-561X", "issn:2434-561X"),
        ("ark:/12148/btv1b8449691v", "ark:12148/btv1b8449691v"),
        ("https://n2t.net/ark:12148/btv1b-8449691v/", "ark:12148/btv1b8449691v"),
        ("Q42", "wikidata:Q42"),
        ("https://www.wikidata.org/wiki/q42", "wikidata:Q42"),
        (f"swh:1:rel:{'a' * 40};origin=x", f"swh:1:rel:{'a' * 40}"),
    ],
)
def test_work_06_an_identifier_is_read_from_what_people_paste(typed: str, kept: str) -> None:
    found = identifiers.parse(typed)

    assert str(found) == kept


@pytest.mark.parametrize(
    "typed",
    [
        *("", "12148/btv1b8449691v", "978-2-07-036822-9", "2070368221", "0378-5956", "Q0"),
        *("doi:11.1000/182", "10.1000/a b", "isbn:", "ark:/x/y", "javascript:alert(1)"),
        *("10.1000/" + "a" * 200, "isbn:٩٧٨٢٠٧٠٣٦٨٢٢٨", "10.1000/\u202eabc"),
    ],
)
def test_work_06_what_is_wrong_is_no_identifier(typed: str) -> None:
    assert identifiers.parse(typed) is None


@given(st.text(max_size=150))
def test_what_is_read_is_read_again_the_same(typed: str) -> None:
    found = identifiers.parse(typed)

    if found is not None:
        assert identifiers.read(str(found)) == found
        assert identifiers.parse(str(found)) == found
        assert len(str(found)) <= identifiers.LENGTH_MAX


def test_addresses_lead_to_resolvers_and_hold_nothing_odd() -> None:
    found = identifiers.parse('10.1000/"><script>')

    assert found is not None
    assert found.url == "https://doi.org/10.1000/%22%3E%3Cscript%3E"
