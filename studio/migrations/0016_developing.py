"""Remembers which thumbnails a picture has, and how often its decoder died."""

from django.db import migrations, models
from django.db.models import Q

STATES = [
    "waiting",
    "saved",
    "unusable",
    "blocked_address",
    "too_large",
    "too_slow",
    "expired",
    "unfetchable",
    "gif",
    "svg",
    "animated",
    "too_many_pixels",
    "undeveloped",
    "pending_fetch",
    "pending_storage",
]


def had_two(apps, schema_editor):
    """Until now every developed picture had these two."""
    apps.get_model("studio", "Image").objects.filter(developed_at__isnull=False).update(sides=[320, 960])


def as_before(apps, schema_editor):
    apps.get_model("studio", "Slot").objects.filter(state="undeveloped").update(state="unusable")


class Migration(migrations.Migration):
    dependencies = [("studio", "0015_archived_relays")]

    operations = [
        migrations.AddField("image", "sides", models.JSONField(default=list)),
        migrations.AddField("image", "deaths", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("image", "develop_at", models.DateTimeField(null=True)),
        migrations.RemoveIndex("image", "image_undeveloped"),
        migrations.AddIndex(
            "image",
            models.Index(
                fields=["id"],
                name="image_undeveloped",
                condition=Q(developed_at=None, trashed_at=None, removed_at=None),
            ),
        ),
        migrations.RemoveConstraint("slot", "slot_state_known"),
        migrations.AlterField(
            "slot",
            "state",
            models.CharField(
                choices=[(state, state.replace("_", " ").title()) for state in STATES],
                default="waiting",
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            "slot", models.CheckConstraint(condition=Q(state__in=STATES), name="slot_state_known")
        ),
        migrations.RunPython(had_two, as_before),
    ]
