"""One rule of visibility: a picture is shared only while its generation is, a prompt only while a generation of it is."""

from django.db import migrations, models
from django.db.models import Exists, F, Max, OuterRef, Q, Subquery


def one_rule(apps, schema_editor):
    """Take back the runs of which nothing is left to see; a shared picture carries its run's prompt, as it always did."""
    Generation, Image, Prompt = (apps.get_model("studio", name) for name in ("Generation", "Image", "Prompt"))
    kept = Image.objects.filter(generation=OuterRef("pk"), trashed_at=None, unusable=False)
    with_a_shared = Exists(kept.filter(shared=True))
    Generation.objects.filter(with_a_shared, shared=False).update(shared=True)
    Generation.objects.filter(Exists(kept), ~with_a_shared, shared=True).update(shared=False)
    Image.objects.filter(shared=True, generation__shared=False).update(shared=False)
    runs = Generation.objects.filter(prompt=OuterRef("pk"), shared=True).order_by().values("prompt")
    Prompt.objects.update(shared_at=Subquery(runs.annotate(at=Max("created_at")).values("at")))


def as_before(apps, schema_editor):
    Prompt = apps.get_model("studio", "Prompt")
    Prompt.objects.update(shared=Q(shared_at__isnull=False))


SEEN_BY_TEAM = Q(shared=True, trashed_at=None, held_at=None, removed_at=None, unusable=False)


class Migration(migrations.Migration):
    dependencies = [("studio", "0007_append_only_audit")]
    operations = [
        migrations.AddField("image", "held_at", models.DateTimeField(null=True)),
        migrations.AddField("image", "removed_at", models.DateTimeField(null=True)),
        migrations.AddField("prompt", "shared_at", models.DateTimeField(null=True)),
        # Known to the state alone, for the way back: SQLite would build the table anew and lose the search's triggers.
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.AlterField("prompt", "shared", models.BooleanField(default=False))]
        ),
        migrations.RunPython(one_rule, as_before),
        migrations.RemoveField("prompt", "shared"),
        migrations.RemoveField("prompt", "runs"),
        migrations.RemoveIndex("prompt", "prompt_newest"),
        migrations.AddIndex("prompt", models.Index(fields=["author", "-run_at", "-id"], name="prompt_mine")),
        migrations.AddIndex(
            "prompt",
            models.Index(
                fields=["-shared_at", "-id"], name="prompt_team", condition=Q(shared_at__isnull=False)
            ),
        ),
        migrations.AddIndex(
            "generation",
            models.Index(fields=["owner", "-id"], name="generation_alone", condition=Q(comparison=None)),
        ),
        migrations.AddIndex(
            "generation",
            models.Index(fields=["prompt", "-id"], name="generation_of_team", condition=Q(shared=True)),
        ),
        migrations.RemoveIndex("image", "image_mine"),
        migrations.RemoveIndex("image", "image_team"),
        migrations.AddIndex(
            "image",
            models.Index(
                fields=["owner", "-id"],
                name="image_mine",
                condition=Q(trashed_at=None, removed_at=None, unusable=False),
            ),
        ),
        migrations.AddIndex("image", models.Index(fields=["-id"], name="image_team", condition=SEEN_BY_TEAM)),
    ]
