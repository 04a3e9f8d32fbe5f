import pytest
from django.db import IntegrityError

from studio.models import Installation, Role, User
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_create_user_address_is_lower_case_and_found_in_any_case():
    person = User.objects.create_user(" Ann@Example.COM ", "secret", name="Ann")

    assert person.email == "ann@example.com"
    assert User.objects.get_by_natural_key("ANN@example.com") == person


def test_create_user_without_password_lets_nobody_in():
    person = User.objects.create_user("ann@example.com", name="Ann")

    assert not person.has_usable_password()


def test_create_superuser_is_an_administrator():
    assert User.objects.create_superuser("ann@example.com", "secret", name="Ann").is_administrator


@pytest.mark.parametrize(
    ("role", "active", "administrator", "moderator"),
    [
        (Role.MEMBER, True, False, False),
        (Role.MODERATOR, True, False, True),
        (Role.ADMINISTRATOR, True, True, True),
        (Role.ADMINISTRATOR, False, False, False),
    ],
)
def test_roles_include_the_ones_before(role: Role, active: bool, administrator: bool, moderator: bool):
    person = User(role=role, is_active=active)

    assert (person.is_administrator, person.is_staff, person.is_superuser, person.has_perm("x")) == (
        administrator,
    ) * 4
    assert person.is_moderator is moderator


@pytest.mark.parametrize(
    ("name", "initials"), [("Ann Lee", "AL"), ("Ann", "AN"), ("ann van lee", "AV"), ("", "X@")]
)
def test_initials_are_one_or_two_letters(name: str, initials: str):
    assert User(name=name, email="x@example.com").initials == initials


def test_unknown_role_is_refused_by_the_database():
    person = make_user("Ann")

    with pytest.raises(IntegrityError, match="user_role_known"):
        User.objects.filter(pk=person.pk).update(role="king")


def test_same_address_twice_is_refused_by_the_database():
    make_user("Ann")

    with pytest.raises(IntegrityError):
        make_user("Ann")


def test_second_installation_is_refused_by_the_database():
    with pytest.raises(IntegrityError, match="installation_is_one"):
        Installation.objects.create(pk=2)
