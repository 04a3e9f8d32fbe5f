"""Bills of relays: taking one in, its four parts, settling, and what it never shows."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from studio.models import Bill, Generation, RelayRequest, State
from tests.factories import make_comparison
from tests.money import money_of
from tests.services.relays.test_bills import line, lost, make_request, take_in

pytestmark = pytest.mark.django_db
URL = reverse("bills.index")
HEAD = "time,model,trace id,images,cost\n"


def _sent(model, text: str = "", **more) -> dict:
    return {"relay": str(model.relay_id), "text": text, "unit": "USD", "zone": "utc"} | more


def _part(client, bill, view: str = "strange", **more) -> str:
    return client.get(reverse("bills.detail", args=[bill.pk]), {"view": view} | more).text


def test_index_takes_in_what_is_pasted_and_leads_to_it(as_alice, bob, model):
    request = make_request(bob, model, trace="a")

    response = as_alice.post(URL, _sent(model, HEAD + line(request)))

    bill = Bill.objects.get()
    assert (response.status_code, response["Location"]) == (303, reverse("bills.detail", args=[bill.pk]))
    assert bill.lines.get().request == request


def test_index_takes_in_a_file(as_alice, bob, model):
    content = (HEAD + line(make_request(bob, model, trace="a"))).encode("utf-8-sig")

    response = as_alice.post(URL, _sent(model, file=SimpleUploadedFile("usage.csv", content)))

    assert (response.status_code, Bill.objects.count()) == (303, 1)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"text": " "}, "Paste the export, choose its file,"),
        ({"text": "", "path": "//evil.example/usage"}, "This is no path under an address."),
        ({"text": "", "path": "../usage"}, "This is no path under an address."),
        ({"text": "", "path": "usage"}, "The relay could not be reached there."),
        ({"text": "a,b\n1,2"}, "The columns are: a, b."),
        ({"text": HEAD + "soon,flux,a,1,1"}, "Line 2: &#x27;soon&#x27; is no time."),
        ({"unit": "gold"}, "Select a valid choice"),
        ({"text": "x" * 1_000_001}, "1000000"),
    ],
    ids=["nothing", "address", "above", "silent", "columns", "time", "unit", "too long"],
)
def test_index_says_what_is_wrong_beside_the_field_and_keeps_what_was_typed(typed, sentence, as_alice, model):
    response = as_alice.post(URL, _sent(model, "kept,typed") | typed)

    assert response.status_code == 422
    assert sentence in response.text
    assert Bill.objects.count() == 0
    if "text" not in typed:
        assert "kept,typed</textarea>" in response.text


def test_index_refuses_a_file_that_is_no_text(as_alice, model):
    response = as_alice.post(URL, _sent(model, file=SimpleUploadedFile("usage.xlsx", b"PK\x03\x04\xff\xfe")))

    assert response.status_code == 422
    assert "This file is no text." in response.text


@pytest.mark.parametrize("count", [1, 3])
def test_index_lists_bills_with_their_counts(count, as_alice, alice, bob, model, django_assert_num_queries):
    for _ in range(count):
        take_in(alice, model, line(make_request(bob, model, trace="a")))

    with django_assert_num_queries(7):
        text = as_alice.get(URL).text

    assert text.count('<td class="fig num">1</td>') == count


def test_detail_shows_each_part(as_alice, alice, bob, model):
    known = make_request(bob, model, trace="trace-known")
    failed = make_request(bob, model, State.FAILED, trace="trace-failed", outcome="transient")
    make_request(bob, model, trace="trace-unbilled")
    ends = timezone.now() + timedelta(hours=1)
    bill = take_in(
        alice,
        model,
        line(known, cost="1234.567891"),
        line(failed),
        f"{ends.isoformat()},<b>,trace-strange,1,5",
        ends_at=ends,
    )

    parts = {view: _part(as_alice, bill, view) for view in ("strange", "unbilled", "failed", "matched")}

    for view in parts:
        found = {
            name for name in ("known", "failed", "unbilled", "strange") if f"trace-{name}" in parts[view]
        }
        assert found == {{"matched": "known"}.get(view, view)}
    assert "1,234.567891 USD" in parts["matched"]
    assert "&lt;b&gt;" in parts["strange"]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("view", ["strange", "unbilled", "matched"])
def test_detail_asks_as_much_for_three_as_for_one(
    view, count, as_alice, alice, bob, model, django_assert_num_queries
):
    ends = timezone.now() + timedelta(hours=1)
    lines = [line(make_request(bob, model, trace=f"a{number}")) for number in range(count)]
    lines += [f"{ends.isoformat()},other,b{number},1,1" for number in range(count)]
    for number in range(count):
        make_request(bob, model, trace=f"c{number}")
    bill = take_in(alice, model, *lines, ends_at=ends)

    with django_assert_num_queries(11):  # also: bill; rows, two counts, two sums, what is undecided
        _part(as_alice, bill, view)


def test_totals_are_said_of_a_bill_and_each_part(as_alice, alice, bob, model):
    known = make_request(bob, model, trace="a")
    Generation.objects.filter(pk=known.generation_id).update(cost=90_000, cost_unit="USD")
    failed = make_request(bob, model, State.FAILED, trace="b", outcome="transient")
    lines = line(known, cost="0.1"), line(failed, cost="0.02"), f"{known.sent_at.isoformat()},m,c,1,5"
    bill = take_in(alice, model, *lines)

    said = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", _part(as_alice, bill)))

    assert said == {
        "Billed": "5.12 USD",
        "Known to both": "0.1 USD",
        "Billed, unknown here": "5 USD",
        "Billed, though it failed": "0.02 USD",
        "Counted here for what is known to both": "0.09 USD",
    }
    assert "5.12 USD" in as_alice.get(URL).text


def test_detail_pages(as_alice, alice, model, monkeypatch):
    monkeypatch.setattr("studio.views.bills.PAGE", 2)
    bill = take_in(alice, model, *(f"2026-03-05T12:0{number}:00Z,m,trace{number},1,1" for number in range(3)))

    first, last = _part(as_alice, bill), _part(as_alice, bill, **{"from": "2"})

    assert ("trace2" in first, "from=2" in first) == (False, True)
    assert ("trace2" in last, "trace1" in last) == (True, False)


def test_detail_of_a_blind_comparison_says_neither_model_nor_person(as_alice, alice, bob, model, plain_model):
    group = make_comparison(bob, [model, plain_model], blind=True)
    for row, each in zip(group.generations.order_by("pk"), (model, plain_model), strict=True):
        RelayRequest.objects.create(
            generation=row, model=each, attempt=1, slots=[0], outcome="done", trace_id=f"t-{each.model_id}"
        )
    request = RelayRequest.objects.get(model=plain_model)
    bill = take_in(alice, model, line(request), begins_at=timezone.now() - timedelta(hours=1))

    assert "Bob" not in _part(as_alice, bill, "matched")
    unbilled = _part(as_alice, bill, "unbilled")
    assert model.model_id not in unbilled
    assert "t-" + model.model_id not in unbilled


def test_settlement_settles_and_says_how_many(as_alice, alice, bob, model):
    request = lost(bob, model, n=2, trace="a")
    bill = take_in(alice, model, line(request))
    assert "Contact was lost with 1 generation in this time." in _part(as_alice, bill)

    response = as_alice.post(reverse("bills.settlement", args=[bill.pk]), follow=True)

    assert "1 charged after all, 0 not charged" in response.text
    assert "Settle from this bill" not in response.text
    assert money_of(request.generation) == (0, 2, 0)


def test_export_sends_a_part_and_no_formula(as_alice, alice, model):
    bill = take_in(alice, model, "2026-03-05T12:00:00Z,=cmd,trace,2,0.04")

    response = as_alice.get(reverse("bills.export", args=[bill.pk]), {"view": "strange"})

    lines = b"".join(response.streaming_content).decode().splitlines()
    assert lines[0] == "time,model,trace_id,images,amount,person,outcome"
    assert lines[1] == "2026-03-05T12:00:00+00:00,'=cmd,trace,2,0.04 USD,,"
