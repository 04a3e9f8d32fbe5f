"""Where a prompt came from, how it stands in the orders of the history, and the library of saved prompts."""

import django.db.models.deletion
import django.db.models.functions.datetime
import studio.models.ids
from django.conf import settings
from django.db import migrations, models


def figure(name):
    """Add a column in plain SQL: with Django's, SQLite would build the table anew and lose the search's triggers."""
    add, drop = f'ADD COLUMN "{name}" integer NOT NULL DEFAULT 0', f'DROP COLUMN "{name}"'
    field = migrations.AddField("prompt", name, models.IntegerField(db_default=0))
    return migrations.RunSQL(
        f'ALTER TABLE "studio_prompt" {add}', f'ALTER TABLE "studio_prompt" {drop}', state_operations=[field]
    )


class Migration(migrations.Migration):
    dependencies = [
        ("studio", "0036_words_index"),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedPrompt",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=studio.models.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("title", models.CharField(max_length=120)),
                ("text", models.TextField()),
                ("number", models.PositiveIntegerField(default=1)),
                ("shared", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("changed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="SavedVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=studio.models.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("text", models.TextField()),
                ("why", models.CharField(blank=True, max_length=200)),
                ("credit", models.CharField(blank=True, max_length=150)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        *map(figure, ("used", "rated", "team_used", "team_rated")),
        migrations.AddField(
            model_name="generation",
            name="parent",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="offspring",
                to="studio.prompt",
            ),
        ),
        migrations.AddIndex(
            model_name="prompt",
            index=models.Index(fields=["author", "-used", "-id"], name="prompt_mine_used"),
        ),
        migrations.AddIndex(
            model_name="prompt",
            index=models.Index(fields=["author", "-rated", "-id"], name="prompt_mine_rated"),
        ),
        migrations.AddIndex(
            model_name="prompt",
            index=models.Index(
                condition=models.Q(("shared_at__isnull", False)),
                fields=["-team_used", "-id"],
                name="prompt_team_used",
            ),
        ),
        migrations.AddIndex(
            model_name="prompt",
            index=models.Index(
                condition=models.Q(("shared_at__isnull", False)),
                fields=["-team_rated", "-id"],
                name="prompt_team_rated",
            ),
        ),
        migrations.AddIndex(
            model_name="prompt",
            index=models.Index(
                condition=models.Q(("shared_at__isnull", False)),
                fields=["digest", "-shared_at", "-id"],
                name="prompt_twins",
            ),
        ),
        migrations.AddField(
            model_name="savedprompt",
            name="example",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="studio.image"
            ),
        ),
        migrations.AddField(
            model_name="savedprompt",
            name="owner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="saved_prompts",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="savedversion",
            name="author",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="savedversion",
            name="saved",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="studio.savedprompt"
            ),
        ),
        migrations.AddField(
            model_name="generation",
            name="saved",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="runs",
                to="studio.savedversion",
            ),
        ),
        migrations.AddIndex(
            model_name="generation",
            index=models.Index(
                condition=models.Q(("parent__isnull", False)), fields=["parent"], name="generation_parent"
            ),
        ),
        migrations.AddIndex(
            model_name="generation",
            index=models.Index(
                condition=models.Q(("saved__isnull", False)), fields=["saved"], name="generation_saved"
            ),
        ),
        migrations.AddIndex(
            model_name="savedprompt",
            index=models.Index(fields=["owner", "-changed_at", "-id"], name="saved_prompt_mine"),
        ),
        migrations.AddIndex(
            model_name="savedprompt",
            index=models.Index(
                condition=models.Q(("shared", True)), fields=["-changed_at", "-id"], name="saved_prompt_team"
            ),
        ),
        migrations.AddConstraint(
            model_name="savedversion",
            constraint=models.UniqueConstraint(fields=("saved", "number"), name="saved_version_once"),
        ),
    ]
