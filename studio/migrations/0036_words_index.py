"""One index of words for pictures, and one for prompts, over the same tokens on both databases (studio.search).

An entry of a picture also names what can be asked for beside words (its person, model, shape, colour, looks, bytes), so that
the index alone can meet them. SQLite keeps the entries in the order of time: `rowid` is made of the first bits of the id.
"""

from itertools import batched

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from studio.search.parse import indexed

DIGITS = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18]
"""Of the 32 hex digits of an id: its milliseconds but the first digit, which is 0 until 2527, and 18 of its random bits."""


def place_of(column):
    digits = (f"(instr('0123456789abcdef', substr({column}, {at}, 1)) - 1)" for at in DIGITS)
    return " + ".join(f"{digit} * {16 ** (15 - number)}" for number, digit in enumerate(digits))


def facts_of(row):
    """The facts of a picture as words of a column of their own."""
    return f"""'any o' || {row}.owner_id || ' m' || coalesce({row}.model_id, '') || ' h' || {row}.hue
        || CASE WHEN {row}.width > {row}.height THEN ' landscape' WHEN {row}.width < {row}.height THEN ' portrait'
           ELSE ' square' END
        || ' a' || substr({row}.likeness, 1, 4) || ' b' || substr({row}.likeness, 5, 4)
        || ' c' || substr({row}.likeness, 9, 4) || ' d' || substr({row}.likeness, 13, 4)
        || ' x' || substr({row}.sha256, 1, 16)"""


def entry_of(row):
    return f"SELECT {place_of(row + '.id')}, {row}.id, {row}.words, {facts_of(row)}"


INTO = "INSERT INTO studio_image_fts (rowid, image_id, said, facts)"
OUT = f"DELETE FROM studio_image_fts WHERE rowid = {place_of('old.id')} AND image_id = old.id;"
CHANGING = "words, owner_id, model_id, hue, width, height, likeness, sha256"
TOKENS = "tokenize='unicode61 remove_diacritics 0'"
SQLITE = [
    f"CREATE VIRTUAL TABLE studio_image_fts USING fts5(image_id UNINDEXED, said, facts, {TOKENS})",
    f"{INTO} {entry_of('image')} FROM studio_image AS image ORDER BY image.id",
    f"CREATE TRIGGER studio_image_fts_add AFTER INSERT ON studio_image BEGIN {INTO} {entry_of('new')}; END",
    f"CREATE TRIGGER studio_image_fts_change AFTER UPDATE OF {CHANGING} ON studio_image "
    # Taken out first: within an upsert, SQLite lets no statement of a trigger replace anything.
    f"BEGIN {OUT} {INTO} {entry_of('new')}; END",
    f"CREATE TRIGGER studio_image_fts_remove AFTER DELETE ON studio_image BEGIN {OUT} END",
]


def prompts_on_sqlite(column, options):
    return [
        "DROP TRIGGER IF EXISTS studio_prompt_fts_add",
        "DROP TRIGGER IF EXISTS studio_prompt_fts_remove",
        "DROP TABLE studio_prompt_fts",
        f"CREATE VIRTUAL TABLE studio_prompt_fts USING fts5(prompt_id UNINDEXED, text, {options})",
        f"INSERT INTO studio_prompt_fts (prompt_id, text) SELECT id, {column} FROM studio_prompt ORDER BY id",
        f"""CREATE TRIGGER studio_prompt_fts_add AFTER INSERT ON studio_prompt BEGIN
            INSERT INTO studio_prompt_fts (prompt_id, text) VALUES (new.id, new.{column});
        END""",
        """CREATE TRIGGER studio_prompt_fts_remove AFTER DELETE ON studio_prompt BEGIN
            DELETE FROM studio_prompt_fts WHERE prompt_id = old.id;
        END""",
    ]


SQLITE_BACK = [
    "DROP TRIGGER studio_image_fts_add",
    "DROP TRIGGER studio_image_fts_change",
    "DROP TRIGGER studio_image_fts_remove",
    "DROP TABLE studio_image_fts",
]
# The signs before a fact are in no word, and no parser looks at an array.
POSTGRESQL = [
    """ALTER TABLE studio_image ADD COLUMN entry tsvector GENERATED ALWAYS AS (
        to_tsvector('simple'::regconfig, words) || array_to_tsvector(ARRAY[
            '=any',
            '=o' || replace(owner_id::text, '-', ''),
            '=m' || replace(coalesce(model_id::text, ''), '-', ''),
            '=h' || hue,
            CASE WHEN width > height THEN '=landscape' WHEN width < height THEN '=portrait' ELSE '=square' END,
            '=a' || substr(likeness, 1, 4),
            '=b' || substr(likeness, 5, 4),
            '=c' || substr(likeness, 9, 4),
            '=d' || substr(likeness, 13, 4),
            '=x' || substr(sha256, 1, 16)
        ])
    ) STORED""",
    "CREATE INDEX image_entry ON studio_image USING gin (entry)",
    "ALTER TABLE studio_prompt ADD COLUMN entry tsvector "
    "GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, words)) STORED",
    "DROP INDEX prompt_words",
    "CREATE INDEX prompt_entry ON studio_prompt USING gin (entry)",
]
POSTGRESQL_BACK = [
    "ALTER TABLE studio_image DROP COLUMN entry",
    "ALTER TABLE studio_prompt DROP COLUMN entry",
    "CREATE INDEX prompt_words ON studio_prompt USING gin (to_tsvector('simple'::regconfig, COALESCE(text, '')))",
]


def write_words(apps, schema_editor):
    Prompt, Image, Generation = (apps.get_model("studio", name) for name in ("Prompt", "Image", "Generation"))
    for some in batched(Prompt.objects.only("text").iterator(chunk_size=500), 500):
        for row in some:
            row.words = indexed(row.text)
        Prompt.objects.bulk_update(some, ["words"])
    run = Generation.objects.filter(pk=OuterRef("generation"))
    Image.objects.update(model=Subquery(run.values(drawn_by=Coalesce("via", "model"))))
    rows = Image.objects.select_related("generation__prompt").only("revised_prompt", "alt_text", "generation__prompt__text")
    for some in batched(rows.iterator(chunk_size=500), 500):
        for row in some:
            row.words = indexed(row.generation.prompt.text, row.revised_prompt, row.alt_text)
        Image.objects.bulk_update(some, ["words"])


def forwards(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        statements = SQLITE + prompts_on_sqlite("words", TOKENS)
    else:
        statements = ["SET CONSTRAINTS ALL IMMEDIATE", *POSTGRESQL]
    for statement in statements:
        schema_editor.execute(statement)


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        statements = SQLITE_BACK + prompts_on_sqlite("text", "tokenize='unicode61'")
    else:
        statements = POSTGRESQL_BACK
    for statement in statements:
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ('studio', '0035_collections'),
    ]

    operations = [
        migrations.AddField(
            model_name='image',
            name='model',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='images', to='studio.imagemodel'),
        ),
        migrations.AddField(
            model_name='image',
            name='words',
            field=models.TextField(blank=True, default='', editable=False),
        ),
        migrations.AddField(
            model_name='prompt',
            name='words',
            field=models.TextField(default='', editable=False),
        ),
        migrations.RunPython(write_words, migrations.RunPython.noop),
        migrations.RunPython(forwards, backwards),
    ]
