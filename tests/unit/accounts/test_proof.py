"""The price of a registration: work or time, counted once, from one network (ACC-8)."""

import base64
import json
import threading
from datetime import timedelta

import altcha.v2 as altcha
import pytest
from django.db import connection

from bottin.accounts import proof
from bottin.accounts.errors import ProofMissing, ProofRefused
from bottin.accounts.models import SpentProof
from bottin.accounts.proof import Attempt, Door
from tests.factories.accounts import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

HERE = "203.0.113.9"


def _solve(door: Door) -> str:
    challenge = altcha.Challenge.from_dict(json.loads(door.challenge))
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    return altcha.Payload(challenge, solution).to_base64()


@pytest.fixture(scope="module")
def solved() -> tuple[Door, str]:
    """A page shown at noon and its solution: a quarter of a second of work, done once."""
    import time_machine

    with time_machine.travel(NOON, tick=False):
        door = proof.open_door(HERE, attempts=0, at=NOON)
        return door, _solve(door)


def test_work_opens_after_three_seconds(solved: tuple[Door, str]) -> None:
    door, solution = solved

    proof.spend(Attempt(solution, door.ticket, HERE), at=NOON + timedelta(seconds=3))


def test_a_form_filled_faster_than_by_hand_waits(solved: tuple[Door, str]) -> None:
    door, solution = solved

    with pytest.raises(ProofMissing):
        proof.spend(Attempt(solution, door.ticket, HERE), at=NOON + timedelta(seconds=1))


def test_a_solution_counts_once(solved: tuple[Door, str]) -> None:
    door, solution = solved
    later = NOON + timedelta(seconds=5)
    proof.spend(Attempt(solution, door.ticket, HERE), at=later)

    with pytest.raises(ProofRefused):
        proof.spend(Attempt(solution, door.ticket, HERE), at=later)


def test_work_and_time_of_one_page_count_once_together(solved: tuple[Door, str]) -> None:
    door, solution = solved
    later = NOON + timedelta(minutes=5)
    proof.spend(Attempt("", door.ticket, HERE), at=later)

    with pytest.raises(ProofRefused):
        proof.spend(Attempt(solution, door.ticket, HERE), at=later)


def test_a_solution_does_not_go_with_the_ticket_of_another_page(solved: tuple[Door, str]) -> None:
    other = proof.open_door(HERE, attempts=0, at=NOON)

    with pytest.raises(ProofRefused):
        proof.spend(Attempt(solved[1], other.ticket, HERE), at=NOON + timedelta(seconds=9))


def test_without_work_time_opens_after_a_minute() -> None:
    door = proof.open_door(HERE, attempts=0, at=NOON)

    with pytest.raises(ProofMissing) as early:
        proof.spend(Attempt("", door.ticket, HERE), at=NOON + timedelta(seconds=20))
    proof.spend(Attempt("", door.ticket, HERE), at=NOON + timedelta(seconds=60))

    assert early.value.context["wait_s"] == 41


def test_a_ticket_is_good_for_an_hour() -> None:
    door = proof.open_door(HERE, attempts=0, at=NOON)

    with pytest.raises(ProofRefused):
        proof.spend(Attempt("", door.ticket, HERE), at=NOON + timedelta(seconds=3601))


@pytest.mark.parametrize("elsewhere", ["203.0.113.10", "2001:db8::1", "not an address"])
def test_a_ticket_stays_in_its_network(elsewhere: str) -> None:
    door = proof.open_door(HERE, attempts=0, at=NOON)

    with pytest.raises(ProofRefused):
        proof.spend(Attempt("", door.ticket, elsewhere), at=NOON + timedelta(minutes=2))


def test_the_addresses_of_an_ipv6_subscriber_are_one_network() -> None:
    door = proof.open_door("2001:db8:1:2::1", attempts=0, at=NOON)

    proof.spend(Attempt("", door.ticket, "2001:db8:1:2:ffff::7"), at=NOON + timedelta(minutes=2))


def _tampered(solution: str, **changes: object) -> str:
    payload = json.loads(base64.b64decode(solution))
    payload["challenge"]["parameters"] |= changes
    return base64.b64encode(json.dumps(payload).encode()).decode()


def test_an_easier_challenge_is_not_ours(solved: tuple[Door, str]) -> None:
    door, solution = solved

    for changes in (
        {"keyPrefix": ""},
        {"cost": 1},
        {"expiresAt": 9_999_999_999},
        {"nonce": "00" * 16},
    ):
        attempt = Attempt(_tampered(solution, **changes), door.ticket, HERE)
        with pytest.raises(ProofRefused):
            proof.spend(attempt, at=NOON + timedelta(seconds=9))

    assert not SpentProof.objects.exists()


@pytest.mark.parametrize(
    "solution",
    [
        "x",
        "é",
        "A" * 5000,
        base64.b64encode(b"[]").decode(),
        base64.b64encode(b'{"challenge":[],"solution":7}').decode(),
        base64.b64encode(b"[" * 2000).decode(),
        base64.b64encode(b'{"challenge":{"parameters":null}}').decode(),
    ],
)
def test_no_solution_at_all_is_refused(solution: str) -> None:
    door = proof.open_door(HERE, attempts=0, at=NOON)

    with pytest.raises(ProofRefused):
        proof.spend(Attempt(solution, door.ticket, HERE), at=NOON + timedelta(seconds=9))


@pytest.mark.parametrize("ticket", ["", "x", "a:b:c", "é" * 3000])
def test_a_ticket_that_we_did_not_sign_is_refused(ticket: str) -> None:
    with pytest.raises(ProofRefused):
        proof.spend(Attempt("", ticket, HERE), at=NOON)


def test_each_attempt_of_a_network_doubles_the_work_up_to_sixteen_times() -> None:
    doors = [proof.open_door(HERE, attempts=n, at=NOON) for n in (0, 1, 2, 3, 4, 9)]

    costs = [json.loads(door.challenge)["parameters"]["cost"] for door in doors]

    assert costs == [4, 8, 16, 32, 64, 64]


def test_a_page_names_no_address() -> None:
    door = proof.open_door(HERE, attempts=0, at=NOON)

    decoded = base64.urlsafe_b64decode(door.ticket.split(":")[0] + "==")
    assert HERE.encode() not in decoded


def test_spent_proofs_are_forgotten_once_they_would_have_expired() -> None:
    door = proof.open_door(HERE, attempts=0, at=NOON)
    proof.spend(Attempt("", door.ticket, HERE), at=NOON + timedelta(minutes=2))

    assert proof.purge(at=NOON + timedelta(hours=1)) == 0
    assert proof.purge(at=NOON + timedelta(hours=3)) == 1


@pytest.mark.django_db(transaction=True)
def test_one_ticket_sent_eight_times_at_once_counts_once() -> None:
    door = proof.open_door(HERE, attempts=0, at=NOON)
    outcomes: list[bool] = []
    start = threading.Barrier(8)

    def send() -> None:
        start.wait()
        try:
            proof.spend(Attempt("", door.ticket, HERE), at=NOON + timedelta(minutes=2))
            outcomes.append(True)
        except ProofRefused:
            outcomes.append(False)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == [False] * 7 + [True]
