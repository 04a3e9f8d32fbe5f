"""Each picture knows its prompt: triggers write down what its generation says, so that no writer has to."""

import django.db.models.deletion
import studio.models.samples
from django.db import migrations, models


OF_RUN = "(SELECT prompt_id FROM studio_generation WHERE id = {row}.generation_id)"
FILLED = f"UPDATE studio_image SET prompt_id = {OF_RUN.format(row='studio_image')}"
FOLLOW = "UPDATE studio_image SET prompt_id = NEW.prompt_id WHERE generation_id = NEW.id;"
SQLITE = [
    FILLED,
    f"""CREATE TRIGGER studio_image_prompt_add AFTER INSERT ON studio_image BEGIN
        UPDATE studio_image SET prompt_id = {OF_RUN.format(row='NEW')} WHERE id = NEW.id;
    END""",
    f"CREATE TRIGGER studio_image_prompt_follow AFTER UPDATE OF prompt_id ON studio_generation BEGIN {FOLLOW} END",
]
SQLITE_BACK = ["DROP TRIGGER studio_image_prompt_add", "DROP TRIGGER studio_image_prompt_follow"]
POSTGRESQL = [
    "SET CONSTRAINTS ALL IMMEDIATE",
    FILLED,
    f"""CREATE FUNCTION studio_image_prompt_add() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.prompt_id := {OF_RUN.format(row='NEW')};
        RETURN NEW;
    END $$""",
    """CREATE TRIGGER studio_image_prompt_add BEFORE INSERT ON studio_image
    FOR EACH ROW EXECUTE FUNCTION studio_image_prompt_add()""",
    f"""CREATE FUNCTION studio_image_prompt_follow() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        {FOLLOW}
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER studio_image_prompt_follow AFTER UPDATE OF prompt_id ON studio_generation
    FOR EACH ROW WHEN (OLD.prompt_id IS DISTINCT FROM NEW.prompt_id)
    EXECUTE FUNCTION studio_image_prompt_follow()""",
]
POSTGRESQL_BACK = [
    "DROP TRIGGER studio_image_prompt_add ON studio_image",
    "DROP FUNCTION studio_image_prompt_add",
    "DROP TRIGGER studio_image_prompt_follow ON studio_generation",
    "DROP FUNCTION studio_image_prompt_follow",
]


def forwards(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def backwards(apps, schema_editor):
    for statement in SQLITE_BACK if schema_editor.connection.vendor == "sqlite" else POSTGRESQL_BACK:
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ('studio', '0063_storage_low'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='generation',
            name='generation_of_team',
        ),
        migrations.AddField(
            model_name='image',
            name='prompt',
            field=models.ForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='images', to='studio.prompt'),
        ),
        migrations.RunPython(forwards, backwards),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(condition=models.Q(('shared', True)), fields=['prompt', 'model', 'via', 'n', 'id', 'shared'], name='generation_of_team'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(condition=models.Q(('parent__isnull', False), ('saved__isnull', False), _connector='OR'), fields=['prompt', 'id'], name='generation_came'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(fields=['settled_at'], name='generation_settled'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(models.F('prompt'), models.OrderBy(models.F('hearts'), descending=True), models.OrderBy(studio.models.samples.Stars('rating'), descending=True), models.OrderBy(models.F('id'), descending=True), models.F('shared'), models.F('held_at'), models.F('unusable'), condition=models.Q(('removed_at', None), ('trashed_at', None), ('unusable', False)), name='image_of_prompt'),
        ),
    ]
