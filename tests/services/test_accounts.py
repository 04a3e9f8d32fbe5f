import pytest

from studio.errors import Conflict, StudioError
from studio.models import Allowance, AuditEntry, Generation, Installation, State, User
from studio.services import accounts
from tests.factories import PASSWORD, make_generation
from tests.money import check_ledger

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def closed() -> None:
    """An installation that nobody has opened yet, also after a test that emptied every table."""
    Installation.objects.update_or_create(pk=1, defaults={"opened_at": None})


def test_create_first_administrator_opens_the_studio_once():
    person = accounts.create_first_administrator(email="Ann@Example.com", name="Ann", password=PASSWORD)

    assert accounts.is_open()
    assert (person.email, person.is_administrator) == ("ann@example.com", True)
    assert AuditEntry.objects.get().action == "studio.opened"


def test_create_first_administrator_second_caller_gets_conflict_and_no_account():
    accounts.create_first_administrator(email="ann@example.com", name="Ann", password=PASSWORD)

    with pytest.raises(Conflict, match="already has an administrator"):
        accounts.create_first_administrator(email="eve@example.com", name="Eve", password=PASSWORD)

    assert User.objects.count() == 1


def test_create_first_administrator_weak_password_leaves_the_studio_closed():
    with pytest.raises(StudioError) as refused:
        accounts.create_first_administrator(email="ann@example.com", name="Ann", password="12345")

    assert refused.value.param == "password"
    assert not accounts.is_open()
    assert User.objects.count() == 0


def test_is_first_run_token_accepts_its_own_alone(settings):
    token = accounts.first_run_token()

    assert accounts.is_first_run_token(token)
    assert not accounts.is_first_run_token(token[:-1] + "x")
    assert not accounts.is_first_run_token("")
    settings.SECRET_KEY = "another-key-for-this-test"
    assert not accounts.is_first_run_token(token)


def test_remember_choice_writes_only_what_changes(bob, model, django_assert_num_queries):
    choice = {"model": model, "settings": {"size": "1024x1024", "guidance": 7.5}, "n": 3, "shared": False}

    with django_assert_num_queries(1):
        accounts.remember_choice(person=bob, **choice)
    bob.refresh_from_db()
    with django_assert_num_queries(0):
        accounts.remember_choice(person=bob, **choice)

    assert bob.last_choice == {
        "model": str(model.pk),
        "settings": {"size": "1024x1024", "guidance": 7.5},
        "n": 3,
        "shared": False,
    }


def test_add_address_of_another_is_refused_whatever_its_case(alice, bob):
    with pytest.raises(Conflict, match=r"^Someone already uses this address\.$") as refused:
        accounts.add(administrator=alice, name="Bob", email="BOB@example.com", role="member")

    assert refused.value.param == "email"
    assert not AuditEntry.objects.filter(action="person.added").exists()


def test_edit_that_changes_nothing_is_not_written_down(alice, bob):
    accounts.edit(person=bob, administrator=alice, name=bob.name, email=bob.email.upper())

    assert not AuditEntry.objects.filter(action="person.edited").exists()


def test_edit_keeps_names_and_addresses_out_of_what_stays_for_ever(alice, bob):
    accounts.edit(
        person=bob, administrator=alice, name="Robert Roe", email="roe@example.com", is_active=False
    )

    entry = AuditEntry.objects.get(action="person.edited")
    assert entry.detail["changed"] == ["email", "is_active", "name"]
    assert "roe" not in str(entry.detail).lower()


def test_edit_one_of_two_administrators_may_go(alice, bob):
    accounts.edit(person=bob, administrator=alice, role="administrator")
    accounts.edit(person=alice, administrator=bob, role="member")

    with pytest.raises(Conflict, match="needs an administrator"):
        accounts.edit(person=bob, administrator=bob, is_active=False)
    assert User.objects.get(pk=bob.pk).is_administrator


def test_t13_edit_suspended_person_gives_back_what_waits_and_keeps_what_was_sent(alice, bob, model):
    waits, claimed, sent = (
        make_generation(bob, model, n=2, state=state) for state in (State.QUEUED, State.CLAIMED, State.SENT)
    )

    accounts.edit(person=bob, administrator=alice, is_active=False)

    states = dict(Generation.objects.values_list("pk", "state"))
    assert states == {waits.pk: State.CANCELLED, claimed.pk: State.CANCELLED, sent.pk: State.SENT}
    assert Allowance.objects.get(person=bob).reserved == 2
    assert {entry.actor for entry in AuditEntry.objects.filter(action="generation.cancelled")} == {alice}
    check_ledger()
