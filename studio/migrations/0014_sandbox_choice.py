"""An administrator decides whether the sandbox stays once a real relay is there."""

from django.db import migrations, models

CHOICES = [("", "not asked yet"), ("kept", "kept"), ("off", "off")]


class Migration(migrations.Migration):
    dependencies = [("studio", "0013_kept_links")]
    operations = [
        migrations.AddField(
            "installation", "sandbox", models.CharField(max_length=8, choices=CHOICES, default="", blank=True)
        )
    ]
