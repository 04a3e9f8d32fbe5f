"""New rows by statements that are put together once: as the ORM would have written them."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from studio.inserts import insert
from studio.models import Favourite, Generation, Image, Prompt, Slot
from tests.factories import make_generation, make_image

pytestmark = pytest.mark.django_db


def prompt(bob, text: str, **fields) -> Prompt:
    return Prompt(author=bob, text=text, words=text, digest=Prompt.digest_of(text), **fields)


def run(bob, model, **fields) -> Generation:
    row = prompt(bob, f"{timezone.now()}")
    insert(row)
    asked = {"submission_id": uuid4(), "settings": {"size": "1:1"}, "month": date(2026, 11, 1), "n": 2}
    return Generation(owner=bob, prompt=row, model=model, shared=True, **asked, **fields)


def columns(row) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_insert_row_is_the_one_that_the_database_holds(bob, model):
    for rate in (Decimal("0.0400"), None, Decimal("12.5")):
        row = run(bob, model, trail=[{"relay": "R"}], reason_values={"n": 1}, rate=rate)
        insert(row)

        assert not row._state.adding
        assert columns(row) == columns(Generation.objects.get(pk=row.pk))
        assert abs(row.created_at - timezone.now()) < timedelta(minutes=1)


def test_insert_several_rows_of_each_number(bob, model):
    row = run(bob, model)
    insert(row)
    for indexes in ([0, 1, 2], [3], [4, 5, 6]):
        rows = [Slot(generation=row, index=index) for index in indexes]
        insert(*rows)
        assert [each.pk for each in rows] == list(
            Slot.objects.filter(index__in=indexes).order_by("index").values_list("pk", flat=True)
        )


def test_insert_of_what_is_there_writes_the_fields_that_are_named(bob):
    old = prompt(bob, "a lake", run_at=timezone.now() - timedelta(days=1), used=7)
    insert(old)
    for seen in (["run_at"], ["run_at", "shared_at"]):
        new = prompt(bob, "a lake", run_at=Now(), shared_at=Now(), used=1)
        insert(new, unique=["author", "digest"], update=seen)

        [found] = Prompt.objects.all()
        assert (found.pk, found.used, found.shared_at is not None) == (old.pk, 7, "shared_at" in seen)
        assert found.run_at == new.run_at > old.run_at


def test_insert_of_an_image_that_is_there_replaces_it(bob, model):
    old = make_image(bob, model, content=b"old")
    new = Image(
        **{name: value for name, value in columns(old).items() if name not in ("id", "saved_at", "hearts")}
    )
    new.width, new.height = 7, 9

    Image.objects.keep(new)

    [found] = Image.objects.all()
    assert (found.pk, found.width, found.height) == (old.pk, 7, 9)


def test_insert_that_the_database_refuses_raises_and_ends_its_transaction(bob, model):
    image = make_image(bob, model)
    insert(Favourite(image=image, person=bob))
    with transaction.atomic():
        with pytest.raises(IntegrityError):
            insert(Favourite(image=image, person=bob))
        assert connection.needs_rollback
        transaction.set_rollback(True)
    assert Favourite.objects.count() == 1


def test_insert_of_rows_of_two_kinds_is_refused(bob, model):
    row = make_generation(bob, model)
    with pytest.raises(TypeError, match="not of one kind"):
        insert(prompt(bob, "one"), prompt(bob, "two", run_at=timezone.now()))
    assert row.prompt_id in Prompt.objects.values_list("pk", flat=True)


def test_insert_of_other_expressions_is_refused_and_writes_nothing(bob):
    with pytest.raises((TypeError, ValueError)):
        insert(prompt(bob, "one", used=F("rated") + 1))
    assert not Prompt.objects.exists()


def test_insert_asks_one_statement_each_time(bob, django_assert_num_queries):
    for text in ("one", "two"):
        with django_assert_num_queries(1):
            insert(prompt(bob, text))
