from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0003_holds'),
    ]

    operations = [
        migrations.AddField(
            model_name='flag',
            name='is_fault',
            field=models.BooleanField(null=True),
        ),
        migrations.AlterField(
            model_name='flag',
            name='kind',
            field=models.CharField(choices=[('above_line_rate', 'Above Line Rate'), ('upload_without_leecher', 'Upload Without Leecher'), ('upload_to_nobody', 'Upload To Nobody'), ('same_again', 'Same Again'), ('too_much_down', 'Too Much Down'), ('ghost_leecher', 'Ghost Leecher'), ('unbalanced', 'Unbalanced'), ('above_others', 'Above Others'), ('above_habit', 'Above Habit')], max_length=32),
        ),
    ]
