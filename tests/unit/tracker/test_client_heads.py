"""Heads of peer ids: families, the rule that holds for one, reasons that every client can show."""

import pytest

from bottin.tracker import clients
from bottin.tracker.models import ClientRule, ClientWelcome
from bottin.tracker.queries import rule_for


@pytest.mark.parametrize(
    ("head", "family", "make"),
    [
        ("-qB4650-", "-qB", "qBittorrent"),
        ("-XL0012-", "-XL", "XL"),
        ("A2-1-36-", "A2-", "aria2"),
        ("M7-10-5-", "M7-10-5-", "M7-10-5-"),
        ("", "", ""),
    ],
)
def test_a_head_belongs_to_a_family(head: str, family: str, make: str) -> None:
    assert (clients.family_of(head), clients.make_name(head)) == (family, make)


def test_id_16_of_several_rules_the_longest_that_fits_holds() -> None:
    heads = ["-qB", "-qB46", "-TR", ""]
    rules = [ClientRule(head=head, welcome=ClientWelcome.DENIED) for head in heads]

    def found(head: str) -> str | None:
        rule = rule_for(head, rules)
        return rule.head if rule else None

    assert [found(head) for head in ("-qB3000-", "-qB4650-", "-TR4000-", "-UT")] == heads
    assert rule_for("-UT", rules[:3]) is None


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("counts wrong: install 4.6", "counts wrong: install 4.6"),
        ("Logiciel dépassé : prenez l’une des « 4.6 »…", "Logiciel depasse : prenez l'une des"),
        ("  cœur   naïf\n", "coeur naif"),
        ("", ""),
    ],
)
def test_a_reason_loses_its_accents_and_nothing_else(written: str, plain: str) -> None:
    told = clients.plain_reason(written)

    assert told is not None
    assert told.isascii()
    assert told.startswith(plain)


@pytest.mark.parametrize("written", ["устарел", "too old 🙂", "a\0b", "a\x1b[31mb"])
def test_a_reason_that_has_no_plain_form_is_none(written: str) -> None:
    assert clients.plain_reason(written) is None
