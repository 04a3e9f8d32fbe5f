"""Django's admin: no private word, no way past the services and their audit (SAFETY §5, T14, T15)."""

import pytest
from django.urls import reverse

from studio.admin import site
from studio.models import AuditEntry, Generation, State, User
from tests.factories import make_generation

SECRET = "tangerine"


@pytest.fixture
def private(bob, model) -> Generation:
    """A private generation whose every free text holds the secret."""
    row = make_generation(bob, model, text=f"A {SECRET} lake", shared=False, state=State.FAILED)
    words = {"settings": {"negative_prompt": SECRET}, "reason_values": {"text": SECRET}, "error_raw": SECRET}
    words["trail"] = [{"relay": SECRET}]
    Generation.objects.filter(pk=row.pk).update(**words)
    return row


def at(kind: str, action: str, *args) -> str:
    return reverse(f"admin:studio_{kind}_{action}", args=args)


def test_admin_has_the_studios_own_tables_and_no_others():
    names = sorted(model._meta.label for model in site._registry)

    looked_at = [
        "studio.AuditEntry",
        "studio.Generation",
        "studio.ImageModel",
        "studio.LedgerEntry",
        "studio.Relay",
    ]
    assert names == [*looked_at, "studio.User"]


def test_t14_pages_of_a_private_generation_hold_none_of_its_words(as_alice, private):
    pages = [at("generation", "changelist"), at("generation", "change", private.pk), reverse("admin:index")]
    pages += [at("generation", "history", private.pk), at("user", "change", private.owner_id)]

    answers = {page: as_alice.get(page) for page in pages}

    assert {answer.status_code for answer in answers.values()} == {200}
    assert [page for page, answer in answers.items() if SECRET in answer.text] == []


@pytest.mark.parametrize(
    "lookup",
    [
        "prompt__text__startswith",
        "settings__negative_prompt__startswith",
        "reason_values__text__startswith",
        "error_raw__contains",
        "owner__password__startswith",
    ],
)
def test_t14_words_cannot_be_read_letter_by_letter_through_a_filter(as_alice, private, lookup):
    response = as_alice.get(at("generation", "changelist"), {lookup: SECRET[0]})

    assert response.status_code == 400


def test_list_still_filters_by_what_it_offers(as_alice, private):
    page = as_alice.get(at("generation", "changelist"), {"state__exact": "failed"})

    assert str(private.pk) in page.text


def test_role_changed_in_the_admin_is_in_the_audit(as_alice, alice, bob):
    facts = {"name": "Robert", "email": bob.email, "role": "moderator", "is_active": "on"}

    as_alice.post(at("user", "change", bob.pk), facts)

    entry = AuditEntry.objects.get(action="person.edited")
    assert (entry.actor, entry.subject) == (alice, str(bob.pk))
    assert entry.detail == {
        "changed": ["name", "role"],
        "before": {"role": "member"},
        "after": {"role": "moderator"},
    }
    assert User.objects.get(pk=bob.pk).role == "moderator"


def test_person_added_in_the_admin_is_in_the_audit_and_has_no_password(as_alice, alice):
    facts = {"name": "Zoe", "email": "Zoe@Example.com", "role": "member", "is_active": "on"}

    response = as_alice.post(at("user", "add"), facts)

    zoe = User.objects.get(email="zoe@example.com")
    assert response.status_code == 302
    assert not zoe.has_usable_password()
    assert AuditEntry.objects.get(action="person.added").subject == str(zoe.pk)


def test_last_administrator_cannot_be_taken_away(as_alice, alice):
    facts = {"name": "Alice", "email": alice.email, "role": "member", "is_active": "on"}

    response = as_alice.post(at("user", "change", alice.pk), facts)

    assert response.status_code == 409
    assert "The studio needs an administrator who can sign in. Name another one first." in response.text
    assert User.objects.get(pk=alice.pk).is_administrator


def test_t15_people_and_rows_cannot_be_deleted(as_alice, bob, private):
    pages = [at("user", "delete", bob.pk), at("generation", "delete", private.pk)]

    assert [as_alice.post(page, {"post": "yes"}).status_code for page in pages] == [403, 403]
    assert User.objects.filter(pk=bob.pk).exists()
