"""Who is told of a decision, and the one appeal against it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from studio.errors import Conflict, StudioError
from studio.models import Case, CaseKind, Image, Notice, NoticeKind, Strike
from studio.services.moderation import appeals, cases, decisions, reports
from studio.services.moderation.decisions import Decision

pytestmark = pytest.mark.django_db


def told(person) -> list[tuple[str, str]]:
    rows = Notice.objects.visible_to(person).order_by("pk").values_list("kind", "values__verdict")
    return [(NoticeKind(kind), verdict) for kind, verdict in rows]


@pytest.fixture
def decided(mona, case, decide) -> Case:
    """A picture of bob's that mona removed, with a warning."""
    decide(case, mona, "removed", words="Ask first.", warn=True)
    return case


# Telling


@pytest.mark.parametrize(
    ("verdict", "warn", "expected"),
    [
        ("kept", False, []),
        ("kept", True, ["warned"]),
        ("hidden", False, ["hidden"]),
        ("removed", True, ["removed"]),
    ],
)
def test_decide_tells_the_person_what_concerns_them(bob, mona, case, decide, verdict, warn, expected):
    decide(case, mona, verdict, warn=warn)

    assert told(bob) == [(NoticeKind.DECIDED, each) for each in expected]


def test_decide_to_show_a_reviewed_picture_tells_its_person(bob, mona, image, decide):
    case = cases.open_for(kind=CaseKind.REVIEW, generation=image.generation, image=image)

    decide(case, mona, "kept")

    assert told(bob) == [(NoticeKind.DECIDED, "shown")]


def test_decide_tells_every_reporter_the_outcome(alice, charlie, mona, image, decide):
    for person in (alice, charlie):
        reports.report(generation=image.generation, image=image, person=person, reason="logo")

    decide(Case.objects.get(), mona, "kept")

    assert [told(person) for person in (alice, charlie)] == [[(NoticeKind.REPORTED, "kept")]] * 2


def test_undo_takes_back_what_nobody_has_read(bob, charlie, mona, image, decide):
    reports.report(generation=image.generation, image=image, person=charlie, reason="logo")
    case = Case.objects.get()
    decide(case, mona, "hidden")

    decisions.undo(case=case, moderator=mona)

    assert (told(bob), told(charlie)) == ([], [])


# Appealing


def test_appeal_is_a_case_about_the_decision(bob, image, decided):
    row = appeals.appeal(case=decided, person=bob, text="The client agreed.")

    assert (row.kind, row.of, row.image, row.person) == (CaseKind.APPEAL, decided, image, bob)
    assert row.detail == {"text": "The client agreed."}


def test_appeal_twice_is_a_conflict(bob, alice, decided, decide):
    row = appeals.appeal(case=decided, person=bob, text="The client agreed.")
    for _ in range(2):
        with pytest.raises(Conflict, match="You have appealed already"):
            appeals.appeal(case=decided, person=bob, text="Once more.")
        if row.is_open:
            decide(row, alice, "upheld")


@pytest.mark.parametrize("late", [False, True])
def test_appeal_by_another_or_too_late_is_a_conflict(bob, charlie, decided, late):
    if late:
        Case.objects.update(decided_at=timezone.now() - timedelta(days=15))
        decided.refresh_from_db()

    with pytest.raises(Conflict, match="nothing here to appeal"):
        appeals.appeal(case=decided, person=bob if late else charlie, text="Please")


def test_appeal_against_what_was_kept_is_a_conflict(bob, mona, case, decide):
    decide(case, mona, "kept")

    with pytest.raises(Conflict):
        appeals.appeal(case=case, person=bob, text="Please")


def test_appeal_is_answered_by_another_than_the_decider(bob, mona, decided):
    row = appeals.appeal(case=decided, person=bob, text="The client agreed.")

    with pytest.raises(StudioError, match="You have a part in this case") as error:
        decisions.decide(case=row, moderator=mona, decision=Decision(verdict="overturned"))

    assert error.value.status == 403


def test_t14_appeal_is_not_answered_by_whoever_reported_it(alice, bob, mona, image, decide):
    reports.report(generation=image.generation, image=image, person=alice, reason="logo")
    case = Case.objects.get()
    decide(case, mona, "hidden")
    row = appeals.appeal(case=case, person=bob, text="The client agreed.")

    with pytest.raises(StudioError, match="You have a part in this case"):
        decide(row, alice, "upheld")


def test_appeal_accepted_brings_the_picture_back_whole(alice, bob, charlie, image, decided, decide):
    before = Image.objects.values().get()
    row = appeals.appeal(case=decided, person=bob, text="The client agreed.")

    decide(row, alice, "overturned")

    after = Image.objects.values().get()
    decided.refresh_from_db()
    assert Image.objects.visible_to(charlie).filter(pk=image.pk).exists()
    assert {name for name in after if after[name] != before[name]} == {"held_at", "removed_at"} - {"held_at"}
    assert (decided.verdict, Strike.objects.count()) == ("overturned", 0)
    assert told(bob)[-1] == (NoticeKind.ANSWERED, "overturned")


def test_appeal_not_accepted_says_why_and_changes_nothing(alice, bob, image, decided, decide):
    row = appeals.appeal(case=decided, person=bob, text="The client agreed.")
    with pytest.raises(StudioError, match="Say why"):
        decide(row, alice, "upheld", reason="")

    decide(row, alice, "upheld", reason="", words="They did not.")

    assert not Image.objects.visible_to(bob).exists()
    assert Notice.objects.visible_to(bob).newest_first().first().values["why"] == "They did not."


def test_appeal_against_a_decision_that_was_reopened_is_a_conflict(alice, bob, mona, decided, decide):
    row = appeals.appeal(case=decided, person=bob, text="The client agreed.")
    decisions.reopen(case=decided, moderator=mona)

    with pytest.raises(Conflict, match="has changed meanwhile"):
        decide(row, alice, "overturned")
