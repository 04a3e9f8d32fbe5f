import pytest
from allauth.usersessions.models import UserSession
from django.urls import reverse

from studio.models import AuditEntry, User
from tests.factories import PASSWORD
from tests.views.test_people import sign_in

pytestmark = pytest.mark.django_db
PAGE = "/account/"


def test_name_and_colour_are_changed_and_stay_out_of_the_audit(as_bob, bob):
    answer = as_bob.post(reverse("own.name"), {"name": "Robert Roe", "colour": "teal"})

    assert (answer.status_code, answer["Location"]) == (303, f"{PAGE}#who")
    bob.refresh_from_db()
    assert (bob.name, bob.colour) == ("Robert Roe", "teal")
    assert "avatar--teal" in as_bob.get(PAGE).text
    assert "Roe" not in str(AuditEntry.objects.values_list("detail", flat=True))


@pytest.mark.parametrize("facts", [{"name": "", "colour": "teal"}, {"name": "Rob", "colour": "pink"}])
def test_name_that_is_not_valid_changes_nothing(facts, as_bob, bob):
    assert as_bob.post(reverse("own.name"), facts).status_code == 422
    bob.refresh_from_db()
    assert (bob.name, bob.colour) == ("Bob", "")


def test_address_is_changed_with_the_password_alone(as_bob, bob, charlie):
    path, new = reverse("own.address"), "Rob@Example.com"

    wrong = as_bob.post(path, {"email": new, "password": "not this one"})
    taken = as_bob.post(path, {"email": "CHARLIE@example.com", "password": PASSWORD})

    assert (wrong.status_code, taken.status_code) == (400, 409)
    assert "This is not your current password." in wrong.text
    assert "Rob@Example.com" in wrong.text
    assert "Someone already uses this address." in taken.text
    assert as_bob.post(path, {"email": new, "password": PASSWORD}).status_code == 303
    assert User.objects.get(pk=bob.pk).email == "rob@example.com"


def test_address_guesses_of_the_password_are_counted(as_bob):
    answers = [
        as_bob.post(reverse("own.address"), {"email": "rob@example.com", "password": "x"}).status_code
        for _ in range(6)
    ]

    assert answers == [400] * 5 + [429]


def test_end_sessions_all_others_end_and_this_one_stays(bob):
    here, there = sign_in(bob), sign_in(bob)

    answer = here.post(reverse("own.end_sessions"))

    assert answer.status_code == 303
    assert (here.get(PAGE).status_code, there.get(PAGE).status_code) == (200, 302)
    assert UserSession.objects.get().session_key == here.cookies["sessionid"].value


def test_end_sessions_one_of_another_person_is_out_of_reach(bob, charlie):
    mine, theirs = sign_in(bob), sign_in(charlie)
    pk = UserSession.objects.get(user=charlie).pk

    mine.post(reverse("own.end_sessions"), {"session": pk})

    assert theirs.get(PAGE).status_code == 200


def test_password_change_leaves_one_session_in_the_list(bob):
    here, there = sign_in(bob), sign_in(bob)
    new = "another long pass phrase"

    here.post("/password/", {"current": PASSWORD, "new": new, "again": new})

    assert (here.get(PAGE).status_code, there.get(PAGE).status_code) == (200, 302)
    assert [row["here"] for row in here.get(PAGE).context["sessions"]] == [True]
