"""`bottin clients`: the rules about clients from the command line."""

import json

import pytest
from typer.testing import CliRunner

from bottin.config.commands.clients import app
from bottin.tracker import queries

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == code, done.output
    return done.output


def test_rules_are_written_listed_and_removed() -> None:
    assert run("deny", "-qB43", "--reason", "get 4.6") == "-qB43: refused (get 4.6).\n"
    run("warn", "-TR2")
    run("allow", "-qB438")

    assert [one["head"] for one in json.loads(run("list", "--json"))] == ["-TR2", "-qB43", "-qB438"]
    assert run("list").splitlines()[2].split()[:2] == ["-qB43", "refused"]
    assert run("remove", "-qB43") == "-qB43: no rule any more.\n"
    assert "changed or removed meanwhile" in run("remove", "-qB43", code=1)
    assert "2 to 8 first characters" in run("deny", "-", "--reason", "x", code=1)


def test_only_listed_clients_are_served_when_told_so() -> None:
    assert "Nobody at all" in run("listed-only", "--reason", "not listed", code=1)
    run("allow", "-qB")
    assert run("listed-only", "--reason", "not listed") == "all others: refused (not listed).\n"

    assert json.loads(run("unlisted", "--json")) == {"changed": True}

    assert [rule.head for rule in queries.client_rules()] == ["-qB"]
