"""Refusals."""

import pickle

import pytest

from bottin.lib.errors import DomainError


class Closed(DomainError):
    """A refusal of this test."""

    code = "shop.closed"


def test_a_refusal_carries_its_code_and_its_context() -> None:
    with pytest.raises(DomainError) as refused:
        raise Closed(until="noon")

    assert refused.value.code == str(refused.value) == "shop.closed"
    assert refused.value.context == {"until": "noon"}


def test_a_refusal_crosses_processes_with_its_context() -> None:
    copy = pickle.loads(pickle.dumps(Closed(until="noon")))  # noqa: S301 - our own bytes

    assert (type(copy), copy.context) == (Closed, {"until": "noon"})
