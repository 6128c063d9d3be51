"""A rule about clients is taken by the data plane exactly when the site would write it."""

import struct
from collections.abc import Iterator
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bottin.tracker.clients import HEAD, REASON_LENGTH, plain_reason
from bottin.tracker.dataplane import (
    CLIENT_RECORD,
    ClientRecord,
    DataPlane,
    PolicyChange,
    Welcome,
    packed,
)
from bottin.tracker.models import ClientWelcome

_RECORD: Final = struct.Struct(">8sB120s")
letters = st.characters(max_codepoint=0x17F)


@pytest.fixture(scope="module")
def plane() -> Iterator[DataPlane]:
    """A data plane that serves nobody."""
    plane = DataPlane({"standalone": {}})
    yield plane
    plane.stop(5)


def is_taken(plane: DataPlane, record: bytes) -> bool:
    try:
        plane.load(PolicyChange(clients=record))
    except ValueError:
        return False
    return True


def test_the_numbers_are_those_of_the_record() -> None:
    assert {one.name: int(one) for one in ClientWelcome} == {w.name: int(w) for w in Welcome}
    assert _RECORD.size == CLIENT_RECORD
    assert _RECORD.size - 9 == REASON_LENGTH


@given(head=st.binary(min_size=1, max_size=8) | st.from_regex(HEAD, fullmatch=True).map(str.encode))
def test_id_16_both_sides_know_the_same_heads(plane: DataPlane, head: bytes) -> None:
    is_ours = HEAD.fullmatch(head.decode("latin-1")) is not None
    # Zeros at the end are what fills the field up.
    is_written_otherwise = head.endswith(b"\0")

    record = _RECORD.pack(head, Welcome.DENIED, b"why")

    assert is_written_otherwise or is_taken(plane, record) == is_ours


@given(text=st.text(letters, max_size=REASON_LENGTH))
def test_id_16_each_reason_that_can_be_kept_is_taken(plane: DataPlane, text: str) -> None:
    reason = plain_reason(text)
    if reason is None or len(reason) > REASON_LENGTH:
        return

    assert is_taken(plane, ClientRecord("-XL", Welcome.DENIED, reason).packed())


@pytest.mark.parametrize("reason", ["d\xe9pass\xe9".encode(), b"a\nb", b"a\0b", b"\x7f"])
def test_id_16_a_reason_that_clients_cannot_show_is_not_taken(
    plane: DataPlane, reason: bytes
) -> None:
    assert not is_taken(plane, _RECORD.pack(b"-XL", Welcome.DENIED, reason))


def test_id_16_a_welcome_that_is_none_and_half_a_record_are_not_taken(plane: DataPlane) -> None:
    whole = packed([ClientRecord("-XL", Welcome.WARNED), ClientRecord("", Welcome.DENIED, "why")])

    assert is_taken(plane, whole)
    assert not is_taken(plane, whole[:-1])
    assert not is_taken(plane, _RECORD.pack(b"-XL", 3, b""))
