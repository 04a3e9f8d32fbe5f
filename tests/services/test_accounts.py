import pytest

from studio.errors import Conflict, StudioError
from studio.models import AuditEntry, Installation, User
from studio.services import accounts
from tests.factories import PASSWORD

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
    choice = {"model": model, "settings": {"size": "1024x1024", "guidance": 7.5}, "n": 3}

    with django_assert_num_queries(1):
        accounts.remember_choice(person=bob, **choice)
    bob.refresh_from_db()
    with django_assert_num_queries(0):
        accounts.remember_choice(person=bob, **choice)

    assert bob.last_choice == {
        "model": str(model.pk),
        "settings": {"size": "1024x1024", "guidance": 7.5},
        "n": 3,
    }
