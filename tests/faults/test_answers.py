"""Every way a relay answers, drawn by a real worker: state, money and sentence (SAFETY §6, rows 9 to 16, 25 to 30)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import override_settings

from studio.models import Generation, SlotState, State
from tests.faults.stage import Stage
from tests.money import money_of
from tests.said import LOST_CONTACT, UNREADABLE

POLICY = (
    "The relay's safety system refused this prompt. Nothing was charged by this studio. "
    "Change the prompt and try again."
)
EMPTY = "The relay returned no image. This is often a silent safety refusal. Nothing was sent again."
BUSY = "The relay is still busy after 4 tries. Nothing was charged. Try again later."
FUNDS = "The studio's balance at the relay is used up. An administrator was told."
KEY = "The studio's relay key was refused. An administrator was told."
REMOVED = "The relay removed one image before we could save it."
REMOVED_TWO = "The relay removed 2 images before we could save them."
MAYBE = "The relay failed after accepting the request (504). It may have been charged."
INVALID = "The relay does not accept size 4096x4096. Choose another size."
GONE = "The relay no longer offers this model. Nothing was charged. Choose another model."


@dataclass(frozen=True)
class Case:
    """What is asked and what must come of it; `sentence` without the trace id, which differs each time."""

    row: str
    text: str
    n: int
    state: State
    requests: int = 1
    spent: int = 0
    presumed: int = 0
    sentence: str = ""
    answer: str = "url"
    size: str = "512x512"


CASES = [
    Case("done", "A lake", 2, State.DONE, spent=2),
    Case("done-base64", "A lake", 2, State.DONE, spent=2, answer="b64_json"),
    Case("row_9", "[refuse]", 2, State.REFUSED, sentence=POLICY),
    Case("row_10", "[empty]", 2, State.REFUSED, sentence=EMPTY),
    Case("row_11-key", "[401]", 2, State.FAILED, sentence=KEY),
    Case("row_11-funds", "[402]", 2, State.FAILED, sentence=FUNDS),
    Case("row_12", "A lake", 1, State.FAILED, sentence=INVALID, size="4096x4096", requests=0),
    Case("row_13", "[429]", 2, State.FAILED, requests=4, sentence=BUSY),
    Case(
        "row_14-500", "[500]", 2, State.FAILED, requests=3, sentence="The relay failed (500). Tried 3 times."
    ),
    Case(
        "row_14-503", "[503]", 2, State.FAILED, requests=3, sentence="The relay failed (503). Tried 3 times."
    ),
    Case("row_14-once", "[500 once]", 2, State.DONE, requests=2, spent=2),
    Case("row_14b", "[504]", 2, State.UNKNOWN, presumed=2, sentence=MAYBE),
    Case("row_15-html", "[html]", 2, State.BROKEN, presumed=2, sentence=UNREADABLE),
    Case("row_15-json", "[not json]", 2, State.BROKEN, presumed=2, sentence=UNREADABLE),
    Case(
        "row_16",
        "[broken image]",
        4,
        State.DONE,
        spent=3,
        sentence="3 of 4 images saved. One arrived damaged.",
    ),
    Case(
        "row_16-base64",
        "[broken image]",
        2,
        State.DONE,
        spent=1,
        sentence="1 of 2 images saved. One arrived damaged.",
        answer="b64_json",
    ),
    Case(
        "row_16-only",
        "[broken image]",
        1,
        State.BROKEN,
        presumed=1,
        sentence="0 of 1 images saved. One arrived damaged.",
    ),
    Case("row_25", "[expired url]", 1, State.BROKEN, presumed=1, sentence=f"0 of 1 images saved. {REMOVED}"),
    Case(
        "row_25-two",
        "[expired url]",
        2,
        State.BROKEN,
        presumed=2,
        sentence=f"0 of 2 images saved. {REMOVED_TWO}",
    ),
    Case(
        "row_26",
        "[two of four]",
        4,
        State.DONE,
        spent=2,
        sentence="The relay returned 2 of 4 images. You were counted for 2.",
    ),
    Case("row_27", "[one extra]", 2, State.DONE, spent=2),
    Case("row_30-drop", "[drop]", 2, State.UNKNOWN, presumed=2, sentence=LOST_CONTACT),
    Case("row_30-hang", "[hang 1]", 2, State.UNKNOWN, presumed=2, sentence=LOST_CONTACT),
]


@pytest.fixture(scope="module")
def drawn(common_stage: Stage) -> Iterator[dict[str, Generation]]:
    """Submit all cases and let one worker work on them until all have ended."""
    quick = override_settings(
        QUEUE_PER_PERSON=1000, TASKS={"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}
    )
    with quick:
        rows = {
            case.row: common_stage.submit(case.text, n=case.n, response_format=case.answer, size=case.size)
            for case in CASES
        }
        common_stage.finish()
        yield rows


def _ended(drawn: dict[str, Generation], case: Case) -> Generation:
    return Generation.objects.get(pk=drawn[case.row].pk)


by_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.row)


@by_case
def test_answer_ends_in_its_state_with_its_sentence(case: Case, drawn):
    row = _ended(drawn, case)

    sentence = re.sub(r" Trace id [0-9a-f]{24}\.$", "", str(row.why))
    assert (row.state, sentence) == (case.state, case.sentence)


@by_case
def test_answer_costs_what_it_should(case: Case, drawn):
    row = _ended(drawn, case)

    assert money_of(row) == (0, case.spent, case.presumed)
    assert row.images.count() == case.spent


@by_case
def test_answer_is_asked_for_as_often_as_allowed(case: Case, drawn, common_stage: Stage):
    row = _ended(drawn, case)

    assert common_stage.requests(row) == case.requests
    assert row.relay_requests.count() == max(case.requests, 1)
    assert not row.relay_requests.filter(outcome="").exists()


@by_case
def test_answer_leaves_as_many_files_as_images(case: Case, drawn, common_stage: Stage):
    row = _ended(drawn, case)

    assert len(common_stage.originals(row)) == case.spent


def test_row_16_damaged_slot_says_so(drawn):
    row = drawn["row_16"]

    states = list(row.slots.values_list("state", flat=True))

    assert states == [SlotState.SAVED] * 3 + [SlotState.UNUSABLE]


def test_row_14_error_keeps_the_trace_id_and_the_relays_words(drawn):
    row = Generation.objects.get(pk=drawn["row_14-500"].pk)

    assert row.trace_id in str(row.why)
    assert len(row.trace_id) == 24
    assert row.error_kind == "transient"
    assert row.error_raw


def _once(stage: Stage, row: Generation) -> dict[str, Any]:
    stage.run("draw", str(row.pk))
    found = Generation.objects.get(pk=row.pk)
    seen = {name: getattr(found, name) for name in ("state", "tries", "claimed_by")}
    return seen | {"sentence": found.why.said(), "reserved": money_of(found).reserved}


def test_row_13_busy_relay_waits_as_long_as_it_says(stage: Stage):
    row = stage.submit("[429]", n=2)

    seen = _once(stage, row)

    sentence = "The relay is busy. Trying again in 2 s (1 of 3)."
    assert seen == {"state": "queued", "sentence": sentence, "tries": 1, "reserved": 2, "claimed_by": ""}


def test_model_that_is_gone_fails_without_charge(stage: Stage):
    stage.model.model_id = "gone"
    stage.model.save()
    row = stage.submit(n=1)

    stage.finish()

    row.refresh_from_db()
    assert (row.state, str(row.why), money_of(row)) == (State.FAILED, GONE, (0, 0, 0))


def test_relay_that_cannot_be_reached_is_tried_again_and_then_given_up(stage: Stage):
    row = stage.submit(n=1)
    stage.relay_row.base_url = "http://127.0.0.1:9/v1"
    stage.relay_row.save()

    first = _once(stage, row)
    Generation.objects.filter(pk=row.pk).update(tries=3, not_before=None)
    last = _once(stage, row)

    assert first["sentence"] == "The relay could not be reached. Trying again in 1 s (1 of 3)."
    assert (last["state"], last["reserved"]) == ("failed", 0)
    assert (
        last["sentence"]
        == "The relay could not be reached. Tried 4 times. Nothing was sent, nothing was charged."
    )
    assert row.relay_requests.count() == 0
