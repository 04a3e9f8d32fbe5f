from django.db import migrations, models

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
    "pending_fetch",
    "pending_storage",
]


class Migration(migrations.Migration):
    """Tell a picture that the studio does not keep, or could not fetch, from one that arrived damaged."""

    dependencies = [
        ("studio", "0005_index_for_both"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="slot", name="slot_state_known"),
        migrations.AlterField(
            model_name="slot",
            name="state",
            field=models.CharField(
                choices=[(state, state.replace("_", " ").title()) for state in STATES],
                default="waiting",
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", STATES)), name="slot_state_known"
            ),
        ),
    ]
