"""What people say of one thing stands on one card, once for each person."""

from threading import Barrier, Thread

import pytest
from django.db import connection

from studio.errors import Conflict, StudioError, TooMany
from studio.models import AuditEntry, Case, CaseKind, Report, Verdict
from studio.services import limits
from studio.services.moderation import cases, reasons, reports
from tests.factories import make_generation, make_image, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def image(bob, model):
    return make_image(bob, model)


def report(thing, person, *, image=None, reason="real_person", note=""):
    run = image.generation if image else thing
    return reports.report(generation=run, image=image, person=person, reason=reason, note=note)


def test_report_opens_a_case_about_the_picture_and_its_person(bob, charlie, image):
    report(None, charlie, image=image, reason="logo", note="They asked us not to.")

    row = Report.objects.get()
    case = row.case
    assert (row.person, row.reason, row.note) == (charlie, "logo", "They asked us not to.")
    assert (case.kind, case.image, case.person, case.weight) == (CaseKind.REPORT, image, bob, 1)
    entry = AuditEntry.objects.get(action="image.reported")
    assert (entry.actor, entry.subject, entry.detail) == (
        charlie,
        str(image.pk),
        {"case": str(case.pk), "reason": "logo"},
    )


def test_report_by_several_people_is_one_case_that_grows(charlie, mona, image):
    for person in (charlie, mona):
        report(None, person, image=image)

    case = Case.objects.get()
    assert (case.weight, case.reports.count()) == (2, 2)


def test_report_of_several_runs_of_one_prompt_is_one_case(bob, charlie, mona, model):
    first, second = make_generation(bob, model), make_generation(bob, model)

    report(first, charlie)
    report(second, mona)

    assert (Case.objects.get().weight, first.prompt_id) == (2, second.prompt_id)


def test_report_twice_by_one_person_is_a_conflict(charlie, image):
    report(None, charlie, image=image)

    with pytest.raises(Conflict, match="You have reported this already"):
        report(None, charlie, image=image)

    assert Case.objects.get().weight == 1


def test_report_of_another_run_of_the_same_prompt_is_the_same_report(bob, charlie, model):
    report(make_generation(bob, model), charlie)

    with pytest.raises(Conflict):
        report(make_generation(bob, model), charlie)


def test_report_after_a_decision_opens_a_new_case(charlie, mona, image):
    report(None, charlie, image=image)
    decided = Case.objects.get()
    cases.close_for(
        kind=CaseKind.REPORT, generation=image.generation, image=image, verdict=Verdict.KEPT, by=mona
    )

    report(None, mona, image=image)

    fresh = Case.objects.open().get()
    assert (fresh.pk == decided.pk, fresh.weight) == (False, 1)


def test_report_of_ones_own_thing_is_refused(bob, image):
    with pytest.raises(StudioError, match="This is yours"):
        report(None, bob, image=image)

    assert not Case.objects.exists()


def test_report_for_a_reason_that_is_not_offered_is_refused(charlie, alice, image):
    reasons.retire(code="logo", moderator=alice)

    for reason in ("logo", "nothing_wrong", "made up"):
        with pytest.raises(StudioError, match="Choose one of the reasons"):
            report(None, charlie, image=image, reason=reason)


def test_t25_report_of_everything_in_sight_has_to_wait(bob, charlie, model, monkeypatch):
    few = limits.Limit(by="report", many=2, seconds=3600)
    monkeypatch.setattr(limits, "REPORTS", few)
    for _ in range(2):
        report(None, charlie, image=make_image(bob, model))

    with pytest.raises(TooMany, match=r"Try again in 60 minutes\."):
        report(None, charlie, image=make_image(bob, model))

    assert Report.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("of_prompt", [False, True])
def test_report_by_eight_at_once_is_one_case_of_eight(image, of_prompt):
    people = [make_user(f"Person {number}") for number in range(8)]
    together, errors = Barrier(8), []

    def work(person) -> None:
        together.wait()
        try:
            report(image.generation, person, image=None if of_prompt else image)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=work, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    case = Case.objects.get()
    assert (errors, case.weight, case.reports.count()) == ([], 8, 8)
