"""Migrations with rows of earlier releases in all states: nothing is lost, and every month still adds up (row 40)."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.apps.registry import Apps
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from studio.models import Generation, ImageModel, LedgerEntry, Relay, Reservation, User
from studio.services import audit
from studio.words import Reason
from tests.factories import make_generation, make_user
from tests.faults import databases
from tests.money import check_ledger, money_of

MONTH = date(2026, 5, 1)
OLD = ("studio", "0005_index_for_both")
NEW = ("studio", "0019_names")
ROWS = [
    # state, presses, held, spent, presumed, sentence
    ("queued", 1, 4, 0, 0, "The relay is busy. Trying again in 7 s (1 of 3)."),
    ("queued", 2, 1, 3, 0, ""),
    ("received", 1, 2, 0, 0, "1 of 2 images ready. The rest is still being saved."),
    ("done", 1, 0, 4, 0, ""),
    ("done", 1, 0, 3, 0, "3 of 4 images saved. One arrived damaged."),
    ("unknown", 1, 0, 1, 3, f"1 of 4 images saved. {Reason('lost_contact')}"),
    ("failed", 1, 0, 0, 0, "The relay failed (500). Tried 3 times. Trace id req_7."),
    ("refused", 1, 0, 0, 0, ""),
    ("cancelled", 1, 0, 0, 0, "Cancelled. Nothing was charged."),
]


@pytest.fixture
def elsewhere(tmp_path, django_db_blocker) -> Iterator[None]:
    """An empty database of the run's kind."""
    kind = databases.kind(tmp_path)
    with kind.empty(tmp_path) as url, django_db_blocker.unblock(), databases.using(url):
        yield
    if isinstance(kind, databases.Server):
        kind.drop()


class LongWay(MigrationExecutor):
    """Takes every migration by itself, as a database does that has some of them."""

    def __init__(self) -> None:
        super().__init__(connections["default"])
        self.loader = MigrationLoader(self.connection, replace_migrations=False)
        for node, at_once in self.loader.replacements.items():
            self.loader.graph.remove_replacement_node(node, at_once.replaces)


def _at(target: tuple[str, str]) -> Apps:
    """Migrate to a release and return its models."""
    executor = LongWay()
    targets = [node for node in executor.loader.graph.leaf_nodes() if node[0] != "studio"]
    executor.migrate([*targets, target] if target == OLD else [target])
    return LongWay().loader.project_state([target]).apps


def _fill(apps: Apps) -> list[UUID]:
    """Put rows of an earlier release into every state; return whose they are: of one millisecond, ids have no order."""
    User, Relay, ImageModel, Prompt, Generation, Allowance = (
        apps.get_model("studio", name)
        for name in ("User", "Relay", "ImageModel", "Prompt", "Generation", "Allowance")
    )
    bob = User.objects.create(email="bob@example.com", name="Bob")
    facts = {"pause_reason": "Back on Monday.", "trouble": "R was paused. R refused the studio's key."}
    relay = Relay.objects.create(name="R", dialect="openai", base_url="https://relay.example/v1", **facts)
    model = ImageModel.objects.create(relay=relay, model_id="m", label="M")
    prompt = Prompt.objects.create(author=bob, text="A lake", digest="d", shared=True)
    ids = []
    for state, presses, held, spent, presumed, sentence in ROWS:
        money = {"presses": presses, "held": held, "spent": spent, "presumed": presumed, "n": 4}
        fixed = {"owner": bob, "prompt": prompt, "model": model, "shared": True, "month": MONTH}
        row = Generation.objects.create(
            submission_id=uuid4(), state=state, sentence=sentence, **money, **fixed
        )
        ids.append(row.pk)
    held = sum(row[2] for row in ROWS)
    spent = sum(row[3] + row[4] for row in ROWS)
    Allowance.objects.create(person=bob, month=MONTH, cap=100, held=held, spent=spent)
    return ids


@pytest.mark.usefixtures("elsewhere")
def test_row_40_rows_of_an_earlier_release_keep_their_words_and_their_money():
    ids = _fill(_at(OLD))

    _at(NEW)
    apps = LongWay().loader.project_state([NEW]).apps

    rows = [apps.get_model("studio", "Generation").objects.get(pk=pk) for pk in ids]
    for (_, _, held, spent, presumed, sentence), row in zip(ROWS, rows, strict=True):
        assert str(Reason(row.reason, **row.reason_values)) == sentence
        assert money_of(Generation(pk=row.pk)) == (held, spent, presumed)
    assert [row.reason for row in rows] == [
        "busy_again", "", "storing", "", "old", "lost_contact", "failed", "", "cancelled",
    ]  # fmt: skip
    relay = apps.get_model("studio", "Relay").objects.get()
    assert str(Reason(relay.pause_reason, **relay.pause_values)) == "Back on Monday."
    assert str(Reason(relay.trouble, **relay.trouble_values)) == "R was paused. R refused the studio's key."
    assert Reservation.objects.open().count() == 3
    [newest] = LongWay().loader.graph.leaf_nodes("studio")
    _at(newest)
    check_ledger()


@pytest.mark.usefixtures("elsewhere")
def test_row_40_way_back_before_money_forgets_it_and_keeps_the_images_and_the_shut_ledger():
    [newest] = LongWay().loader.graph.leaf_nodes("studio")
    executor = LongWay()
    executor.migrate(executor.loader.graph.leaf_nodes())
    relay = Relay.objects.create(name="R", dialect="openai", base_url="https://relay.example/v1")
    model = ImageModel.objects.create(relay=relay, model_id="m", label="M")
    row = make_generation(make_user("Bob"), model, n=4)
    ids = {"reservation": uuid4(), "generation": row.pk, "person": row.owner_id, "month": row.month}
    LedgerEntry.objects.create(**ids, unit="USD", source="free", target="reserved", amount=40_000)

    apps = _at(("studio", "0044_missing_originals"))

    entries = apps.get_model("studio", "LedgerEntry").objects
    assert list(entries.values_list("unit", "amount")) == [("images", 4)]
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        entries.update(amount=5)
    _at(newest)
    check_ledger()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        LedgerEntry.objects.update(amount=5)


@pytest.mark.usefixtures("elsewhere")
def test_row_40_way_back_of_the_money_brings_the_counters_back():
    ids = _fill(_at(OLD))
    _at(NEW)

    apps = _at(("studio", "0017_claims"))

    rows = [apps.get_model("studio", "Generation").objects.get(pk=pk) for pk in ids]
    assert [(row.held, row.spent, row.presumed) for row in rows] == [row[2:5] for row in ROWS]


@pytest.mark.usefixtures("elsewhere")
def test_row_40_people_keep_their_session_and_may_go_back():
    apps = _at(OLD)
    bob = apps.get_model("studio", "User").objects.create(email="bob@example.com", name="Bob", password="p")

    apps = _at(("studio", "0022_people"))

    row = User.objects.only("password", "session_salt").get(pk=bob.pk)
    assert AbstractBaseUser.get_session_auth_hash(row) == row.get_session_auth_hash()
    invitation = apps.get_model("studio", "Invitation").objects.create(digest="d", expires_at=timezone.now())
    apps.get_model("studio", "User").objects.update(
        invitation=invitation, is_active=False, left_at=timezone.now()
    )
    apps = _at(("studio", "0019_names"))
    assert apps.get_model("studio", "User").objects.get().email == "bob@example.com"


def audit_is_shut() -> bool:
    try:
        with transaction.atomic(), connections["default"].cursor() as cursor:
            cursor.execute("UPDATE studio_auditentry SET action = 'forged'")
    except IntegrityError:
        return True
    return False


@pytest.mark.usefixtures("elsewhere")
def test_row_40_audit_of_an_earlier_release_is_chained_and_stays_shut_both_ways():
    _at(OLD)
    Entry = _at(("studio", "0025_rules")).get_model("studio", "AuditEntry")
    for number in range(5):
        Entry.objects.create(action="relay.paused", subject=str(number), detail={"reason": "ü", "n": 1.5})
    assert audit_is_shut()

    _at(("studio", "0026_audit_chain"))

    audit.record(actor=None, action="relay.resumed", subject="4")
    assert (audit.verify().is_whole, audit.verify().count, audit_is_shut()) == (True, 6, True)
    Entry = _at(("studio", "0025_rules")).get_model("studio", "AuditEntry")
    assert (Entry.objects.count(), audit_is_shut()) == (6, True)
    _at(("studio", "0026_audit_chain"))
    assert (audit.verify().is_whole, audit_is_shut()) == (True, True)


SAID = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL",
    "postgresql": """
        SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' UNION ALL
        SELECT tgname, pg_get_triggerdef(oid) || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal UNION ALL
        SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint""",
}
"""The indexes, triggers and constraints of a database: names and definitions."""


def _schema() -> dict[str, object]:
    """Return every table with its columns, and everything else as the database says it."""
    connection = connections["default"]
    look = connection.introspection
    with connection.cursor() as cursor:
        tables = {each: sorted(look.get_table_description(cursor, each)) for each in look.table_names(cursor)}
        cursor.execute(SAID[connection.vendor])
        rows = cursor.fetchall()
    # Names that the database made up tell of what a table was called before; those of the models count.
    declared = {
        each.name for model in apps.get_models() for each in (*model._meta.constraints, *model._meta.indexes)
    }
    said = sorted(sql.replace(f" {name} ", " ") for name, sql in rows)
    return {"tables": tables, "said": said, "names": declared & {name for name, _ in rows}}


def test_new_database_is_made_at_once_as_by_the_long_way(tmp_path, django_db_blocker):
    made = []
    for number, way in enumerate((LongWay, lambda: MigrationExecutor(connections["default"]))):
        kind, folder = databases.kind(tmp_path), tmp_path / str(number)
        folder.mkdir()
        with kind.empty(folder) as url, django_db_blocker.unblock(), databases.using(url):
            executor = way()
            executor.migrate(executor.loader.graph.leaf_nodes())
            made.append(_schema())
        kind.drop()

    assert made[0] == made[1]


@pytest.mark.usefixtures("elsewhere")
def test_row_40_links_to_collections_go_where_the_release_before_cannot_keep_them():
    apps = _at(("studio", "0038_outside_links_to_collections"))
    User, Collection, OutsideLink, Visitor = (
        apps.get_model("studio", name) for name in ("User", "Collection", "OutsideLink", "Visitor")
    )
    bob = User.objects.create(email="bob@example.com", name="Bob")
    row = Collection.objects.create(owner=bob, name="Spring")
    link = OutsideLink.objects.create(owner=bob, collection=row, digest="d", expires_at=timezone.now())
    Visitor.objects.create(link=link, name="Lena")

    before = _at(("studio", "0037_lineage_and_library"))

    assert before.get_model("studio", "OutsideLink").objects.count() == 0
    assert before.get_model("studio", "Collection").objects.count() == 1


@pytest.mark.usefixtures("elsewhere")
def test_row_40_costs_that_relays_stated_before_come_into_the_ledger():
    executor = LongWay()
    executor.migrate([*executor.loader.graph.leaf_nodes()])
    relay = Relay.objects.create(name="R", dialect="openai", base_url="https://relay.example/v1")
    model = ImageModel.objects.create(relay=relay, model_id="m", label="M")
    row = make_generation(make_user("Bob"), model, n=4, state="done")
    requests = _at(("studio", "0051_answers_outside")).get_model("studio", "RelayRequest").objects
    requests.create(generation_id=row.pk, attempt=1, cost="0.0387")
    requests.create(generation_id=row.pk, attempt=2, cost="0.000001")

    _at(LongWay().loader.graph.leaf_nodes("studio")[0])

    row.refresh_from_db()
    assert (row.cost, row.cost_unit, row.rate) == (38_701, "USD", None)
    check_ledger()


@pytest.mark.usefixtures("elsewhere")
def test_row_40_budgets_of_tokens_go_where_the_release_before_cannot_keep_them():
    apps = _at(("studio", "0060_token_limits"))
    User, Token, Budget = (apps.get_model("studio", name) for name in ("User", "Token", "Budget"))
    bob = User.objects.create(email="bob@example.com", name="Bob")
    token = Token.objects.create(person=bob, name="Script", digest="d")
    facts = {"period": "month", "unit": "images", "cap": 5}
    Budget.objects.create(whom="token", token=token, **facts)
    Budget.objects.create(whom="team", **facts)

    before = _at(("studio", "0059_tails"))

    assert [row.whom for row in before.get_model("studio", "Budget").objects.all()] == ["team"]
