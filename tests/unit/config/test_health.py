"""`/healthz` says that the process lives, `/readyz` that it can serve."""

from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.test import Client

from bottin.config import health


def test_a_living_process_is_healthy_without_a_database(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"


@pytest.mark.django_db
def test_it_is_ready_with_database_and_migrations(client: Client) -> None:
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
def test_it_is_not_ready_without_the_database(client: Client) -> None:
    with patch("bottin.config.health.connection.cursor", side_effect=OperationalError("gone")):
        answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["checks"]["database"]) == (503, False)


@pytest.mark.django_db
def test_it_is_not_ready_with_migrations_to_come(client: Client) -> None:
    with (
        patch.object(health, "_migrated", []),
        patch("bottin.config.health.MigrationExecutor.migration_plan", return_value=[object()]),
    ):
        answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["checks"]["migrations"]) == (503, False)


def test_nothing_is_written_by_asking(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
