"""What was removed is kept for thirty days; earlier it goes only when two people want it."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from studio.errors import Conflict, Forbidden
from studio.models import AuditEntry, Case, Image
from studio.services import retention
from studio.services.moderation import appeals, decisions, evidence

pytestmark = pytest.mark.django_db


@pytest.fixture
def removed(mona, case, decide) -> Case:
    decide(case, mona, "removed")
    return case


def age(days: int) -> None:
    Image.objects.update(removed_at=timezone.now() - timedelta(days=days))


@pytest.mark.parametrize(("days", "purged"), [(29, 0), (31, 1)])
def test_purge_evidence_deletes_the_picture_after_thirty_days(image, removed, days, purged):
    age(days)

    assert retention.purge_evidence() == purged
    assert default_storage.exists(image.key) == (not purged)


def test_purge_evidence_keeps_what_was_decided(removed):
    age(31)
    retention.purge_evidence()

    case = Case.objects.get()
    assert (case.verdict, case.image, case.is_purged, case.detail["picture"]) == ("removed", None, True, 1)
    with pytest.raises(Conflict, match="gone for good"):
        decisions.reopen(case=case, moderator=case.decided_by)


def test_purge_evidence_waits_for_an_open_appeal(bob, removed):
    appeals.appeal(case=removed, person=bob, text="Please look again.")
    age(31)

    assert retention.purge_evidence() == 0


def test_t14_evidence_goes_early_only_when_a_second_person_agrees(alice, mona, removed):
    evidence.ask(case=removed, moderator=mona)
    removed.refresh_from_db()
    with pytest.raises(Forbidden, match="a second person agrees"):
        evidence.agree(case=removed, moderator=mona)
    before = retention.purge_evidence()

    evidence.agree(case=removed, moderator=alice)

    assert (before, retention.purge_evidence()) == (0, 1)
    actions = AuditEntry.objects.filter(action__startswith="evidence.").order_by("pk")
    assert [(entry.action, entry.actor) for entry in actions] == [
        ("evidence.purge_asked", mona),
        ("evidence.purge_agreed", alice),
    ]


def test_t14_agree_to_what_nobody_asked_for_is_refused(alice, removed):
    with pytest.raises(Forbidden):
        evidence.agree(case=removed, moderator=alice)


def test_ask_for_what_is_not_removed_any_more_is_a_conflict(mona, alice, removed):
    decisions.reopen(case=removed, moderator=alice)

    with pytest.raises(Conflict):
        evidence.ask(case=removed, moderator=mona)


def test_purge_trash_leaves_evidence_that_its_owner_had_thrown_away(image, removed):
    Image.objects.update(trashed_at=timezone.now() - timedelta(days=31))

    assert retention.purge_trash() == 0
    assert default_storage.exists(image.key)
