"""Many more rows of pictures out of those there are, by the database itself: other ids, texts and bytes, same times."""

from typing import Any

from django.db import connection, models

from studio.models import Favourite, Generation, Image, Prompt, Slot

HEX = "0123456789abcdef"
MOST = 15
"""Copies of one row: its id differs from theirs in one digit, which is none of its time."""


def _moved(column: str) -> str:
    """Return SQL for the id of the copy `k` of what has this id."""
    plain = f's."{column}"' if connection.vendor == "sqlite" else f"replace(s.\"{column}\"::text, '-', '')"
    find = "instr" if connection.vendor == "sqlite" else "strpos"
    digit = f"substr('{HEX}', ({find}('{HEX}', substr({plain}, 15, 1)) - 1 + k) % 16 + 1, 1)"
    made = f"substr({plain}, 1, 14) || {digit} || substr({plain}, 16)"
    return made if connection.vendor == "sqlite" else f"({made})::uuid"


def _different() -> dict[type[models.Model], dict[str, str | None]]:
    """Return what differs in the copies of each table: column → SQL, None for what the database numbers itself."""
    run = {"generation_id": _moved("generation_id")}
    said = "s.{} || ' copy' || k"
    return {
        Prompt: {
            "id": _moved("id"),
            "text": said.format("text"),
            "words": said.format("words"),
            "digest": "substr(s.digest, 1, 60) || 'k' || k",
        },
        Generation: {
            "id": _moved("id"),
            "prompt_id": _moved("prompt_id"),
            "submission_id": _moved("submission_id"),
        },
        Slot: {"id": None, **run},
        Image: {
            "id": _moved("id"),
            **run,
            "prompt_id": _moved("prompt_id"),
            "words": said.format("words"),
            "key": "s.key || k",
            "sha256": f"substr('{HEX}', k + 1, 1) || substr(s.sha256, 2)",
            "hearts": "0",
        },
        Favourite: {"id": None, "image_id": _moved("image_id")},
    }


def add(times: int) -> None:
    """Let there be so many copies of every picture, with its run and its prompt."""
    assert times <= MOST
    with connection.cursor() as cursor:
        of_words = []
        if connection.vendor == "postgresql":  # made anew at the end: row by row they take most of the time
            cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE '%USING gin%'")
            of_words = cursor.fetchall()
        for name, _ in of_words:
            cursor.execute(f'DROP INDEX "{name}"')
        for table, different in _different().items():
            _copy(cursor, table, different, times)
        for _, definition in of_words:
            cursor.execute(definition)


def _copy(cursor: Any, table: type[models.Model], different: dict[str, str | None], times: int) -> None:
    columns = [field.column for field in table._meta.concrete_fields]
    columns = [column for column in columns if different.get(column, "") is not None]
    named = ", ".join(f'"{column}"' for column in columns)
    chosen = ", ".join(different.get(column) or f's."{column}"' for column in columns)
    numbers = ", ".join(f"({k})" for k in range(1, times + 1))
    name = table._meta.db_table
    cursor.execute(
        f'INSERT INTO "{name}" ({named}) SELECT {chosen} FROM "{name}" s '
        f"CROSS JOIN (SELECT column1 AS k FROM (VALUES {numbers}) AS number) AS copy ORDER BY s.id, k"
    )
