"""The queue is paged by walks along its indexes, on both databases."""

import pytest

from studio.models import Case, CaseKind, Queue
from studio.models.ids import uuid7
from studio.services.moderation import cases
from tests.factories import make_image
from tests.models.test_visibility import plan_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("queue", "index"), [(Queue.REPORTS, "case_queue"), (Queue.ALL, "case_queue_all")])
def test_open_cases_are_one_walk_along_an_index(bob, model, queue, index):
    image = make_image(bob, model)
    cases.open_for(kind=CaseKind.REPORT, generation=image.generation, image=image)

    plan = plan_of(Case.objects.open().in_queue(queue).most_urgent_first().after(3, uuid7())[:31])

    assert f" {index}" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


@pytest.mark.parametrize("walk", ["decided_until", "decided_after"])
def test_decided_cases_are_one_walk_along_an_index(bob, model, walk):
    image = make_image(bob, model)
    case = cases.open_for(kind=CaseKind.REPORT, generation=image.generation, image=image)
    cases.close_for(kind=CaseKind.REPORT, generation=image.generation, image=image)
    case.refresh_from_db()

    plan = plan_of(getattr(Case.objects.decided().newest_decision_first(), walk)(case)[:31])

    assert " case_decided" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


def test_after_walks_by_reports_then_by_age(bob, model):
    images = [make_image(bob, model) for _ in range(4)]
    found = [
        cases.open_for(kind=CaseKind.REPORT, generation=each.generation, image=each).pk for each in images
    ]
    Case.objects.filter(pk=found[2]).update(weight=2)
    order = [found[2], found[0], found[1], found[3]]

    walked, place = [], (9, uuid7())
    while case := Case.objects.open().most_urgent_first().after(*place).first():
        walked.append(case.pk)
        place = (case.weight, case.pk)

    assert walked == order


def test_counts_says_how_many_of_each_kind(bob, model):
    for kind, many in ((CaseKind.REPORT, 2), (CaseKind.REVIEW, 1)):
        for _ in range(many):
            image = make_image(bob, model)
            cases.open_for(kind=kind, generation=image.generation, image=image)

    assert Case.objects.open().counts() == {"report": 2, "review": 1}
