"""Prices, what a generation cost, and a ledger that knows money."""

from importlib import import_module

import django.db.models.deletion
import django.db.models.functions.datetime
import studio.models.ids
from django.conf import settings
from django.db import migrations, models

ledger = import_module("studio.migrations.0018_reservations")


def forget_money(apps, schema_editor):
    """The release before this one counts images alone."""
    for name in ("LedgerEntry", "Reservation"):
        apps.get_model("studio", name).objects.exclude(unit="images").delete()


class Migration(migrations.Migration):

    dependencies = [
        ('studio', '0044_missing_originals'),
    ]

    operations = [
        migrations.RunPython(ledger.open_again, ledger.shut),  # SQLite makes the table anew, without its triggers
        migrations.CreateModel(
            name='Price',
            fields=[
                ('id', models.UUIDField(default=studio.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('size', models.CharField(blank=True, max_length=20)),
                ('quality', models.CharField(blank=True, max_length=60)),
                ('rate', models.DecimalField(decimal_places=6, max_digits=18, null=True)),
                ('unit', models.CharField(choices=[('images', 'Images'), ('units', 'Units'), ('USD', 'USD'), ('EUR', 'EUR'), ('GBP', 'GBP'), ('CHF', 'CHF'), ('CNY', 'CNY'), ('JPY', 'JPY'), ('INR', 'INR')], max_length=12)),
                ('since', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='ledgerentry',
            name='ledger_unit_known',
        ),
        migrations.RemoveConstraint(
            model_name='reservation',
            name='reservation_unit_known',
        ),
        migrations.AddField(
            model_name='generation',
            name='cost',
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='generation',
            name='cost_unit',
            field=models.CharField(blank=True, choices=[('images', 'Images'), ('units', 'Units'), ('USD', 'USD'), ('EUR', 'EUR'), ('GBP', 'GBP'), ('CHF', 'CHF'), ('CNY', 'CNY'), ('JPY', 'JPY'), ('INR', 'INR')], max_length=12),
        ),
        migrations.AddField(
            model_name='generation',
            name='rate',
            field=models.DecimalField(decimal_places=6, max_digits=18, null=True),
        ),
        migrations.AddField(
            model_name='imagemodel',
            name='prices',
            field=models.JSONField(blank=True, default=list, editable=False),
        ),
        migrations.AlterField(
            model_name='ledgerentry',
            name='unit',
            field=models.CharField(choices=[('images', 'Images'), ('units', 'Units'), ('USD', 'USD'), ('EUR', 'EUR'), ('GBP', 'GBP'), ('CHF', 'CHF'), ('CNY', 'CNY'), ('JPY', 'JPY'), ('INR', 'INR')], max_length=12),
        ),
        migrations.AlterField(
            model_name='reservation',
            name='unit',
            field=models.CharField(choices=[('images', 'Images'), ('units', 'Units'), ('USD', 'USD'), ('EUR', 'EUR'), ('GBP', 'GBP'), ('CHF', 'CHF'), ('CNY', 'CNY'), ('JPY', 'JPY'), ('INR', 'INR')], default='images', max_length=12),
        ),
        migrations.AddConstraint(
            model_name='ledgerentry',
            constraint=models.CheckConstraint(condition=models.Q(('unit__in', ['images', 'units', 'USD', 'EUR', 'GBP', 'CHF', 'CNY', 'JPY', 'INR'])), name='ledger_unit_known'),
        ),
        migrations.AddConstraint(
            model_name='reservation',
            constraint=models.CheckConstraint(condition=models.Q(('unit__in', ['images', 'units', 'USD', 'EUR', 'GBP', 'CHF', 'CNY', 'JPY', 'INR'])), name='reservation_unit_known'),
        ),
        migrations.AddField(
            model_name='price',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='price',
            name='model',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='price_history', to='studio.imagemodel'),
        ),
        migrations.AddConstraint(
            model_name='price',
            constraint=models.CheckConstraint(condition=models.Q(('rate', None), ('rate__gte', 0), _connector='OR'), name='price_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='price',
            constraint=models.CheckConstraint(condition=models.Q(('unit__in', ['units', 'USD', 'EUR', 'GBP', 'CHF', 'CNY', 'JPY', 'INR'])), name='price_unit_known'),
        ),
        migrations.RunPython(migrations.RunPython.noop, forget_money),
        migrations.RunPython(ledger.shut, ledger.open_again),
    ]
