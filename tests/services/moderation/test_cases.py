"""One open card for each kind and subject, whoever opens it and how often."""

from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction

from studio.models import Case, CaseKind, State, Verdict
from studio.services.moderation import cases
from tests.factories import make_generation, make_image

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(bob, model):
    return make_generation(bob, model, state=State.HELD)


def test_open_for_keeps_whose_it_is_and_why(bob, held):
    case = cases.open_for(kind=CaseKind.HELD, generation=held, rule="Client names", matches=[[2, 10]])

    case.refresh_from_db()
    assert (case.kind, case.generation, case.image, case.person) == (CaseKind.HELD, held, None, bob)
    assert (case.is_open, case.version, case.detail) == (
        True,
        1,
        {"rule": "Client names", "matches": [[2, 10]]},
    )


def test_open_for_the_same_subject_twice_is_one_case(held):
    first = cases.open_for(kind=CaseKind.HELD, generation=held, rule="Client names")

    again = cases.open_for(kind=CaseKind.HELD, generation=held, rule="Another")

    assert (again.pk, again.detail) == (first.pk, {"rule": "Client names"})
    assert Case.objects.count() == 1


def test_open_for_other_kind_or_picture_is_a_case_of_its_own(bob, model):
    image = make_image(bob, model)
    run = image.generation

    for kind in (CaseKind.REPORT, CaseKind.REVIEW):
        for subject in (None, image):
            cases.open_for(kind=kind, generation=run, image=subject)

    assert Case.objects.count() == 4


def test_open_for_after_a_decision_opens_another(held):
    first = cases.open_for(kind=CaseKind.HELD, generation=held)
    cases.close_for(kind=CaseKind.HELD, generation=held)

    second = cases.open_for(kind=CaseKind.HELD, generation=held)

    assert second.pk != first.pk


def test_close_for_open_case_closes_it_once(held, mona):
    case = cases.open_for(kind=CaseKind.HELD, generation=held)
    facts = {"kind": CaseKind.HELD, "generation": held, "verdict": Verdict.REFUSED, "by": mona}

    answers = [cases.close_for(**facts), cases.close_for(**facts)]

    case.refresh_from_db()
    assert answers == [True, False]
    assert (case.is_open, case.verdict, case.decided_by, case.version) == (False, "refused", mona, 2)


@pytest.mark.parametrize("wrong", [{"verdict": "kept"}, {"kind": "other"}])
def test_database_refuses_a_case_that_cannot_be(held, wrong):
    cases.open_for(kind=CaseKind.HELD, generation=held)

    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.update(**wrong)


@pytest.mark.parametrize("of_picture", [False, True])
def test_database_refuses_a_second_open_case_of_one_subject(bob, model, of_picture):
    image = make_image(bob, model)
    subject = {"generation": image.generation, "image": image if of_picture else None, "person": bob}
    Case.objects.create(kind=CaseKind.REPORT, **subject)

    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.create(kind=CaseKind.REPORT, **subject)


@pytest.mark.django_db(transaction=True)
def test_open_for_by_four_at_once_is_one_case(held):
    together, found = Barrier(4), []

    def work() -> None:
        together.wait()
        found.append(cases.open_for(kind=CaseKind.HELD, generation=held).pk)
        connection.close()

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(found), len(set(found)), Case.objects.count()) == (4, 1, 1)
