"""Budgets of people, roles and the team, their purses, and reservations that name them."""

from importlib import import_module

import django.db.models.deletion
import django.db.models.functions.datetime
import studio.models.ids
from django.conf import settings
from django.db import migrations, models

ledger = import_module("studio.migrations.0018_reservations")


class Migration(migrations.Migration):

    dependencies = [
        ('studio', '0047_queue'),
    ]

    operations = [
        migrations.RunPython(ledger.open_again, ledger.shut),  # SQLite makes the table anew, without its triggers
        migrations.AddField(
            model_name='allowance',
            name='warned',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='installation',
            name='has_budgets',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='ledgerentry',
            name='purses',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='reservation',
            name='after',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='reservation',
            name='correction',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='reservation',
            name='purses',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='reservation',
            name='rate',
            field=models.DecimalField(decimal_places=6, max_digits=18, null=True),
        ),
        migrations.AlterField(
            model_name='mutedkind',
            name='kind',
            field=models.CharField(choices=[('finished', 'Pictures that took more than a minute'), ('failed', 'Pictures that did not come'), ('cancelled', 'An administrator cancelled something of mine that waited'), ('held', 'A prompt of mine waits for a moderator'), ('approved', 'A moderator let a prompt of mine run'), ('refused', 'A moderator refused a prompt of mine'), ('decided', 'A decision about something I made'), ('answered', 'The answer to an appeal of mine'), ('reported', 'What came of a report of mine'), ('mentioned', 'Somebody names me in a comment'), ('commented', 'Somebody comments on a picture of mine'), ('collection_given', 'A collection of somebody who left is mine now'), ('budget_granted', 'A change of how many images I may make'), ('budget_low', 'A budget that is nearly used up'), ('more_asked', 'Somebody asks for more of a budget'), ('opened', 'An administrator opened something private of mine'), ('suspended', 'My account was suspended'), ('restored', 'My account was restored'), ('export_ready', 'The export of my data is ready'), ('relay_paused', 'The studio paused a relay'), ('announcement', 'Announcements of administrators')], max_length=24),
        ),
        migrations.AlterField(
            model_name='notice',
            name='kind',
            field=models.CharField(choices=[('finished', 'Pictures that took more than a minute'), ('failed', 'Pictures that did not come'), ('cancelled', 'An administrator cancelled something of mine that waited'), ('held', 'A prompt of mine waits for a moderator'), ('approved', 'A moderator let a prompt of mine run'), ('refused', 'A moderator refused a prompt of mine'), ('decided', 'A decision about something I made'), ('answered', 'The answer to an appeal of mine'), ('reported', 'What came of a report of mine'), ('mentioned', 'Somebody names me in a comment'), ('commented', 'Somebody comments on a picture of mine'), ('collection_given', 'A collection of somebody who left is mine now'), ('budget_granted', 'A change of how many images I may make'), ('budget_low', 'A budget that is nearly used up'), ('more_asked', 'Somebody asks for more of a budget'), ('opened', 'An administrator opened something private of mine'), ('suspended', 'My account was suspended'), ('restored', 'My account was restored'), ('export_ready', 'The export of my data is ready'), ('relay_paused', 'The studio paused a relay'), ('announcement', 'Announcements of administrators')], max_length=24),
        ),
        migrations.CreateModel(
            name='Budget',
            fields=[
                ('id', models.UUIDField(default=studio.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('whom', models.CharField(choices=[('person', 'one person'), ('role', 'a role'), ('team', 'the whole team')], max_length=6)),
                ('role', models.CharField(blank=True, choices=[('member', 'Member'), ('moderator', 'Moderator'), ('administrator', 'Administrator')], max_length=16)),
                ('each', models.BooleanField(default=False)),
                ('period', models.CharField(choices=[('day', 'Day'), ('week', 'Week'), ('month', 'Month')], max_length=5)),
                ('unit', models.CharField(choices=[('images', 'Images'), ('units', 'Units'), ('USD', 'USD'), ('EUR', 'EUR'), ('GBP', 'GBP'), ('CHF', 'CHF'), ('CNY', 'CNY'), ('JPY', 'JPY'), ('INR', 'INR')], max_length=12)),
                ('cap', models.PositiveBigIntegerField()),
                ('strict', models.BooleanField(default=False)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('ended_at', models.DateTimeField(null=True)),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='budgets', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Purse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('start', models.DateField()),
                ('cap', models.PositiveBigIntegerField()),
                ('reserved', models.PositiveBigIntegerField(default=0)),
                ('spent', models.PositiveBigIntegerField(default=0)),
                ('carried', models.PositiveBigIntegerField(default=0)),
                ('warned', models.BooleanField(default=False)),
                ('budget', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='purses', to='studio.budget')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='purses', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Plea',
            fields=[
                ('id', models.UUIDField(default=studio.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('month', models.DateField(null=True)),
                ('amount', models.PositiveBigIntegerField()),
                ('note', models.CharField(blank=True, max_length=300)),
                ('state', models.CharField(choices=[('open', 'Open'), ('granted', 'Granted'), ('declined', 'Declined')], default='open', max_length=8)),
                ('decided_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pleas', to=settings.AUTH_USER_MODEL)),
                ('purse', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='pleas', to='studio.purse')),
            ],
        ),
        migrations.AddConstraint(
            model_name='budget',
            constraint=models.CheckConstraint(condition=models.Q(('whom__in', ['person', 'role', 'team'])), name='budget_whom_known'),
        ),
        migrations.AddConstraint(
            model_name='budget',
            constraint=models.CheckConstraint(condition=models.Q(('period__in', ['day', 'week', 'month'])), name='budget_period_known'),
        ),
        migrations.AddConstraint(
            model_name='budget',
            constraint=models.CheckConstraint(condition=models.Q(('unit__in', ['images', 'units', 'USD', 'EUR', 'GBP', 'CHF', 'CNY', 'JPY', 'INR'])), name='budget_unit_known'),
        ),
        migrations.AddConstraint(
            model_name='budget',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('person__isnull', False), ('whom', 'person')), models.Q(models.Q(('whom', 'person'), _negated=True), ('person', None)), _connector='OR'), name='budget_of_one_person'),
        ),
        migrations.AddConstraint(
            model_name='budget',
            constraint=models.CheckConstraint(condition=models.Q(('whom', 'role'), ('role', ''), _connector='XOR'), name='budget_of_one_role'),
        ),
        migrations.AddConstraint(
            model_name='purse',
            constraint=models.UniqueConstraint(fields=('budget', 'person', 'start'), name='purse_once_a_period'),
        ),
        migrations.AddConstraint(
            model_name='purse',
            constraint=models.UniqueConstraint(condition=models.Q(('person', None)), fields=('budget', 'start'), name='purse_together_once_a_period'),
        ),
        migrations.AddConstraint(
            model_name='purse',
            constraint=models.CheckConstraint(condition=models.Q(('reserved__gte', 0), ('spent__gte', 0)), name='purse_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='plea',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'granted', 'declined'])), name='plea_state_known'),
        ),
        migrations.AddConstraint(
            model_name='plea',
            constraint=models.CheckConstraint(condition=models.Q(('purse', None), ('month', None), _connector='XOR'), name='plea_of_one_budget'),
        ),
        migrations.AddConstraint(
            model_name='plea',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('person', 'purse'), name='plea_once_a_purse'),
        ),
        migrations.AddConstraint(
            model_name='plea',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('person', 'month'), name='plea_once_a_month'),
        ),
        migrations.RunPython(ledger.shut, ledger.open_again),
    ]
