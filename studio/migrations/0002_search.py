"""Adds what Django's models cannot say: the full-text index of each database."""

from django.db import migrations

SQLITE = [
    "CREATE VIRTUAL TABLE studio_prompt_fts USING fts5(prompt_id UNINDEXED, text, tokenize='unicode61')",
    """CREATE TRIGGER studio_prompt_fts_add AFTER INSERT ON studio_prompt BEGIN
        INSERT INTO studio_prompt_fts (prompt_id, text) VALUES (new.id, new.text);
    END""",
    """CREATE TRIGGER studio_prompt_fts_remove AFTER DELETE ON studio_prompt BEGIN
        DELETE FROM studio_prompt_fts WHERE prompt_id = old.id;
    END""",
]
SQLITE_BACK = [
    "DROP TRIGGER studio_prompt_fts_add",
    "DROP TRIGGER studio_prompt_fts_remove",
    "DROP TABLE studio_prompt_fts",
]
# The very expression of PromptQuerySet.search, or the index is not used.
POSTGRESQL = [
    "CREATE INDEX prompt_words ON studio_prompt USING gin (to_tsvector('simple'::regconfig, COALESCE(text, '')))"
]
POSTGRESQL_BACK = ["DROP INDEX prompt_words"]


def forwards(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def backwards(apps, schema_editor):
    for statement in SQLITE_BACK if schema_editor.connection.vendor == "sqlite" else POSTGRESQL_BACK:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("studio", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
