

import bottin.accounts.fields
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('community', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_check', models.BooleanField(default=False)),
                ('written_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('next_at', models.DateTimeField()),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('sent_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='letter',
            name='topic',
            field=models.CharField(choices=[('results', 'New results'), ('hook', 'A webhook that was switched off')], default='results', max_length=8),
        ),
        migrations.AddField(
            model_name='match',
            name='delivery',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='matches', to='community.delivery'),
        ),
        migrations.CreateModel(
            name='Hook',
            fields=[
                ('search', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='hook', serialize=False, to='community.savedsearch')),
                ('url', models.CharField(max_length=500)),
                ('nonce', bottin.accounts.fields.DigestField(max_length=16)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('told_at', models.DateTimeField(null=True)),
                ('answer', models.CharField(blank=True, max_length=16)),
                ('off_at', models.DateTimeField(null=True)),
                ('letter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='hooks', to='community.letter')),
            ],
        ),
        migrations.AddField(
            model_name='delivery',
            name='hook',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='community.hook'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('sent_at__isnull', True)), fields=['next_at'], name='delivery_unsent'),
        ),
    ]
