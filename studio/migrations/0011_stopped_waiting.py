"""A person may stop waiting for a row that goes on; a retry keeps the first run's time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("studio", "0010_words")]
    operations = [
        migrations.AddField("generation", "stopped_waiting_at", models.DateTimeField(null=True)),
        migrations.AddField("generation", "first_ms", models.PositiveIntegerField(null=True)),
    ]
