"""Rows by the million on PostgreSQL: as many as a large team has after years, without their files.

Prompts are written by this process, the rest is copied by the database itself from one generation that the studio made:
every generation has two pictures, one prompt in two is run twice, people and models share them unevenly.
"""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import httpx
from django.db import connection, models
from django.utils import timezone

from studio.models import (
    AuditEntry,
    Generation,
    Image,
    ImageModel,
    LedgerEntry,
    Prompt,
    RelayRequest,
    Reservation,
    Role,
    Slot,
    User,
)
from studio.models.ids import uuid7
from studio.search.parse import indexed
from studio.services import retention, standing
from studio.services.drawing import claims
from studio.services.relays import edit
from tests.bench import measures
from tests.factories import make_generation, make_image, make_user

PEOPLE, MODELS = 5000, 20
YEARS = 3
PROMPTS = 20_000
"""In one batch; each is run twice and drawn twice."""

Row = type[models.Model]
"""A table and what is different in its copies: column → SQL, in terms of the source `s` and the template `t`."""


def words(count: int, seed: int) -> list[str]:
    """Return made-up words, the first of which are common and the last rare."""
    chance = random.Random(seed)
    syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
    return ["".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(count)]


def sentences(count: int) -> Iterator[str]:
    """Yield prompts of 8 to 40 words; how often a word comes follows Zipf's law, roughly."""
    known = words(20_000, 3)
    for _ in range(count):
        chosen = (known[int(len(known) ** random.random()) - 1] for _ in range(random.randint(8, 40)))
        yield " ".join(chosen)


def people() -> None:
    """Make everybody and the models, once, and the template of all rows."""
    if User.objects.count() > PEOPLE:
        return
    User.objects.bulk_create(
        [User(email=f"p{i}@studio.example", name=f"Person {i}", password="!") for i in range(PEOPLE)]
    )
    relay = edit.add_relay(
        name="Large", dialect="openai", base_url="https://relay.example/v1", api_key="large-key-0123"
    )
    for i in range(MODELS):
        edit.add_model(relay=relay, model_id=f"large-{i}", accepts={})
    person = make_user("Template", role=Role.ADMINISTRATOR)
    row = make_generation(
        person, ImageModel.objects.get(model_id="large-0"), text="The template", n=2, state="done"
    )
    make_image(person, row.model, generation=row, content=None)
    with connection.cursor() as cursor:
        cursor.execute("CREATE SEQUENCE large_audit START 1000")
    RelayRequest.objects.create(generation=row, model=row.model, attempt=1, slots=[0, 1], outcome="done")


def grow(images: int, seconds: float) -> int:
    """Add so many pictures with all their rows, or as many as the time suffices for; return how many."""
    people()
    template = Generation.objects.get(prompt__text="The template")
    until, added = time.monotonic() + seconds, 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE '%USING gin%'")
        of_words = cursor.fetchall()  # made anew at the end: row by row they take most of the time
        cursor.execute(
            "".join(f'DROP INDEX "{name}";' for name, _ in of_words) + "SET synchronous_commit = off"
        )
        _listen(cursor, "DISABLE")
        while added < images and time.monotonic() < until:
            added += _batch(template)
        _listen(cursor, "ENABLE")
        cursor.execute("SET maintenance_work_mem = '1GB'; SET synchronous_commit = on")
        cursor.execute(";".join(definition for _, definition in of_words))
        cursor.execute("VACUUM ANALYZE")
    return added


def _listen(cursor: Any, how: str) -> None:
    """Have the triggers of what was used write down what changes, or not: here nothing changes that was summed up."""
    cursor.execute(
        "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE t.tgname LIKE 'studio_usage_%'"
    )
    for table, trigger in cursor.fetchall():
        cursor.execute(f'ALTER TABLE "{table}" {how} TRIGGER "{trigger}"')


def _batch(template: Generation) -> int:
    moment = timezone.now() - timedelta(days=random.uniform(1, YEARS * 365))
    with connection.cursor() as cursor:
        _write_prompts(cursor, moment)
        cursor.execute(SOURCE)
        for table, key, different in _copies(template):
            _copy(cursor, table, key, different)
        cursor.execute("DROP TABLE fresh, s")
    return PROMPTS * 4


def _write_prompts(cursor: Any, moment: datetime) -> None:
    """Write the texts into a table of their own, which all other rows are made from."""
    cursor.execute(
        "CREATE TEMP TABLE fresh (id uuid, text text, words text, digest text, person int, at timestamptz)"
    )
    with cursor.copy("COPY fresh FROM STDIN") as copy:
        for text in sentences(PROMPTS):
            at = moment + timedelta(seconds=random.uniform(0, 86400))
            person = int(PEOPLE ** random.random())
            copy.write_row((uuid7(), text, indexed(text), Prompt.digest_of(text), person, at))


SOURCE = """
CREATE TEMP TABLE s AS
SELECT uuidv7(at - now() + run * interval '1 minute') AS generation, fresh.id AS prompt, text, words, digest, at, run,
       person.id AS owner, model.id AS model, random() < 0.7 AS shared, uuidv7(at - now()) AS reservation
FROM fresh
JOIN (SELECT id, row_number() OVER (ORDER BY email) AS number FROM studio_user) person ON person.number = fresh.person
JOIN (SELECT id, row_number() OVER (ORDER BY model_id) AS number FROM studio_imagemodel
      WHERE model_id LIKE 'large-%') model
  ON model.number = 1 + (hashtext(fresh.digest) & 7)
CROSS JOIN generate_series(1, 2) run
"""


def _copies(template: Generation) -> Iterator[tuple[Row, Any, dict[str, str]]]:
    """Yield each table with the key of its template row and what differs in the copies."""
    picture, reservation = template.images.get(), Reservation.objects.get(generation=template, unit="images")
    key = "md5(random()::text)"
    yield (
        Prompt,
        template.prompt_id,
        {"id": "s.prompt", "author_id": "s.owner", "text": "s.text", "words": "s.words", "digest": "s.digest"}
        | {"run_at": "s.at", "created_at": "s.at", "shared_at": "CASE WHEN s.shared THEN s.at END"},
    )
    yield (
        Generation,
        template.pk,
        {"id": "s.generation", "owner_id": "s.owner", "prompt_id": "s.prompt", "model_id": "s.model"}
        | {"submission_id": "gen_random_uuid()", "shared": "s.shared", "token": key, "created_at": "s.at"}
        | {
            "sent_at": "s.at",
            "received_at": "s.at",
            "settled_at": "s.at",
            "month": "date_trunc('month', s.at)::date",
        },
    )
    yield Slot, template.slots.first().pk, {"id": None, "generation_id": "s.generation", "index": "twice.i"}
    yield (
        Image,
        picture.pk,
        {
            "id": "uuidv7(s.at - now() + s.run * interval '1 minute')",
            "generation_id": "s.generation",
            "index": "twice.i",
        }
        | {
            "owner_id": "s.owner",
            "model_id": "s.model",
            "words": "s.words",
            "shared": "s.shared",
            "saved_at": "s.at",
        }
        | {
            "key": f"'originals/' || {key} || '/' || s.generation || '/' || twice.i || '.png'",
            "sha256": f"{key} || {key}",
        }
        | {"byte_size": "1000000 + (random() * 1000000)::int", "developed_at": "s.at"},
    )
    yield (
        Reservation,
        reservation.pk,
        {"id": "s.reservation" if _is_uuid(Reservation) else None, "generation_id": "s.generation"}
        | {"person_id": "s.owner", "month": "date_trunc('month', s.at)::date"},
    )
    yield (
        LedgerEntry,
        LedgerEntry.objects.filter(generation=template.pk).first().pk,
        {
            "id": "uuidv7(s.at - now())",
            "at": "s.at",
            "generation": "s.generation",
            "reservation": "s.reservation",
        }
        | {"person": "s.owner", "month": "date_trunc('month', s.at)::date"},
    )
    yield (
        AuditEntry,
        AuditEntry.objects.latest("seq").pk,
        {"id": "uuidv7(s.at - now())", "seq": "nextval('large_audit')", "at": "s.at", "actor_id": "s.owner"}
        | {"subject": "s.generation::text", "hash": f"{key} || {key}", "action": "'generation.submitted'"},
    )
    yield (
        RelayRequest,
        RelayRequest.objects.get(generation=template).pk,
        {
            "id": "uuidv7(s.at - now())",
            "generation_id": "s.generation",
            "model_id": "s.model",
            "sent_at": "s.at",
        }
        | {"ended_at": "s.at + interval '9 seconds'"},
    )


TWICE = (Slot, Image, LedgerEntry, AuditEntry)


def _is_uuid(table: Row) -> bool:
    return isinstance(table._meta.pk, models.UUIDField)


def _copy(cursor: Any, table: Row, key: Any, different: dict[str, str | None]) -> None:
    """Copy the template's row once or twice for each row of the source; the database itself gives numbers to keys."""
    columns = [
        field.column for field in table._meta.concrete_fields if different.get(field.column, "") is not None
    ]
    chosen = [different.get(column) or f't."{column}"' for column in columns]
    times = "CROSS JOIN generate_series(0, 1) twice(i)" if table in TWICE else ""
    only = "WHERE s.run = 1" if table is Prompt else ""
    name = table._meta.db_table
    named = ", ".join(f'"{column}"' for column in columns)
    cursor.execute(
        f'INSERT INTO "{name}" ({named}) SELECT {", ".join(chosen)} FROM s {times} '
        f'CROSS JOIN (SELECT * FROM "{name}" WHERE {table._meta.pk.column} = %s) t {only} ON CONFLICT DO NOTHING',
        [key],
    )


def sizes() -> dict[str, dict[str, float]]:
    """Return rows and bytes of each large table with its indexes, and bytes for each picture."""
    pictures = max(1, Image.objects.count())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, reltuples::bigint, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class "
            "WHERE relkind = 'r' AND relname LIKE 'studio_%' AND reltuples > 1000 "
            "ORDER BY pg_total_relation_size(oid) DESC"
        )
        return {
            name.removeprefix("studio_"): {
                "rows": rows,
                "table_mb": round(table / 2**20),
                "indexes_mb": round(indexes / 2**20),
                "bytes_a_picture": round((table + indexes) / pictures),
            }
            for name, rows, table, indexes in cursor.fetchall()
        }


def pages() -> list[tuple[User, str]]:
    """Return who looks at what: one who has made much, one who has made little, and an administrator."""
    much = User.objects.annotate(count=models.Count("generations")).order_by("-count").first()
    little = User.objects.filter(email="p4321@studio.example").get()
    alice = User.objects.get(name="Template")
    known = words(20_000, 3)
    common, rare = known[2], known[15_000]
    old = Image.objects.order_by("pk").values_list("pk", flat=True)[1000]
    return [
        (much, "/"),
        (much, "/gallery/?view=mine"),
        (little, "/gallery/?view=mine"),
        (little, "/gallery/?view=team"),
        (little, f"/gallery/?view=team&before={old}"),
        (little, f"/gallery/?view=team&q={common}"),
        (little, f"/gallery/?view=team&q={rare}"),
        (much, f"/gallery/?view=mine&q={rare}"),
        (little, "/prompts/"),
        (little, "/prompts/?sort=used"),
        (little, f"/prompts/?q={rare}"),
        (much, "/usage/"),
        (little, "/queue/"),
        (alice, "/administration/"),
        (alice, "/administration/usage/"),
        (alice, "/administration/audit/"),
        (alice, "/administration/people/"),
    ]


def times(client: httpx.Client, path: str, runs: int = 20) -> dict[str, float]:
    """Return the median and the 95th of a hundred of some GETs, after three to warm up; in milliseconds."""
    found = []
    for _ in range(runs + 3):
        started = time.perf_counter()
        client.get(path).raise_for_status()
        found.append((time.perf_counter() - started) * 1000)
    found = sorted(found[3:])
    return {"p50_ms": round(statistics.median(found), 1), "p95_ms": round(found[int(runs * 0.95) - 1], 1)}


def chores() -> Iterator[tuple[str, dict[str, float]]]:
    """Yield how long the studio's own work takes, in this process."""
    person = User.objects.get(name="Template")
    model = ImageModel.objects.get(model_id="large-0")
    yield "submit", _timed(lambda: measures.submit(person, model, f"One more {time.monotonic()}", 1), 20)
    yield from _crowded(model)
    yield "claim the next row", _timed(lambda: claims.claim_next("bench"), 20)
    Generation.objects.active().update(state="cancelled", claimed_by="")  # nobody is to draw them
    yield "count_lately", _timed(standing.count_lately, 3)
    yield "clean_up", _timed(retention.clean_up, 2)


def _crowded(model: ImageModel) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield how many generations are taken in a second: each ends at the one chain of the audit."""
    people = list(User.objects.filter(email__startswith="p").order_by("pk")[:32])
    for at_once in (1, 8, 32):
        started = time.perf_counter()
        with ThreadPoolExecutor(at_once) as pool:
            asked = [
                pool.submit(_ask, people[i % 32], model, f"Crowd {at_once} {i} {started}") for i in range(200)
            ]
            for each in asked:
                each.result()
        yield f"submit, {at_once} at once", {"a_second": round(200 / (time.perf_counter() - started))}


def _ask(person: User, model: ImageModel, text: str) -> None:
    try:
        measures.submit(person, model, text, 1)
    finally:
        connection.close()


def _timed(do: Callable[[], object], runs: int) -> dict[str, float]:
    found = []
    for _ in range(runs):
        started = time.perf_counter()
        do()
        found.append((time.perf_counter() - started) * 1000)
    return {"p50_ms": round(statistics.median(found), 1), "most_ms": round(max(found), 1)}
