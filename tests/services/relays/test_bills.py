"""What a relay has billed against what the studio knows: nothing is settled twice, and the ledger agrees."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from studio.errors import StudioError
from studio.models import Allowance, AuditEntry, Bill, Generation, Relay, RelayRequest, State
from studio.models.bills import counts_of
from studio.services import generations
from studio.services.drawing import run
from studio.services.orders import Order
from studio.services.relays import bills, edit
from studio.services.relays.bill_files import Billed
from tests.factories import make_generation
from tests.money import check_ledger, money_of

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)


def asked(
    number: int, *, trace: str = "", minutes: float = 0, model: str = "flux", n: int = 1, outcome="done"
):
    return (UUID(int=number), trace, NOON + timedelta(minutes=minutes), model, n, outcome)


def billed(number: int, *, trace: str = "", minutes: float = 0, model: str = "flux", images=None) -> Billed:
    at = NOON + timedelta(minutes=minutes)
    return Billed(number=number, at=at, model=model, trace_id=trace, images=images)


def pairs(lines, requests) -> dict[int, int]:
    return {number: row[0].int for number, row in bills.match(lines, requests).items()}


def test_match_goes_by_trace_id_whatever_the_clock_says():
    assert pairs(
        [billed(1, trace="a", minutes=50), billed(2, trace="b")], [asked(7, trace="b"), asked(8, trace="a")]
    ) == {1: 8, 2: 7}


def test_match_without_trace_ids_takes_the_nearest_of_the_model():
    lines = [billed(1, minutes=0.1), billed(2, minutes=1.1)]
    requests = [asked(7, minutes=0), asked(8, minutes=1), asked(9, minutes=0.1, model="other")]

    assert pairs(lines, requests) == {1: 7, 2: 8}


def test_match_prefers_as_many_images_and_what_may_have_been_charged():
    assert pairs([billed(1, images=4)], [asked(7, n=1), asked(8, n=4, minutes=1)]) == {1: 8}
    assert pairs([billed(1)], [asked(7, outcome="transient"), asked(8, minutes=1)]) == {1: 8}


def test_match_of_another_trace_id_is_another_request():
    assert pairs([billed(1, trace="a")], [asked(7, trace="b")]) == {}


def test_match_leaves_out_what_is_far_away_or_of_another_model():
    assert pairs([billed(1)], [asked(7, minutes=4), asked(8, model="other")]) == {}


def test_match_gives_no_request_to_two_lines():
    assert pairs([billed(1), billed(2, minutes=0.5)], [asked(7)]) == {1: 7}
    assert pairs([billed(1, trace="a"), billed(2, trace="a")], [asked(7, trace="a")]) == {1: 7}


def test_match_knows_a_model_without_its_maker():
    assert pairs([billed(1, model="Flux")], [asked(7, model="black-forest/flux")]) == {1: 7}


def make_request(
    person, model, state=State.DONE, *, trace: str = "", n: int = 1, outcome: str = "", **fields
):
    row = make_generation(person, model, state=state, n=n)
    facts = {
        "model": model,
        "attempt": 1,
        "slots": list(range(n)),
        "trace_id": trace,
        "outcome": outcome or state,
    }
    return RelayRequest.objects.create(generation=row, ended_at=timezone.now(), **(facts | fields))


def take_in(alice, model, *lines: str, **more) -> Bill:
    text = "\n".join(["time,model,trace id,images,cost", *lines])
    return bills.take_in(
        relay=model.relay, administrator=alice, text=text, zone=UTC, **({"unit": "USD"} | more)
    )


def line(request: RelayRequest, *, images="", cost="0.04", trace=None) -> str:
    at = request.sent_at.isoformat()
    return f"{at},{request.model.model_id},{request.trace_id if trace is None else trace},{images},{cost}"


def test_take_in_lists_both_ways(alice, bob, model):
    known, missing = make_request(bob, model, trace="a"), make_request(bob, model, trace="b")
    failed = make_request(bob, model, State.FAILED, trace="c", outcome="transient")
    ends = timezone.now() + timedelta(hours=1)

    bill = take_in(
        alice, model, line(known), line(failed), f"{ends.isoformat()},unheard-of,z,1,0.5", ends_at=ends
    )

    assert list(bill.lines.order_by("number").values_list("found", "request", "amount")) == [
        ("matched", known.pk, 40_000),
        ("failed", failed.pk, 40_000),
        ("strange", None, 500_000),
    ]
    assert list(bill.unbilled()) == [missing]
    assert AuditEntry.objects.get(action="bill.taken_in").actor == alice


def test_take_in_of_one_relay_knows_nothing_of_another(alice, bob, model, plain_model):
    other = edit.add_relay(name="Other", dialect="openai", base_url="http://127.0.0.1:2/v1", api_key="k" * 12)
    request = make_request(bob, model, trace="a")

    bill = bills.take_in(
        relay=other,
        administrator=alice,
        text="time,model,trace id\n" + f"{request.sent_at.isoformat()},x,a",
        zone=UTC,
        unit="USD",
    )

    assert bill.lines.get().found == "strange"


def test_take_in_that_ends_before_it_begins_is_refused(alice, model):
    with pytest.raises(StudioError) as refused:
        take_in(alice, model, "2026-03-05,flux,a,1,1", begins_at=NOON, ends_at=NOON - timedelta(days=1))

    assert (refused.value.param, Bill.objects.count()) == ("ends_at", 0)


def lost(bob, model, **fields) -> RelayRequest:
    return make_request(bob, model, State.UNKNOWN, outcome="unknown", **fields)


def test_settle_charges_what_is_billed_and_frees_what_is_not(alice, bob, model):
    charged, free = lost(bob, model, n=2, trace="a"), lost(bob, model, n=3)
    around = {
        "begins_at": charged.sent_at - timedelta(hours=1),
        "ends_at": timezone.now() + timedelta(hours=1),
    }
    bill = take_in(alice, model, line(charged), **around)

    assert bills.settle(bill=bill, administrator=alice) == (1, 1)

    assert money_of(charged.generation) == (0, 2, 0)
    assert money_of(free.generation) == (0, 0, 0)
    assert Allowance.objects.get().spent == 2
    said = {row.pk: row.why.said() for row in Generation.objects.all()}
    assert "Its bill shows that it was charged." in said[charged.generation_id]
    assert "Its bill shows no charge for it" in said[free.generation_id]
    check_ledger()


def test_settle_of_fewer_images_than_were_asked_for_charges_those(alice, bob, model):
    request = lost(bob, model, n=4, trace="a")
    bill = take_in(alice, model, line(request, images=1))

    bills.settle(bill=bill, administrator=alice)

    assert money_of(request.generation) == (0, 1, 0)
    check_ledger()


def test_settle_twice_changes_nothing_more(alice, bob, model):
    request = lost(bob, model, n=2, trace="a")
    bill = take_in(alice, model, line(request))
    bills.settle(bill=bill, administrator=alice)

    assert bills.settle(bill=bill, administrator=alice) == (0, 0)
    again = take_in(alice, model, line(request))
    assert bills.settle(bill=again, administrator=alice) == (0, 0)

    assert money_of(request.generation) == (0, 2, 0)
    assert AuditEntry.objects.filter(action="bill.settled").count() == 1
    check_ledger()


def test_settle_leaves_alone_what_lies_outside_its_time(alice, bob, model):
    inside = lost(bob, model, trace="a")
    outside = lost(bob, model, sent_at=timezone.now() - timedelta(days=2))
    bill = take_in(alice, model, line(inside))

    bills.settle(bill=bill, administrator=alice)

    assert money_of(outside.generation) == (0, 0, 1)


def test_settle_a_row_with_a_second_loss_outside_is_not_freed(alice, bob, model):
    inside = lost(bob, model, n=2)
    RelayRequest.objects.create(
        generation=inside.generation, model=model, attempt=2, slots=[0], outcome="unknown",
        sent_at=timezone.now() - timedelta(days=2), ended_at=timezone.now(),
    )  # fmt: skip
    around = {
        "begins_at": inside.sent_at - timedelta(hours=1),
        "ends_at": timezone.now() + timedelta(hours=1),
    }
    bill = take_in(alice, model, f"{timezone.now().isoformat()},unheard-of,z,1,1", **around)

    assert bills.settle(bill=bill, administrator=alice) == (0, 0)
    assert money_of(inside.generation) == (0, 0, 2)


def test_settle_what_was_tried_again_meanwhile_is_left_alone(alice, bob, model):
    request = lost(bob, model, trace="a")
    bill = take_in(alice, model, line(request))
    Generation.objects.filter(pk=request.generation_id).update(state=State.QUEUED)

    assert bills.settle(bill=bill, administrator=alice) == (0, 0)


def test_delete_keeps_what_was_settled(alice, bob, model):
    request = lost(bob, model, trace="a")
    bill = take_in(alice, model, line(request))
    bills.settle(bill=bill, administrator=alice)

    bills.delete(bill=bill, administrator=alice)

    assert (Bill.objects.count(), money_of(request.generation)) == (0, (0, 1, 0))
    assert AuditEntry.objects.filter(action="bill.deleted").count() == 1


def test_ask_the_sandbox_for_its_account_and_find_every_request_in_it(alice, bob, model, sandbox):
    for text in ("A lake", "A hill", "[refuse] A wood"):
        order = Order(model=model, text=text, settings={"size": "1024x1024"}, n=2, shared=True)
        generations.submit(person=bob, submission_id=uuid4(), order=order)
    while run.run_next():
        pass

    relay = Relay.objects.get(pk=model.relay_id)
    text = bills.ask(relay=relay, path="usage")
    bill = bills.take_in(relay=relay, administrator=alice, text=text, zone=UTC, unit="USD")

    assert counts_of(bill) == {"matched": 2, "strange": 0, "failed": 1}
    assert list(bill.unbilled()) == []


def test_ask_where_nothing_is_says_so(model, sandbox):
    relay = Relay.objects.get(pk=model.relay_id)

    with pytest.raises(StudioError) as refused:
        bills.ask(relay=relay, path="nowhere")

    assert (refused.value.param, "404" in refused.value.sentence) == ("path", True)


def test_ask_what_cannot_be_reached_says_so(model):
    with pytest.raises(StudioError) as refused:
        bills.ask(relay=model.relay, path="usage")

    assert refused.value.sentence == "The relay could not be reached there."
