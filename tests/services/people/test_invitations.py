import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from studio.errors import Conflict, Lapsed, StudioError
from studio.models import AuditEntry, Invitation, InvitationState, User
from studio.services.people import invitations
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def join(row: Invitation, name: str = "Lena", **facts: str) -> User:
    facts = {"email": f"{name}@example.com", "password": PASSWORD} | facts
    return invitations.accept(invitation=row, name=name, **facts)


def test_make_keeps_the_digest_alone(alice):
    row, token = invitations.make(administrator=alice, role="moderator", days=7, uses=3)

    assert row.digest == hashlib.sha256(token.encode()).hexdigest()
    assert len(token) == 22
    assert token not in str(list(Invitation.objects.values())) + str(list(AuditEntry.objects.values()))
    assert invitations.find(token) == row
    assert invitations.find(token + "x") is None


def test_accept_makes_the_person_with_the_role(alice):
    row, _ = invitations.make(administrator=alice, role="moderator", days=7)

    person = join(row, email="Lena@Example.com")

    assert (person.email, person.role, person.check_password(PASSWORD)) == (
        "lena@example.com",
        "moderator",
        True,
    )
    assert User.objects.get(pk=person.pk).invitation == row
    assert Invitation.objects.get().state == InvitationState.USED
    entry = AuditEntry.objects.get(action="person.joined")
    assert (entry.actor, entry.detail) == (person, {"invitation": str(row.pk)})


def test_accept_bound_address_wins_over_what_is_sent(alice):
    row, _ = invitations.make(administrator=alice, role="member", days=7, uses=5, email="Lena@Studio.example")

    person = join(row, email="eve@example.com")

    assert (person.email, row.uses) == ("lena@studio.example", 1)


@pytest.mark.parametrize(
    ("spoiled", "words"),
    [
        ({"used": 1}, "has been used"),
        ({"expires_at": timezone.now() - timedelta(seconds=1)}, "has expired"),
        ({"revoked_at": timezone.now()}, "was taken back"),
    ],
)
def test_accept_of_a_link_that_is_over_says_why(alice, spoiled, words):
    invitations.make(administrator=alice, role="member", days=7)
    looked_at = Invitation.objects.get()
    Invitation.objects.update(**spoiled)

    for stale in (Invitation.objects.get(), looked_at):
        with pytest.raises(Lapsed, match=words):
            join(stale)
    assert User.objects.count() == 1


def test_accept_that_fails_leaves_the_use_to_another(alice, bob):
    row, _ = invitations.make(administrator=alice, role="member", days=7)

    with pytest.raises(Conflict, match="already uses this address"):
        join(row, email="BOB@example.com")
    with pytest.raises(StudioError):
        join(row, password="12345")

    assert join(row).pk
    check_uses(row, 1)


def test_revoke_of_what_is_over_is_refused(alice):
    row, _ = invitations.make(administrator=alice, role="member", days=7)
    invitations.revoke(invitation=row, administrator=alice)

    with pytest.raises(Conflict, match="any more"):
        invitations.revoke(invitation=row, administrator=alice)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("uses", [1, 3])
def test_accept_many_race_for_the_last_uses_exactly_so_many_win(uses):
    alice = make_user("Alice", role="administrator")
    row, _ = invitations.make(administrator=alice, role="member", days=7, uses=uses)
    barrier = Barrier(8)

    def one(number: int) -> str:
        try:
            barrier.wait()
            join(row, f"Guest {number}", email=f"guest{number}@example.com")
        except Lapsed as gone:
            return gone.code
        finally:
            connection.close()
        return "in"

    with ThreadPoolExecutor(8) as pool:
        came = sorted(pool.map(one, range(8)))

    assert came == sorted(["in"] * uses + ["invitation_used"] * (8 - uses))
    assert User.objects.count() == 1 + uses
    check_uses(row, uses)


def check_uses(row: Invitation, used: int) -> None:
    assert Invitation.objects.get(pk=row.pk).used == used


@pytest.mark.parametrize(
    "gone", [{"role": "moderator"}, {"is_active": False}], ids=["demoted", "suspended or left"]
)
def test_t13_invitation_of_somebody_who_may_not_invite_any_more_lets_nobody_in(alice, gone):
    row, token = invitations.make(administrator=alice, role="administrator", days=30)
    User.objects.filter(pk=alice.pk).update(**gone)

    for stale in (row, invitations.find(token)):
        with pytest.raises(Lapsed, match="was taken back"):
            join(stale)
    assert invitations.find(token).state == InvitationState.REVOKED
    assert not Invitation.objects.open().exists()
