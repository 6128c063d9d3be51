"""Leave room on each page, so that rows updated with every announce stay where they are (HOT)."""

from django.db import migrations

ROOM = "ALTER TABLE {} SET (fillfactor = 70)"
NO_ROOM = "ALTER TABLE {} RESET (fillfactor)"
TABLES = ["ledger_peersession", "ledger_transfer", "ledger_balance"]


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.RunSQL(ROOM.format(table), NO_ROOM.format(table)) for table in TABLES
    ]
