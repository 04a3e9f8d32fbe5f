"""Sums of what was used, and triggers that write down whose sums a late change has made wrong.

What is younger than thirty minutes is in no sum, so that a picture that comes costs one comparison. The sums themselves are
made by the clock (`sum_usage`), a day at a time, from the first generation on.
"""

import uuid

from django.db import migrations, models

OLD_ENOUGH = {
    "sqlite": "{id} < printf('%012x', CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) - 1800000)",
    "postgresql": "{id} < (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint - 1800000), 12, '0')"
    " || repeat('0', 20))::uuid",
}
RUN = ("state", "cost", "cost_unit", "model_id", "via_id", "owner_id", "created_at")
PICTURE = ("unusable", "rating", "downloaded_at")
TOUCHED = "INSERT INTO studio_usagetouched (owner, generation)"
OF_RUN = f"{TOUCHED} VALUES ({{row}}.owner_id, {{row}}.id);"
OF_PICTURE = f"{TOUCHED} SELECT owner_id, id FROM studio_generation WHERE id = {{row}}.generation_id;"
OF_MARK = f"""{TOUCHED} SELECT run.owner_id, run.id FROM studio_image picture
        JOIN studio_generation run ON run.id = picture.generation_id
        WHERE picture.id = {{row}}.image_id AND {{old}};"""
"""Liked, put into a collection, shown outside, or no more."""
MARKS = ("favourite", "placed", "outsidelink")


def triggers(vendor):
    """Yield table, event, condition and body of each trigger."""
    differs = "OLD.{0} IS NOT NEW.{0}" if vendor == "sqlite" else "OLD.{0} IS DISTINCT FROM NEW.{0}"

    def old(column):
        return OLD_ENOUGH[vendor].format(id=column)

    def changed(columns):
        return "(" + " OR ".join(differs.format(column) for column in columns) + ")"

    for table, key, columns, body in (
        ("generation", "id", RUN, OF_RUN),
        ("image", "generation_id", PICTURE, OF_PICTURE),
    ):
        of_both = body.format(row="NEW") + (body.format(row="OLD") if table == "generation" else "")
        yield table, "INSERT", old(f"NEW.{key}"), body.format(row="NEW")
        yield table, "DELETE", old(f"OLD.{key}"), body.format(row="OLD")
        yield table, f"UPDATE OF {', '.join(columns)}", f"{old(f'NEW.{key}')} AND {changed(columns)}", of_both
    for table in MARKS:
        yield table, "INSERT", "NEW.image_id IS NOT NULL", OF_MARK.format(row="NEW", old=old("run.id"))
        yield table, "DELETE", "OLD.image_id IS NOT NULL", OF_MARK.format(row="OLD", old=old("run.id"))


def name_of(table, event):
    return f"studio_usage_{table}_{event.partition(' ')[0].lower()}"


def forwards(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for table, event, condition, body in triggers(vendor):
        name, how = name_of(table, event), f"AFTER {event} ON studio_{table} FOR EACH ROW WHEN ({condition})"
        if vendor == "sqlite":
            schema_editor.execute(f"CREATE TRIGGER {name} {how} BEGIN {body} END")
        else:
            function = f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$"
            schema_editor.execute(function.replace("%", "%%"))
            schema_editor.execute(f"CREATE TRIGGER {name} {how} EXECUTE FUNCTION {name}()")


def backwards(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for table, event, _, _ in triggers(vendor):
        name = name_of(table, event)
        schema_editor.execute(f"DROP TRIGGER {name}" + ("" if vendor == "sqlite" else f" ON studio_{table}"))
        if vendor != "sqlite":
            schema_editor.execute(f"DROP FUNCTION {name}")


class Migration(migrations.Migration):
    dependencies = [
        ("studio", "0065_words_of_webhooks"),
    ]

    operations = [
        migrations.CreateModel(
            name="UsageMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("until", models.UUIDField(default=uuid.UUID("00000000-0000-0000-0000-000000000000"))),
                ("zone", models.CharField(max_length=64)),
                ("version", models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="UsageTouched",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("owner", models.UUIDField()),
                ("generation", models.UUIDField()),
            ],
        ),
        migrations.CreateModel(
            name="UsageSum",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made", models.DateField()),
                ("day", models.DateField()),
                ("owner", models.UUIDField(null=True)),
                ("model", models.UUIDField()),
                (
                    "unit",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("images", "Images"),
                            ("units", "Units"),
                            ("USD", "USD"),
                            ("EUR", "EUR"),
                            ("GBP", "GBP"),
                            ("CHF", "CHF"),
                            ("CNY", "CNY"),
                            ("JPY", "JPY"),
                            ("INR", "INR"),
                        ],
                        max_length=12,
                    ),
                ),
                ("runs", models.PositiveBigIntegerField()),
                ("priced", models.PositiveBigIntegerField()),
                ("spent", models.PositiveBigIntegerField()),
                ("failed", models.PositiveBigIntegerField()),
                ("unpriced", models.PositiveBigIntegerField()),
                ("images", models.PositiveBigIntegerField()),
                ("kept", models.PositiveBigIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["owner", "made"], name="usage_of_owner"),
                    models.Index(
                        condition=models.Q(("owner__isnull", False)), fields=["made"], name="usage_of_people"
                    ),
                ],
            },
        ),
        migrations.RunPython(forwards, backwards),
    ]
