"""Counting a call must not wait for a disk; buckets lost in a crash are worth nothing (SEC-10)."""

from django.db import migrations


class Migration(migrations.Migration):
    """Keep the throttles out of PostgreSQL's write-ahead log."""

    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE accounts_throttle SET UNLOGGED",
            "ALTER TABLE accounts_throttle SET LOGGED",
        ),
    ]
