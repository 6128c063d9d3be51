from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_terms'),
    ]

    operations = [
        migrations.AddField(
            model_name='account',
            name='feed_key_version',
            field=models.PositiveIntegerField(default=1),
        ),
    ]
