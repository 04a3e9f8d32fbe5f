"""The audit can only grow, whoever asks and by whatever way (SAFETY §5, T15)."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest
from django.db import IntegrityError, connection, transaction

from studio.admin import site
from studio.db import write_transaction
from studio.models import AuditEntry, User
from studio.origin import Origin, coming_from
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
    columns = "id, seq, at, actor_id, action, subject, detail, address, request_id, token, hash"
    verb = verbs[connection.vendor].format("studio_auditentry")
    run(f"{verb} ({columns}) SELECT {columns} FROM studio_auditentry {'WHERE true ' + end if end else ''}")


def replace_by_number(entry: AuditEntry) -> None:
    """Put another row in the place of this number."""
    other = AuditEntry(seq=entry.seq, action="forged", subject="", hash="")
    other.at = entry.at
    if connection.vendor == "postgresql":
        fields = {"update_conflicts": True, "unique_fields": ["seq"], "update_fields": ["action"]}
        AuditEntry.objects.bulk_create([other], **fields)
        return
    rest = "action, subject, detail, address, request_id, token, hash"
    new = rest.replace("action", "'forged'")
    run(
        f"INSERT OR REPLACE INTO studio_auditentry (id, seq, at, {rest}) "
        f"SELECT %s, seq, at, {new} FROM studio_auditentry",
        other.pk.hex,
    )


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
    "REPLACE by number": replace_by_number,
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


def test_t15_admin_lets_nobody_add_change_or_delete_an_entry(alice, rf):
    request = rf.get("/admin/")
    request.user = alice
    admin = site.get_model_admin(AuditEntry)

    assert admin.has_view_permission(request)
    assert not admin.has_add_permission(request)
    assert not admin.has_change_permission(request)
    assert not admin.has_delete_permission(request)


# The chain


def test_record_chains_entries_and_names_where_they_come_from(alice):
    with coming_from(Origin(request_id="abc", find_address=lambda: "192.0.2.1", token="t1")):
        audit.record(actor=alice, action="relay.paused", subject="one", reason="Repairs")
    audit.record(actor=None, action="relay.resumed", subject="one")

    first, second = AuditEntry.objects.order_by("seq")
    assert (first.seq, first.hash, second.seq, second.hash) == (
        1,
        first.hash_after(""),
        2,
        second.hash_after(first.hash),
    )
    assert (first.address, first.request_id, first.token) == ("192.0.2.1", "abc", "t1")
    assert (second.address, second.request_id, second.token) == ("", "", "")
    assert audit.verify() == audit.Chain(2, second.hash)


def record_and_fail() -> float:
    audit.record(actor=None, action="a.undone", subject="")
    return 1 / 0


def test_record_writes_at_the_end_and_forgets_what_was_taken_back():
    with write_transaction():
        audit.record(actor=None, action="a.kept", subject="")
        with suppress(ZeroDivisionError), write_transaction():
            record_and_fail()
        audit.record(actor=None, action="a.last", subject="")
        assert AuditEntry.objects.count() == 0
    with suppress(ZeroDivisionError), write_transaction():
        record_and_fail()

    assert list(AuditEntry.objects.order_by("seq").values_list("seq", "action")) == [
        (1, "a.kept"),
        (2, "a.last"),
    ]


VALUES = [
    1e22,
    0.1,
    1.0,
    -0.0,
    100,
    True,
    None,
    "ü\u2028",
    {"b": 1, "a": [1, (2,)]},
    12345678901234567890,
    1e-7,
    {1: 2},
]


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_hash_survives_what_a_database_makes_of_values(value):
    audit.record(actor=None, action="a.b", subject="", value=value)

    assert audit.verify().is_whole


TAMPERING = {
    "action": "UPDATE studio_auditentry SET action = 'forged' WHERE seq = 2",
    "detail": "UPDATE studio_auditentry SET detail = '{}' WHERE seq = 2",
    "actor": "UPDATE studio_auditentry SET actor_id = NULL WHERE seq = 2",
    "address": "UPDATE studio_auditentry SET address = '192.0.2.9' WHERE seq = 2",
    "removed": "DELETE FROM studio_auditentry WHERE seq = 2",
    "removed at the beginning": "DELETE FROM studio_auditentry WHERE seq = 1",
    "exchanged": "UPDATE studio_auditentry SET seq = CASE seq WHEN 2 THEN 13 ELSE 12 END WHERE seq IN (2, 3)",
}


@pytest.mark.parametrize("how", TAMPERING)
def test_verify_names_the_first_entry_that_was_meddled_with(alice, how):
    for number in range(4):
        audit.record(actor=alice, action="relay.paused", subject=number, reason="Repairs")

    with triggers_aside():
        run(TAMPERING[how])

    found = audit.verify()
    good = {"removed at the beginning": 0, "exchanged": 1}.get(how, 1)
    assert (found.is_whole, found.count, found.broken.seq) == (
        False,
        good,
        {"removed at the beginning": 2, "removed": 3, "exchanged": 4}.get(how, 2),
    )


def test_verify_finds_an_end_that_was_cut_off_by_a_noted_head():
    for number in range(3):
        audit.record(actor=None, action="relay.paused", subject=number)
    whole = audit.verify()

    with triggers_aside():
        run("DELETE FROM studio_auditentry WHERE seq = 3")

    assert audit.verify().is_whole
    assert audit.verify(head=f"{whole.count}:{whole.head}").cut_off


@contextmanager
def triggers_aside() -> Iterator[None]:
    """Be somebody who owns the database."""
    sqlite = connection.vendor == "sqlite"
    names = ["studio_audit_no_update", "studio_audit_no_delete"]
    with connection.cursor() as cursor:
        if sqlite:
            cursor.execute("SELECT sql FROM sqlite_master WHERE name IN (%s, %s)", names)
            again = [row[0] for row in cursor.fetchall()]
            aside = [f"DROP TRIGGER {name}" for name in names]
        else:
            again = ["ALTER TABLE studio_auditentry ENABLE ALWAYS TRIGGER studio_audit_no_change"]
            aside = ["ALTER TABLE studio_auditentry DISABLE TRIGGER studio_audit_no_change"]
        for statement in aside:
            cursor.execute(statement)
        yield
        for statement in again:
            cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_chain_is_exact_when_many_write_at_once(alice):
    """Eight threads with forty transactions each, some with two entries, some undone."""

    def write(writer: int) -> None:
        for number in range(40):
            with suppress(ValueError), write_transaction():
                audit.record(actor=alice, action="relay.paused", subject=f"{writer}-{number}")
                if number % 3 == 0:
                    audit.record(actor=None, action="relay.resumed", subject=f"{writer}-{number}")
                if number % 5 == 0:
                    raise ValueError
        connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))

    kept = [number for number in range(40) if number % 5]
    assert audit.verify().is_whole
    assert AuditEntry.objects.count() == 8 * sum(2 if number % 3 == 0 else 1 for number in kept)


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
