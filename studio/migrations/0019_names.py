"""Rounds, reserved images and the requests that left for relays by the names that the code has for them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("studio", "0018_reservations")]

    operations = [
        migrations.RenameField("generation", "presses", "round"),
        migrations.RenameField("slot", "press", "round"),
        migrations.RemoveConstraint("allowance", "allowance_not_negative"),
        migrations.RenameField("allowance", "held", "reserved"),
        migrations.AddConstraint(
            "allowance",
            models.CheckConstraint(
                condition=models.Q(("reserved__gte", 0), ("spent__gte", 0)), name="allowance_not_negative"
            ),
        ),
        migrations.RemoveConstraint("wirerequest", "wire_request_once"),
        migrations.RenameIndex(
            "wirerequest", new_name="relay_request_of_model", old_name="wire_request_of_model"
        ),
        migrations.RenameModel("WireRequest", "RelayRequest"),
        migrations.AddConstraint(
            "relayrequest",
            models.UniqueConstraint(fields=("generation", "attempt"), name="relay_request_once"),
        ),
        migrations.AlterField(
            "relayrequest",
            "generation",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="relay_requests",
                to="studio.generation",
            ),
        ),
        migrations.AlterField(
            "relayrequest",
            "model",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="relay_requests",
                to="studio.imagemodel",
            ),
        ),
    ]
