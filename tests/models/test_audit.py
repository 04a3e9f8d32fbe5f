"""The audit can only grow, whoever asks and by whatever way (SAFETY §5, T15)."""

import re

import pytest
from django.db import IntegrityError, connection, transaction

from studio.admin import site
from studio.models import AuditEntry, User
from studio.services import audit

pytestmark = pytest.mark.django_db

REFUSAL = "audit log is append-only"


@pytest.fixture
def entry(alice) -> AuditEntry:
    audit.record(actor=alice, action="relay.paused", subject="one", reason="Repairs")
    return AuditEntry.objects.get()


def run(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def replace(entry: AuditEntry) -> None:
    verbs = {"sqlite": "INSERT OR REPLACE INTO {}", "postgresql": "INSERT INTO {}"}
    end = "" if connection.vendor == "sqlite" else "ON CONFLICT (id) DO UPDATE SET action = 'forged'"
    columns = "id, at, actor_id, action, subject, detail"
    verb = verbs[connection.vendor].format("studio_auditentry")
    run(f"{verb} ({columns}) SELECT {columns} FROM studio_auditentry {'WHERE true ' + end if end else ''}")


ATTEMPTS = {
    "queryset.update": lambda entry: AuditEntry.objects.update(action="forged"),
    "queryset.delete": lambda entry: AuditEntry.objects.all().delete(),
    "save": lambda entry: AuditEntry(pk=entry.pk, action="forged", subject="").save(force_update=True),
    "delete": lambda entry: AuditEntry(pk=entry.pk).delete(),
    "bulk_update": lambda entry: AuditEntry.objects.bulk_update([entry], ["action"]),
    "UPDATE": lambda entry: run("UPDATE studio_auditentry SET action = 'forged'"),
    "UPDATE of nothing new": lambda entry: run("UPDATE studio_auditentry SET action = action"),
    "DELETE": lambda entry: run("DELETE FROM studio_auditentry"),
    "REPLACE": replace,
}


@pytest.mark.parametrize("way", ATTEMPTS)
def test_t15_entry_is_neither_changed_nor_removed(entry, way):
    before = AuditEntry.objects.values().get()

    with pytest.raises(IntegrityError, match=REFUSAL), transaction.atomic():
        ATTEMPTS[way](entry)

    assert AuditEntry.objects.values().get() == before


def test_t15_truncate_is_refused(entry):
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL has TRUNCATE")

    with pytest.raises(IntegrityError, match=REFUSAL), transaction.atomic():
        run("TRUNCATE studio_auditentry")

    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize("setting", ["OFF", "ON"])
def test_t15_replace_is_refused_whatever_a_connection_has_set(entry, setting):
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite has this setting")

    run(f"PRAGMA recursive_triggers = {setting}")
    try:
        with pytest.raises(IntegrityError, match=REFUSAL), transaction.atomic():
            replace(entry)
    finally:
        run("PRAGMA recursive_triggers = ON")

    assert AuditEntry.objects.get().action == "relay.paused"


def test_t15_session_that_calls_itself_a_replica_is_refused_too(entry):
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL has this setting")

    run("SET LOCAL session_replication_role = replica")
    with pytest.raises(IntegrityError, match=REFUSAL), transaction.atomic():
        run("DELETE FROM studio_auditentry")


def test_t15_admin_knows_no_entries():
    assert AuditEntry not in site._registry


def test_entry_outlives_its_person_under_the_same_id(entry, alice):
    pk = alice.pk

    User.objects.filter(pk=pk).delete()

    left = AuditEntry.objects.select_related("actor").get()
    assert (left.actor_id, left.actor) == (pk, None)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", [1, 2])
def test_flush_between_tests_leaves_the_triggers_in_place(entry, time):
    with pytest.raises(IntegrityError, match=re.escape(REFUSAL)):
        AuditEntry.objects.all().delete()
