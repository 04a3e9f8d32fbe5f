from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from studio.errors import Conflict, OverBudget, StudioError, TooMany
from studio.models import Allowance, AuditEntry, Generation, ImageModel, Prompt, Relay, SlotState, State
from studio.models.states import ACTIVE
from studio.services import generations
from studio.services.orders import Order
from tests.factories import make_generation
from tests.money import money_of
from tests.said import old

pytestmark = pytest.mark.django_db


def _submit(person, model, **fields) -> Generation:
    asked = {"text": "A lake", "settings": {"size": "1024x1024"}, "n": 2, "shared": True} | fields
    submission = asked.pop("submission_id", None) or uuid4()
    return generations.submit(person=person, submission_id=submission, order=Order(model=model, **asked))


def test_submit_writes_row_slots_prompt_hold_and_audit(bob, model):
    row = _submit(bob, model, n=3)

    row.refresh_from_db()
    assert (row.state, row.n, money_of(row).reserved, row.owner, row.prompt.text) == (
        State.QUEUED,
        3,
        3,
        bob,
        "A lake",
    )
    assert list(row.slots.values_list("index", "state")) == [(0, "waiting"), (1, "waiting"), (2, "waiting")]
    assert Allowance.objects.get().reserved == 3
    assert AuditEntry.objects.get(subject=str(row.pk)).action == "generation.submitted"


def test_submit_same_id_again_is_the_same_generation_and_holds_once(bob, model):
    key = uuid4()
    first = _submit(bob, model, submission_id=key)

    again = _submit(bob, model, submission_id=key)

    assert again == first
    assert Allowance.objects.get().reserved == 2
    assert Prompt.objects.get().generations.count() == 1


def test_submit_same_id_of_another_person_is_their_own(bob, charlie, model):
    key = uuid4()

    assert _submit(bob, model, submission_id=key) != _submit(charlie, model, submission_id=key)


@pytest.mark.parametrize(
    "other",
    [{"text": "A hill"}, {"n": 1}, {"settings": {}}, {"shared": False}],
    ids=lambda other: str(*other),
)
def test_submit_same_id_with_other_parameters_is_a_conflict(bob, model, other):
    key = uuid4()
    _submit(bob, model, submission_id=key)

    with pytest.raises(Conflict) as refused:
        _submit(bob, model, submission_id=key, **other)

    assert (
        refused.value.sentence
        == "This form was already sent with other content. Reload the page and try again."
    )
    assert Generation.objects.count() == 1


def test_submit_same_id_when_cap_and_queue_are_full_is_still_the_same_generation(bob, model, settings):
    settings.MONTHLY_IMAGES = settings.QUEUE_PER_PERSON = 2
    key = uuid4()
    first = _submit(bob, model, submission_id=key)

    assert _submit(bob, model, submission_id=key) == first


def test_submit_over_the_cap_leaves_nothing_behind(bob, model, settings):
    settings.MONTHLY_IMAGES = 1

    with pytest.raises(OverBudget):
        _submit(bob, model, n=2)

    submitted = AuditEntry.objects.filter(action="generation.submitted")
    assert (Generation.objects.count(), Prompt.objects.count(), submitted.count()) == (0, 0, 0)


def test_submit_over_the_queue_is_refused_and_holds_nothing(bob, charlie, model, settings):
    settings.QUEUE_PER_PERSON = 3
    _submit(bob, model, n=2)

    with pytest.raises(TooMany) as refused:
        _submit(bob, model, n=2)

    assert refused.value.sentence == "You already have 2 images waiting."
    assert Allowance.objects.get().reserved == 2
    _submit(charlie, model, n=3)


def test_cancel_of_another_person_finds_nothing(bob, charlie, model):
    row = make_generation(bob, model)

    with pytest.raises(Conflict):
        generations.cancel(generation=row, person=charlie)

    row.refresh_from_db()
    assert row.state == State.QUEUED


def test_retry_asks_for_missing_slots_and_clears_the_trouble(bob, model, money):
    row = make_generation(
        bob, model, n=3, state=State.FAILED, **old("No."), error_kind="x", closed=True, tries=3
    )
    row.slots.filter(index=1).update(state=SlotState.SAVED)

    generations.retry(generation=row, person=bob)

    row.refresh_from_db()
    assert (row.state, str(row.why), row.error_kind, row.closed, row.tries, row.round) == (
        State.QUEUED,
        "",
        "",
        False,
        0,
        2,
    )
    assert money(row) == (2, 0, 0)
    assert Allowance.objects.get().reserved == 2


@pytest.mark.parametrize(("saved", "kept"), [(1, 21_000), (0, 4_000)])
def test_retry_keeps_the_time_of_the_first_run_that_drew(bob, model, saved, kept):
    row = make_generation(bob, model, n=2, state=State.DONE if saved else State.FAILED)
    row.slots.filter(index__lt=saved).update(state=SlotState.SAVED)
    start = timezone.now()
    Generation.objects.update(sent_at=start, received_at=start + timedelta(seconds=21))
    row.refresh_from_db()

    generations.retry(generation=row, person=bob)

    Generation.objects.update(sent_at=start, received_at=start + timedelta(seconds=4))
    row.refresh_from_db()
    assert row.drawn_ms == kept


def test_retry_with_nothing_missing_is_refused(bob, model):
    row = make_generation(bob, model, state=State.DONE)
    row.slots.update(state=SlotState.SAVED)

    with pytest.raises(StudioError, match="Nothing is missing here"):
        generations.retry(generation=row, person=bob)


@pytest.mark.parametrize(
    "state", [State.HELD, State.QUEUED, State.CLAIMED, State.SENT, State.RECEIVED, State.REFUSED]
)
def test_retry_of_what_runs_or_was_refused_is_a_conflict_and_holds_nothing(bob, model, money, state: State):
    row = make_generation(bob, model, state=state)
    before = money(row), Allowance.objects.get().reserved

    with pytest.raises(Conflict):
        generations.retry(generation=row, person=bob)

    assert (money(row), Allowance.objects.get().reserved) == before


@pytest.mark.parametrize(
    ("of", "change"),
    [
        (ImageModel, {"enabled": False}),
        (ImageModel, {"draws": None}),
        (ImageModel, {"gone_at": "2026-01-01T00:00Z"}),
        (Relay, {"enabled": False}),
    ],
    ids=["disabled", "unknown", "gone", "relay disabled"],
)
def test_retry_of_a_model_that_is_not_offered_any_more_asks_nothing(bob, model, money, of, change):
    row = make_generation(bob, model, state=State.FAILED)
    of.objects.update(**change)
    row = Generation.objects.get(pk=row.pk)

    with pytest.raises(StudioError, match="Sandbox Flux cannot be used now: it is not offered any more"):
        generations.retry(generation=row, person=bob)

    assert money(row) == (0, 0, 0)


def test_retry_in_a_later_month_is_refused_and_holds_nothing(bob, model, money):
    row = make_generation(bob, model, state=State.CANCELLED)
    Generation.objects.update(month="2020-01-01")
    Allowance.objects.create(person=bob, month="2020-01-01", cap=10)
    row.refresh_from_db()

    with pytest.raises(StudioError) as refused:
        generations.retry(generation=row, person=bob)

    sentence = "This belongs to an earlier month's budget. Use all of it in a new generation."
    assert (refused.value.sentence, money(row)) == (sentence, (0, 0, 0))
    assert not Allowance.objects.filter(reserved__gt=0).exists()


def test_retry_of_another_person_changes_nothing(bob, charlie, model):
    row = make_generation(bob, model, state=State.FAILED)

    with pytest.raises(Conflict):
        generations.retry(generation=row, person=charlie)

    row.refresh_from_db()
    assert row.state == State.FAILED
    assert not Allowance.objects.filter(reserved__gt=0).exists()


def test_retry_at_the_cap_leaves_the_row_as_it_was(bob, model, settings):
    settings.MONTHLY_IMAGES = 2
    row = make_generation(bob, model, n=2, state=State.UNKNOWN)

    with pytest.raises(OverBudget):
        generations.retry(generation=row, person=bob)

    row.refresh_from_db()
    assert (row.state, row.round) == (State.UNKNOWN, 1)


def test_close_puts_the_trouble_away_and_presumed_stays(bob, model, money):
    row = make_generation(bob, model, n=2, state=State.UNKNOWN)

    generations.close(generation=row, person=bob)

    row.refresh_from_db()
    assert (row.closed, row.state, money(row)) == (True, State.UNKNOWN, (0, 0, 2))


@pytest.mark.parametrize("state", ACTIVE)
def test_close_of_what_still_runs_changes_nothing(bob, model, state: State):
    row = make_generation(bob, model, state=state)

    generations.close(generation=row, person=bob)

    row.refresh_from_db()
    assert (row.closed, row.version) == (False, 0)


def test_close_of_another_person_changes_nothing(bob, charlie, model):
    row = make_generation(bob, model, state=State.UNKNOWN)

    generations.close(generation=row, person=charlie)

    row.refresh_from_db()
    assert not row.closed


def test_forgive_frees_what_was_presumed_once(bob, alice, model, money):
    row = make_generation(bob, model, n=2, state=State.UNKNOWN)

    generations.forgive(generation=row, administrator=alice)

    assert money(row) == (0, 0, 0)
    assert Allowance.objects.get().spent == 0
    with pytest.raises(StudioError, match="Nothing is presumed spent here"):
        generations.forgive(generation=row, administrator=alice)
    assert AuditEntry.objects.get(action="generation.forgiven").actor == alice
