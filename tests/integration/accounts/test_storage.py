"""How the tables of accounts are stored."""

import pytest
from django.db import connection


@pytest.mark.django_db
def test_throttles_stay_out_of_the_log_and_accounts_do_not() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, relpersistence FROM pg_class WHERE relname = ANY(%s)",
            [["accounts_throttle", "accounts_account"]],
        )
        found = dict(cursor.fetchall())

    assert found == {"accounts_throttle": "u", "accounts_account": "p"}
