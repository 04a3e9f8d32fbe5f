from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone

from studio.errors import Conflict, StudioError
from studio.models import Allowance, AuditEntry, Generation, Image, State, User
from studio.services import retention, sharing
from studio.services.drawing import leases
from studio.services.people import suspensions
from tests.factories import PASSWORD, make_generation, make_user
from tests.money import check_ledger

pytestmark = pytest.mark.django_db
TOLD = "Your account is suspended. Contact an administrator."


@pytest.fixture
def browser(bob) -> Client:
    """A browser in which bob has signed in by the form."""
    client = Client(headers={"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0"})
    client.post("/login/", {"login": bob.email, "password": PASSWORD})
    assert client.get("/").status_code == 200
    return client


def moved_back(person: User) -> None:
    """Let the date come until which a person is suspended."""
    User.objects.filter(pk=person.pk).update(suspended_until=timezone.now() - timedelta(seconds=1))


def test_t13_suspend_ten_wait_and_two_draw_waiting_ones_end_and_drawing_ones_finish_hidden(alice, bob, model):
    waits = [make_generation(bob, model, n=2) for _ in range(8)]
    waits += [make_generation(bob, model, state=state) for state in (State.HELD, State.CLAIMED)]
    draws = [make_generation(bob, model, state=State.SENT) for _ in range(2)]

    suspensions.suspend(person=bob, actor=alice, reason="Client work.")

    states = dict(Generation.objects.values_list("pk", "state"))
    assert {states[row.pk] for row in waits} == {State.CANCELLED}
    assert {states[row.pk] for row in draws} == {State.SENT}
    assert Allowance.objects.get(person=bob).reserved == 2
    assert AuditEntry.objects.filter(action="generation.cancelled", actor=alice).count() == 10
    check_ledger()


def test_t13_suspend_session_is_told_until_when_and_why_and_stays_dead(alice, bob, browser):
    until = timezone.now() + timedelta(days=3)

    suspensions.suspend(person=bob, actor=alice, until=until, reason="Client work.")

    assert UserSession.objects.count() == 0
    old = browser.cookies["sessionid"].value
    answer = browser.get("/gallery/")
    assert answer.status_code == 403
    day = timezone.localtime(until)
    assert f"{TOLD} It ends by itself at {day:%H:%M} on {day.day} {day:%B}." in answer.text
    assert "The reason: Client work." in answer.text
    suspensions.restore(person=bob, actor=alice)
    browser.cookies["sessionid"] = old
    assert browser.get("/").status_code == 302


def test_t13_restored_before_the_session_asked_again_it_is_dead_all_the_same(alice, bob, browser):
    suspensions.suspend(person=bob, actor=alice)
    suspensions.restore(person=bob, actor=alice)

    assert browser.get("/").status_code == 302


def test_sign_in_after_the_date_lets_the_person_in(alice, bob):
    suspensions.suspend(person=bob, actor=alice, until=timezone.now() + timedelta(days=1), reason="So.")
    facts = {"login": bob.email, "password": PASSWORD}
    assert Client().post("/login/", facts).status_code == 403

    moved_back(bob)

    assert Client().post("/login/", facts).status_code == 302
    bob.refresh_from_db()
    assert (bob.is_active, bob.suspended_until, bob.suspension_reason) == (True, None, "")
    assert AuditEntry.objects.get(action="person.restored").actor is None


def test_clean_up_after_the_date_lets_the_person_draw(alice, bob, charlie, model):
    for person in (bob, charlie):
        suspensions.suspend(person=person, actor=alice, until=timezone.now() + timedelta(days=1))
    moved_back(bob)

    retention.clean_up()

    assert set(User.objects.filter(is_active=True)) == {alice, bob}


def test_session_of_before_asks_after_the_date_and_is_sent_to_sign_in(alice, bob, browser):
    suspensions.suspend(person=bob, actor=alice, until=timezone.now() + timedelta(days=1))
    moved_back(bob)

    assert browser.get("/").status_code == 302
    assert User.objects.get(pk=bob.pk).is_active


def test_t13_what_is_held_again_after_the_suspension_is_withdrawn_by_the_heartbeat(alice, bob, model):
    suspensions.suspend(person=bob, actor=alice)
    rows = [make_generation(bob, model, state=state) for state in (State.HELD, State.QUEUED)]

    leases.withdraw_of_suspended()

    assert set(
        Generation.objects.filter(pk__in=[row.pk for row in rows]).values_list("state", flat=True)
    ) == {State.CANCELLED}


def test_suspend_in_the_past_is_refused(alice, bob):
    with pytest.raises(StudioError, match="still to come") as refused:
        suspensions.suspend(person=bob, actor=alice, until=timezone.now())

    assert refused.value.param == "until"
    assert User.objects.get(pk=bob.pk).is_active


def test_suspend_oneself_is_refused(alice, bob):
    make_user("Ann", role="administrator")

    with pytest.raises(Conflict, match="yourself"):
        suspensions.suspend(person=alice, actor=alice)


def test_suspend_last_administrator_is_refused_also_to_the_studio_itself(alice):
    with pytest.raises(Conflict, match="needs an administrator"):
        suspensions.suspend(person=alice, actor=None)


def test_suspend_moderator_may_suspend_members_alone(alice, bob, mona):
    suspensions.suspend(person=bob, actor=mona)
    assert not User.objects.get(pk=bob.pk).is_active

    for person in (alice, make_user("Max", role="moderator")):
        with pytest.raises(Conflict, match="Only an administrator"):
            suspensions.suspend(person=person, actor=mona)


def test_restore_of_an_active_person_is_refused(alice, bob):
    with pytest.raises(Conflict, match="not suspended"):
        suspensions.restore(person=bob, actor=alice)


def test_t13_picture_that_comes_in_while_suspended_is_hidden_from_the_team(alice, bob, charlie, model):
    row = make_generation(bob, model, state=State.SENT, shared=True)
    assert sharing.is_shared_now(row)

    suspensions.suspend(person=bob, actor=alice)

    assert not sharing.is_shared_now(row)
    assert Image.objects.visible_to(charlie).count() == 0
