"""Counts tries in the database: shared by all processes and machines."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("studio", "0008_visibility")]

    operations = [
        migrations.CreateModel(
            name="Tries",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("times", models.JSONField(default=list)),
                ("told_at", models.FloatField(default=0)),
                ("ends_at", models.DateTimeField(db_index=True)),
            ],
            options={"verbose_name_plural": "tries"},
        ),
    ]
