import pytest
from django.urls import reverse

from studio.models import AuditEntry, Generation, State, User
from studio.services import accounts, collections
from studio.services.people import erasure
from tests.factories import make_generation, make_image

pytestmark = pytest.mark.django_db


def to(name: str, person: User) -> str:
    return reverse(f"leaving.{name}", args=[person.pk])


def test_detail_says_what_an_erasure_would_remove(as_alice, bob, model):
    make_image(bob, model, content=b"x" * 2_000_000)

    text = as_alice.get(to("detail", bob)).text

    assert "1 (2.0 MB)" in text
    assert "Let them leave" in text


def test_leave_shuts_the_door_and_the_shared_work_stays(as_alice, as_bob, as_charlie, bob, model):
    image = make_image(bob, model, text="A lake for everybody")
    waits = make_generation(bob, model)

    answer = as_alice.post(to("leave", bob))

    assert answer.status_code == 303
    assert as_bob.get("/").status_code == 403
    assert Generation.objects.get(pk=waits.pk).state == State.CANCELLED
    assert "A lake for everybody" in as_charlie.get(reverse("images.detail", args=[image.pk])).text
    page = as_alice.get(answer["Location"]).text
    assert "Left on" in page
    assert "Former" in as_alice.get(reverse("people.index")).text


def test_come_back_lets_the_person_in_again(as_alice, bob):
    as_alice.post(to("leave", bob))

    as_alice.post(to("come_back", bob))

    bob.refresh_from_db()
    assert (bob.is_active, bob.left_at) == (True, None)
    assert as_alice.post(to("come_back", bob)).status_code == 409


def test_leave_of_the_last_administrator_is_refused(as_alice, alice):
    answer = as_alice.post(to("leave", alice))

    assert answer.status_code == 409
    assert "needs an administrator" in answer.text


@pytest.mark.parametrize("typed", ["", "alice@example.com", "bob"])
def test_erase_wants_the_address_of_the_person(typed, as_alice, bob):
    answer = as_alice.post(to("erase", bob), {"email": typed})

    assert answer.status_code == 422
    assert "This is not their address." in answer.text
    assert User.objects.get(pk=bob.pk).erasing_since is None


def test_erase_shuts_the_person_out_and_says_so_until_it_is_done(as_alice, bob):
    answer = as_alice.post(to("erase", bob), {"email": " BOB@example.com "}, follow=True)

    assert "a worker erases what was theirs" in answer.text
    assert "is being erased" in as_alice.get(reverse("people.detail", args=[bob.pk])).text
    assert erasure.erase(pk=bob.pk)
    assert as_alice.get(reverse("people.detail", args=[bob.pk])).status_code == 404
    assert AuditEntry.objects.filter(action="person.erased", subject=str(bob.pk)).exists()


def test_erase_oneself_is_refused(as_alice, alice, bob):
    accounts.edit(person=bob, administrator=alice, role="administrator")

    answer = as_alice.post(to("erase", alice), {"email": alice.email})

    assert (answer.status_code, "You cannot erase yourself." in answer.text) == (409, True)


def test_switched_on_by_hand_whoever_is_being_erased_stays_whole(alice, bob):
    erasure.ask(person=bob, administrator=alice)

    accounts.edit(person=bob, administrator=alice, is_active=True)

    assert not erasure.erase(pk=bob.pk)
    assert User.objects.get(pk=bob.pk).is_active


def test_leave_gives_collections_to_whom_the_page_says(as_alice, bob, charlie):
    row = collections.create(person=bob, name="Spring", audience="sees")

    refused = as_alice.post(to("leave", bob), {"heir": str(bob.pk)})
    as_alice.post(to("leave", bob), {"heir": str(charlie.pk)})

    assert refused.status_code == 422
    row.refresh_from_db()
    assert row.owner == charlie
