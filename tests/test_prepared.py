"""Statements that are compiled once: other values, other threads, and what is said when one does not fit."""

import datetime
import threading
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, OperationalError, connection
from django.db.models import F, QuerySet
from django.utils import timezone

from studio.models import Favourite, Generation, Image, State, User
from studio.outages import outage
from studio.prepared import change, prepared
from tests.factories import make_generation, make_image


@pytest.fixture
def generation(bob, model):
    return lambda **fields: make_generation(bob, model, **fields)


@prepared
def _person(pk: UUID) -> QuerySet[User]:
    return User.objects.filter(pk=pk)


@prepared
def _with_relay(generation: Generation) -> QuerySet[Generation]:
    return Generation.objects.known(generation).select_related("owner", "model__relay")


@prepared
def _numbers(owner: User, since: datetime.datetime, least: int) -> QuerySet[Generation, int]:
    rows = Generation.objects.filter(owner=owner, created_at__gt=since, n__gte=least)
    return rows.order_by("pk").values_list("n", flat=True)


@prepared
def _visible(person: User, keys: list[UUID]) -> QuerySet[Image]:
    rows = Image.objects.visible_to(person).filter(pk__in=keys).newest_first()
    return rows.with_card_data(person).prefetch_related("generation__slots")


@prepared
def _alike(sha256: list[str], runs: list[UUID], *, size: int) -> QuerySet[Image, UUID]:
    rows = Image.objects.filter(sha256__in=sha256, generation__in=runs).newest_first()
    return rows.values_list("pk", flat=True)[:size]


@change
def _ask(generation: Generation, attempt: int) -> int:
    return Generation.objects.known(generation).move(State.QUEUED, to=State.SENT, attempts=attempt)


@change
def _explain(generation: Generation, values: dict[str, int]) -> int:
    return Generation.objects.filter(pk=generation.pk).update(reason_values=values)


@change
def _go_on(generation: Generation, trail: list[dict[str, int]]) -> int:
    return Generation.objects.filter(pk=generation.pk).update(trail=trail)


def test_prepared_asked_with_other_values_returns_other_rows(alice, bob):
    assert [_person(each.pk) for each in (alice, bob, alice)] == [[alice], [bob], [alice]]
    assert _person(uuid4()) == []
    assert _person.first(pk=bob.pk) == bob
    assert _person.first(uuid4()) is None


def test_prepared_of_a_row_reads_its_fields_and_brings_what_is_related(
    bob, generation, django_assert_num_queries
):
    other = generation(n=2)
    for row in (generation(), other):
        [found] = _with_relay(row)
        with django_assert_num_queries(0):
            assert (found, found.owner, found.model.relay.name) == (row, bob, row.model.relay.name)
    other.claim = "another"
    assert _with_relay(other) == []


def test_prepared_answers_as_the_orm_does_for_values_of_each_kind(bob, charlie, generation):
    rows = [generation(n=n) for n in (1, 2, 3)]
    before = timezone.now() - datetime.timedelta(hours=1)
    assert _numbers(bob, before, 1) == [row.n for row in rows]
    assert _numbers(bob, before, least=3) == [3]
    assert _numbers(bob, timezone.now() + datetime.timedelta(hours=1), 1) == []
    assert _numbers(charlie, before, 1) == []


def test_prepared_rule_of_visibility_finds_what_each_person_may_see(alice, bob, charlie, model):
    own, private = make_image(bob, model, shared=True), make_image(charlie, model, shared=False)
    broken = make_image(charlie, model, shared=True, unusable=True)
    Favourite.objects.create(image=own, person=charlie)
    keys = [own.pk, private.pk, broken.pk]

    found = [
        [(row.pk, row.is_favourite) for row in _visible(who, keys)] for who in (bob, charlie, alice, bob)
    ]

    assert found == [
        [(own.pk, False)],
        [(private.pk, False), (own.pk, True)],
        [(broken.pk, False), (own.pk, False)],
        [(own.pk, False)],
    ]


def test_prepared_list_of_any_length_finds_all_of_it_and_what_is_fetched_with_it(
    bob, model, django_assert_num_queries
):
    images = [make_image(bob, model) for _ in range(3)]
    for count in (1, 3, 0, 2):
        found = _visible(bob, [image.pk for image in images[:count]])
        with django_assert_num_queries(0):
            assert [len(row.generation.slots.all()) for row in found] == [1] * count


def test_prepared_shapes_have_statements_of_their_own(bob, model):
    images = [make_image(bob, model, sha256=digit * 64) for digit in "567"]
    runs = [image.generation_id for image in images]
    found = [_alike(["5" * 64, "7" * 64], runs, size=size) for size in (1, 3, 1)]
    assert found == [[images[2].pk], [images[2].pk, images[0].pk], [images[2].pk]]
    assert _alike(["6" * 64], runs[:1], size=3) == []


def test_prepared_list_that_is_changed_before_it_is_compared_is_refused(bob):
    @prepared
    def after(keys: list[UUID]) -> QuerySet[User]:
        return User.objects.filter(pk__in=[UUID(int=key.int + 1) for key in keys])

    with pytest.raises(TypeError, match="a list stands nowhere"):
        after([bob.pk])


def test_prepared_asks_one_statement_each_time(bob, django_assert_num_queries):
    for _ in range(2):
        with django_assert_num_queries(1):
            _person(bob.pk)


def _kept() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements ORDER BY name")
        return [statement for (statement,) in cursor]


@pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="SQLite's driver keeps what it is asked by itself"
)
def test_prepared_is_kept_by_postgresql_once_for_lists_of_any_length(bob, model):
    keys = [make_image(bob, model).pk for _ in range(3)]
    before = _kept()

    for count in (1, 2, 3, 3):
        assert len(_visible(bob, keys[:count])) == count

    [statement] = [each for each in _kept() if each not in before and "studio_image" in each]
    assert "= ANY($" in statement
    assert "%s" not in statement


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="there is no pooler before SQLite")
def test_prepared_is_not_kept_behind_a_pooler(bob, monkeypatch):
    """As PgBouncer does it, which names a connection of its own instead of the one that a transaction gets."""

    @prepared
    def asked(pk: UUID) -> QuerySet[User]:
        return User.objects.filter(pk=pk)

    line, before = connection.connection, _kept()
    monkeypatch.setattr(type(line.info), "backend_pid", line.info.backend_pid + 1)
    monkeypatch.setattr(line, "prepare_threshold", None)

    assert [asked(bob.pk) for _ in range(3)] == [[bob]] * 3
    assert _kept() == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite is no server that could go away")
def test_row_32_prepared_says_that_the_server_is_away_where_nothing_is_kept_yet(bob):
    line, other = connection.connection, connection.copy()
    line.prepare_threshold = None  # as on a new connection
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [line.info.backend_pid])
    other.close()

    with pytest.raises(OperationalError) as refused:
        _person(bob.pk)

    assert outage(refused.value) == "away"
    connection.close()
    assert _person(bob.pk) == [bob]


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="asks PostgreSQL's driver")
def test_prepared_keeps_no_more_than_so_many_statements(bob, monkeypatch):
    monkeypatch.setattr("studio.prepared.MOST_KEPT", 3)
    line = connection.connection
    monkeypatch.setattr(line, "prepare_threshold", None)
    monkeypatch.setattr(line, "prepared_max", line.prepared_max)
    before = set(_kept())

    for size in range(1, 7):
        for _ in range(2):
            _alike(["5" * 64], [bob.pk], size=size)

    added = sorted(each.rpartition(" ")[2] for each in _kept() if each not in before)
    assert added == ["3", "4", "5", "6"]  # the oldest goes with the next statement that is kept


@pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="SQLite plans each statement for what is bound"
)
def test_prepared_whose_plan_depends_on_a_value_is_planned_each_time(bob):
    @prepared(kept=False)
    def among(pk: UUID, names: list[str]) -> QuerySet[User]:
        return User.objects.filter(pk=pk, name__in=names).exclude(name="100 %")

    before = _kept()

    assert [among(bob.pk, [bob.name, "x"][:count]) for count in (1, 2, 2, 0)] == [[bob], [bob], [bob], []]
    assert _kept() == before


def test_prepared_says_what_stays_the_same_as_a_literal(bob):
    """So that a plan may count on it, and an index of some rows is found."""

    @prepared
    def team(owner: User, words: str) -> QuerySet[Image]:
        return Image.objects.filter(owner=owner, shared=True, unusable=False, words=words)

    sql, params = team.sql(bob, "lake")

    assert len(params) == 2
    assert team(bob, "lake") == []
    if connection.vendor == "sqlite":
        assert '"shared" = 1' in sql


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has texts bound")
def test_prepared_literals_are_written_as_they_are(bob):
    odd = "it's 100 % \\ %s"
    User.objects.filter(pk=bob.pk).update(name=odd)

    @prepared
    def called(email: str) -> QuerySet[User]:
        return User.objects.filter(email=email, name=odd)

    for _ in range(3):
        assert called(bob.email) == [bob]


@pytest.mark.django_db(transaction=True)
def test_prepared_is_asked_on_the_connection_of_each_thread(bob):
    found = []

    def ask():
        found.append((_person(bob.pk), connection.connection))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [rows for rows, _ in found] == [[bob]] * 3
    assert len({id(used) for _, used in found}) == 3
    for _, used in found:
        used.close()


def test_change_changes_the_row_it_is_given_and_counts(generation, django_assert_num_queries):
    for attempt in (1, 2):
        row, other = generation(), generation()
        with django_assert_num_queries(1):
            assert _ask(row, attempt) == 1
        assert _ask(row, attempt) == 0, "the row has moved on"
        row.refresh_from_db()
        other.refresh_from_db()
        assert (row.state, row.attempts, row.version) == (State.SENT, attempt, 1)
        assert (other.state, other.attempts, other.version) == (State.QUEUED, 0, 0)


def test_change_writes_json(generation):
    for values in ({"saved": 1}, {"saved": 2, "of": 4}):
        row = generation()
        assert _explain(row, values) == 1
        assert _go_on(row, [values, values]) == 1
        row.refresh_from_db()
        assert row.reason_values == values
        assert row.trail == [values, values]


def test_change_that_fails_leaves_no_transaction_to_go_on_with(generation):
    """As QuerySet.update does: whoever catches the error cannot commit what was done before it."""
    row = generation()
    _ask(row, 1)
    with pytest.raises(DatabaseError):
        _explain(row, None)
    assert connection.needs_rollback
    connection.needs_rollback = False


def test_change_of_two_statements_is_refused(generation):
    @change
    def twice(generation: Generation) -> int:
        rows = Generation.objects.filter(pk=generation.pk)
        return rows.update(version=F("version") + 1) + rows.update(version=F("version") + 1)

    with pytest.raises(ValueError, match="too many values"):
        twice(generation())
