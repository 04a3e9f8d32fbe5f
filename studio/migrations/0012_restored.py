"""A row of a restored copy sends nothing without its person."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("studio", "0011_stopped_waiting")]
    operations = [migrations.AddField("generation", "restored", models.BooleanField(default=False))]
