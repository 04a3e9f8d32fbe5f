from datetime import timedelta

import pytest
from django.utils import timezone

from studio.models import AuditEntry, Generation, Relay
from studio.relays.dialects.base import Kind, RelayError
from studio.services.relays import edit, health
from tests.factories import make_generation
from tests.said import busy

pytestmark = pytest.mark.django_db


@pytest.fixture
def stand_in(model):
    relay = edit.add_relay(
        name="Other", dialect="openai", base_url="http://127.0.0.1:2/v1", api_key="k" * 12, sandbox=True
    )
    model.stand_in = edit.add_model(relay=relay, model_id="other", label="Other", accepts={})
    model.save()
    return model.stand_in


def _fail(model, kind: Kind, times: int = 1, **said) -> Relay:
    for _ in range(times):
        health.failed(model, RelayError(kind, **said))
    return Relay.objects.get(pk=model.relay_id)


@pytest.mark.parametrize(
    ("kind", "said", "sentence"),
    [
        (Kind.AUTH, {}, "Sandbox refused the studio's key."),
        (Kind.OUT_OF_FUNDS, {}, "The studio's balance at Sandbox is used up."),
        (Kind.BAD_ANSWER, {}, "Sandbox gave an answer to Sandbox Flux that could not be read."),
        (Kind.MODEL_GONE, {}, "Sandbox no longer offers Sandbox Flux."),
        (Kind.NOT_SENT, {"code": "certificate"}, "The certificate of Sandbox is not valid."),
        (Kind.NOT_OPEN, {}, "Sandbox Flux is not open to the studio's key at Sandbox."),
        (Kind.NOT_OPEN, {"code": "in_front"}, "Something in front of Sandbox blocked a request."),
        (Kind.WRONG_ADDRESS, {}, "The address of Sandbox seems wrong."),
        (Kind.INVALID, {}, "Sandbox does not accept the studio's request for Sandbox Flux."),
        (Kind.NOT_SENT, {"message": "refused"}, ""),
        (Kind.BLOCKED, {}, ""),
        (Kind.UNKNOWN, {}, ""),
    ],
)
def test_failed_tells_administrators_what_they_can_mend(model, kind: Kind, said, sentence: str):
    relay = _fail(model, kind, **said)

    assert (relay.what_is_wrong.said(), bool(relay.trouble_at), relay.is_paused) == (
        sentence,
        bool(sentence),
        False,
    )


@pytest.mark.parametrize("kind", [Kind.AUTH, Kind.OUT_OF_FUNDS])
def test_failed_third_refusal_in_a_row_pauses_the_relay_once(model, kind: Kind):
    assert not _fail(model, kind, times=2).is_paused

    relay = _fail(model, kind, times=2)

    assert relay.is_paused
    assert relay.why_paused.said().endswith("That was 3 times in a row.")
    assert relay.what_is_wrong.said().startswith("Sandbox was paused. ")
    assert AuditEntry.objects.filter(action="relay.paused").count() == 1


@pytest.mark.parametrize("kind", [Kind.NOT_OPEN, Kind.WRONG_ADDRESS, Kind.INVALID])
def test_failed_for_one_model_alone_is_told_once_and_never_pauses_the_relay(model, kind: Kind):
    told = _fail(model, kind).trouble_at

    relay = _fail(model, kind, times=4)

    assert (relay.is_paused, relay.refusals, relay.trouble_at) == (False, 0, told)


def test_answered_well_in_between_starts_the_count_again(model):
    health.answered_well(_fail(model, Kind.AUTH, times=2))

    relay = _fail(model, Kind.AUTH)

    assert (relay.is_paused, relay.refusals) == (False, 1)


def test_answered_well_of_a_relay_without_troubles_only_looks(model, django_assert_num_queries):
    with django_assert_num_queries(1):
        health.answered_well(model.relay)


def test_answered_well_sees_refusals_that_came_after_the_row_was_read(model):
    remembered = Relay.objects.get(pk=model.relay_id)
    _fail(model, Kind.AUTH, times=2)

    health.answered_well(remembered)

    assert _fail(model, Kind.AUTH).refusals == 1


def test_failed_pausing_gives_waiting_rows_to_their_stand_in(bob, model, stand_in):
    row = make_generation(bob, model)

    _fail(model, Kind.AUTH, times=3)

    row = Generation.objects.get(pk=row.pk)
    assert row.drawn_by == stand_in
    assert row.trail == [{"relay": "Sandbox", "status": None, "kind": "paused"}]


def test_failed_pausing_lets_the_stand_in_begin_afresh(bob, model, stand_in):
    later = timezone.now() + timedelta(seconds=60)
    row = make_generation(bob, model, tries=3, not_before=later, **busy(60, 3))

    _fail(model, Kind.AUTH, times=3)

    row = Generation.objects.get(pk=row.pk)
    assert (row.drawn_by, row.tries, row.not_before, str(row.why)) == (stand_in, 0, None, "")
