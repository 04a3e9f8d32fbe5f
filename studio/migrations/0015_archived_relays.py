"""Relays that were asked for pictures can be put away without losing their name."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("studio", "0014_sandbox_choice")]

    operations = [
        migrations.AddField(
            model_name="relay",
            name="archived_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name="relay",
            constraint=models.CheckConstraint(
                condition=models.Q(archived_at=None) | models.Q(enabled=False), name="relay_archived_is_off"
            ),
        ),
    ]
