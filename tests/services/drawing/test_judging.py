"""The classifier is asked once before the paid call, and what it objects to waits for a moderator."""

import pytest
from django.conf import settings as conf

from studio.models import AuditEntry, Case, Classifier, Generation, RelayRequest, State, WhenDown
from studio.services import generations
from studio.services.drawing import judging, run
from studio.services.moderation import classifiers, holds
from tests.faults import invariants
from tests.services.screening.test_gate import submit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def classifier(alice, sandbox, settings) -> Classifier:
    """The sandbox judges, over real HTTP."""
    facts = {
        "is_on": True,
        "base_url": f"{settings.SANDBOX_URL}/openai/v1",
        "model": "",
        "thresholds": {"violence": 0.5},
        "otherwise": None,
        "seconds": 5,
        "when_down": WhenDown.CLOSED,
    }
    return classifiers.set_up(administrator=alice, api_key=conf.SANDBOX_KEY, **facts)


def _state(row: Generation) -> tuple[State, str]:
    row.refresh_from_db()
    return State(row.state), str(row.why)


def test_prompt_that_is_objected_to_is_held_and_nothing_is_sent(classifier, bob, model):
    row = submit(bob, model, "A blood moon")

    run.run_next()

    said = "A classifier sees violence in this prompt, so a moderator looks at it first."
    assert _state(row) == (State.HELD, said)
    assert not RelayRequest.objects.exists()
    detail = Case.objects.open().get().detail
    assert (detail["rule"], list(detail["scores"])) == ("Classifier: violence", ["violence"])
    invariants.check()


def test_prompt_that_is_not_is_judged_once_and_goes_on(classifier, bob, model):
    row = submit(bob, model, "A naked tree")  # another category, which nobody set

    assert not judging.is_held(_claimed(row))

    row.refresh_from_db()
    assert row.classified
    Classifier.objects.update(base_url="http://127.0.0.1:1/v1")
    assert not judging.is_held(row)


def _claimed(row: Generation) -> Generation:
    Generation.objects.filter(pk=row.pk).update(state=State.CLAIMED, claimed_by="me", claim="x")
    return Generation.objects.select_related("prompt", "owner").get(pk=row.pk)


def test_prompt_that_a_moderator_approved_is_not_judged_again(classifier, bob, mona, model):
    row = submit(bob, model, "A blood moon")
    run.run_next()

    holds.approve(generation=row, moderator=mona)

    assert not judging.is_held(_claimed(row))


@pytest.mark.parametrize("fault", ["[500]", "[429]", "[html]", "[not json]", "[drop]", "[slow 9]", "[401]"])
@pytest.mark.parametrize(("when_down", "held"), [(WhenDown.CLOSED, True), (WhenDown.OPEN, False)])
def test_classifier_that_is_down_holds_or_lets_through_as_chosen(
    classifier, bob, model, alice, fault, when_down, held
):
    facts = {name: getattr(classifier, name) for name in classifiers.FACTS}
    classifiers.set_up(administrator=alice, **facts | {"when_down": when_down, "seconds": 1})
    row = submit(bob, model, f"A lake {fault}")

    assert judging.is_held(_claimed(row)) == held

    state = _state(row)[0]
    assert state == (State.HELD if held else State.CLAIMED)
    if held:
        assert "does not answer" in str(row.why)


def test_classifier_that_is_off_is_not_asked(classifier, alice, bob, model, django_assert_num_queries):
    facts = {name: getattr(classifier, name) for name in classifiers.FACTS}
    classifiers.set_up(administrator=alice, **facts | {"is_on": False})
    row = submit(bob, model, "A blood moon")

    with django_assert_num_queries(0):
        assert not judging.is_held(row)


def test_row_that_was_cancelled_while_it_was_judged_is_not_sent(classifier, bob, model):
    row = _claimed(submit(bob, model, "A lake"))
    Generation.objects.filter(pk=row.pk).update(claimed_by="", state=State.CANCELLED)

    assert judging.is_held(row)


def test_set_up_keeps_the_key_out_of_the_audit_and_the_database(classifier):
    entry = AuditEntry.objects.get(action="classifier.set")

    assert conf.SANDBOX_KEY not in str(entry.detail)
    assert conf.SANDBOX_KEY not in Classifier.objects.get().sealed_key
    assert entry.detail["key"] == "replaced"


def test_retry_of_what_was_cancelled_while_it_was_held_is_judged_again(classifier, bob, model):
    row = submit(bob, model, "A blood moon")
    run.run_next()
    row.refresh_from_db()
    generations.cancel(generation=row, person=bob)
    row.refresh_from_db()

    generations.retry(generation=row, person=bob)
    run.run_next()

    assert _state(row)[0] == State.HELD
    assert not RelayRequest.objects.exists()
    invariants.check()
