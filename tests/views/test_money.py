"""Prices, budgets, usage and asking for more, as pages."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from studio.models import Allowance, AuditEntry, Budget, ImageModel, Notice, Plea, Price, Purse, Unit
from studio.services import budgets, prices
from studio.views import spending
from studio.words import say_notice
from tests.factories import make_budget, make_image, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
CENT = 10_000


@pytest.fixture
def priced(model) -> ImageModel:
    model.prices = [prices.row_of(Decimal("0.04"), Unit.USD)]
    model.save(update_fields=["prices"])
    return model


def _form(model, n: int = 4) -> dict[str, object]:
    return {"model": model.pk, "n": n, "prompt": "A lake", "submission_id": uuid4(), "shared": "1"}


def test_composer_says_what_it_costs_and_what_is_left(as_bob, priced):
    page = as_bob.get(reverse("generations.index")).text

    assert ">about $0.16<" in page
    assert "1,000 images left" in page


def test_composer_says_that_a_price_is_unknown_only_where_another_is_known(as_bob, model):
    assert "unknown" not in as_bob.get(reverse("generations.index")).text

    model.prices = [prices.row_of(Decimal("0.04"), Unit.USD, quality="hd")]
    model.save(update_fields=["prices"])

    assert "price unknown" in as_bob.get(reverse("generations.index")).text


def test_estimate_follows_the_form_and_names_the_tightest_budget(as_bob, alice, bob, priced):
    make_budget(alice, cap=20 * CENT)

    answer = as_bob.post(reverse("generations.estimate"), _form(priced, 5), headers=HTMX).text

    assert "about $0.20" in answer
    assert "$0.20 left" in answer
    assert "Ask for more" not in answer


def test_estimate_over_budget_offers_to_ask_for_more(as_bob, alice, priced):
    make_budget(alice, cap=10 * CENT)

    answer = as_bob.post(reverse("generations.estimate"), _form(priced), headers=HTMX).text

    assert "Over budget" in answer
    assert reverse("usage.more") in answer


def test_create_over_budget_is_refused_with_what_is_left(as_bob, alice, priced):
    make_budget(alice, cap=10 * CENT)

    answer = as_bob.post(reverse("generations.create"), _form(priced))

    assert answer.status_code == 409
    assert "The team’s budget has $0.10 of $0.10 left this month, and this costs about $0.16." in answer.text
    assert not Purse.objects.filter(reserved__gt=0).exists()


def test_comparison_says_its_sum(as_bob, priced, bob):
    other = ImageModel.objects.create(relay=priced.relay, model_id="b", label="B", prices=priced.prices)

    data = {"models": [priced.pk, other.pk], "n": "2"}
    answer = as_bob.post(reverse("comparisons.new"), data, headers=HTMX).text

    assert "· about $0.16" in answer


def test_ask_and_grant_raise_the_cap_of_the_running_month(as_bob, as_alice, alice, bob):
    answer = as_bob.post(reverse("usage.more"), {"of": "month", "amount": "50", "note": "A poster"})
    assert answer.status_code == 303
    plea, notice = Plea.objects.get(), Notice.objects.get(person=alice)
    said = say_notice(notice.kind, notice.values | {"by": notice.by})
    assert said == ("Bob asks for 50 images more this month", "A poster")

    answer = as_alice.post(reverse("budgets.grant", args=[plea.pk]))

    assert answer.status_code == 303
    assert Allowance.objects.get(person=bob).cap == 1050
    told = Notice.objects.get(person=bob)
    assert say_notice(told.kind, told.values | {"by": told.by}) == (
        "You may use more this month",
        "Alice granted 50 images more: it is 1,050 images in all",
    )
    assert AuditEntry.objects.filter(action="budget.granted", actor=alice).count() == 1
    assert as_alice.post(reverse("budgets.grant", args=[plea.pk])).status_code == 409
    assert Allowance.objects.get(person=bob).cap == 1050


def test_grant_from_the_inbox_is_one_click(as_bob, as_alice, alice, bob):
    make_budget(alice)
    gauge = as_bob.get(reverse("usage.more"))
    purse = Purse.objects.get()
    as_bob.post(reverse("usage.more"), {"of": purse.pk, "amount": "2.50", "note": ""})

    inbox = as_alice.get(reverse("notices.index")).text

    assert gauge.status_code == 200
    assert reverse("budgets.grant", args=[Plea.objects.get().pk]) in inbox
    as_alice.post(reverse("budgets.grant", args=[Plea.objects.get().pk]))
    assert Purse.objects.get().cap == 350 * CENT
    assert (
        reverse("budgets.grant", args=[Plea.objects.get().pk])
        not in as_alice.get(reverse("notices.index")).text
    )


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("", "Write a number"),
        ("0", "Ask for more than nothing"),
        ("1.5", "Write a whole number"),
        ("-3", "Write a number"),
    ],
)
def test_ask_for_nonsense_is_refused_and_keeps_what_was_typed(as_bob, amount, sentence):
    answer = as_bob.post(reverse("usage.more"), {"of": "month", "amount": amount, "note": "A poster"})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert "A poster" in answer.text


def test_ask_twice_is_refused(as_bob):
    for status in (303, 409):
        answer = as_bob.post(reverse("usage.more"), {"of": "month", "amount": "5", "note": ""})
        assert answer.status_code == status


def test_new_budget_counts_from_then_on(as_alice, alice):
    data = {"whose": "member-each", "period": "day", "unit": "USD", "cap": "1.50"}

    assert as_alice.post(reverse("budgets.new"), data).status_code == 303

    row = Budget.objects.get()
    assert (row.whom, row.role, row.each, row.cap, row.period) == ("role", "member", True, 1_500_000, "day")
    assert "Each member" in as_alice.get(reverse("budgets.index")).text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"cap": "much"}, "Write a number"),
        ({"cap": "1.5", "unit": "images"}, "Write a whole number"),
        ({"whose": "person"}, "Choose whose budget it is"),
    ],
)
def test_new_budget_of_nonsense_is_refused(as_alice, fields, sentence):
    data = {"whose": "team", "period": "day", "unit": "USD", "cap": "1.50"} | fields

    answer = as_alice.post(reverse("budgets.new"), data)

    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert not Budget.objects.exists()


def test_cap_of_a_budget_that_somebody_changed_is_refused_beside_it(as_alice, alice):
    budget = make_budget(alice)

    answer = as_alice.post(reverse("budgets.cap", args=[budget.pk]), {"was": "5", "cap": "9"})

    assert answer.status_code == 409
    assert "Somebody changed it to $1.00 meanwhile" in answer.text


def test_prices_are_pasted_from_a_spreadsheet_and_kept_with_their_history(as_alice, alice, model):
    table = f"Model\tSize\tQuality\tPrice\n{model.label}\t\t\t$0.04\n{model.label}\t4K\thd\t5,000 units\n"

    assert as_alice.post(reverse("prices.index"), {"table": table}).status_code == 303

    model.refresh_from_db()
    assert model.prices == [
        {"size": "", "quality": "", "rate": "0.04", "unit": "USD"},
        {"size": "4K", "quality": "hd", "rate": "5000", "unit": "units"},
    ]
    as_alice.post(reverse("prices.index"), {"table": f"{model.label}, 0.05 EUR"})
    history = Price.objects.order_by("since", "unit").values_list("size", "rate", "unit", "by__name")
    assert list(history) == [
        ("", Decimal("0.04"), "USD", "Alice"),
        ("4K", Decimal(5000), "units", "Alice"),
        ("", Decimal("0.05"), "EUR", "Alice"),
        ("4K", None, "units", "Alice"),
    ]


def test_prices_by_tokens_are_pasted_shown_and_pasted_again(as_alice, model):
    lines = ["$0.05", "$5 / 1M text tokens", "10 USD / 1M image", "$40/1m output"]
    table = "\n".join(f"{model.label}, {line}" for line in lines)

    assert as_alice.post(reverse("prices.index"), {"table": table}).status_code == 303
    page = as_alice.get(reverse("prices.index"))

    model.refresh_from_db()
    assert [(row["rate"], row.get("per")) for row in model.prices] == [
        ("0.05", None),
        ("5", "text"),
        ("10", "image"),
        ("40", "output"),
    ]
    assert "$40.00 for 1M output tokens" in page.text
    again = page.context["form"].initial["table"]
    as_alice.post(reverse("prices.index"), {"table": again})
    assert Price.objects.count() == 4


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["$40 / 1M output tokens"], "what tokens cost is a price of text and one of output"),
        (["$5 / 1M text", "$40 / 1M output", "5,000 units"], "it is in dollars"),
        (["$5 / 1M words"], "does not say of what"),
        (["5 EUR / 1M text"], "written in dollars"),
        (["$5 / 1M text", "$6 / 1M input"], "on a line before"),
    ],
)
def test_prices_by_tokens_that_cannot_be_paid_are_refused(as_alice, model, lines, sentence):
    table = "\n".join(f"{model.label}\t{line}" for line in lines)

    answer = as_alice.post(reverse("prices.index"), {"table": table})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert not Price.objects.exists()


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("Nothing, $1", "No model is called “Nothing”."),
        ("{model}, 1", "does not say in what"),
        ("{model}, free", "is no price"),
        ("{model}, hd, $1", "There are 3 cells"),
    ],
)
def test_prices_of_nonsense_change_nothing_and_say_the_line(as_alice, model, line, sentence):
    table = f"{model.label}, 4K, , $0.04\n\n{line.format(model=model.label)}"

    answer = as_alice.post(reverse("prices.index"), {"table": table})

    assert answer.status_code == 422
    assert "Line 3" in answer.text
    assert sentence in answer.text
    assert not Price.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"),
    [("usage.index", 9), ("spending.index", 10), ("budgets.index", 7), ("prices.index", 6)],
)
def test_pages_ask_the_same_number_of_queries(
    as_bob, as_alice, alice, bob, priced, count, name, queries, django_assert_num_queries
):
    for number in range(count):
        make_image(make_user(f"P{number}"), priced)
        make_image(bob, priced)
        make_budget(alice, cap=(number + 1) * CENT)
    budgets.allowance(person=bob)
    client = as_bob if name == "usage.index" else as_alice
    client.get(reverse(name))

    with django_assert_num_queries(queries):
        assert client.get(reverse(name)).status_code == 200


def test_usage_tells_of_ones_own_alone(as_bob, bob, charlie, priced):
    make_image(bob, priced)
    theirs = ImageModel.objects.create(relay=priced.relay, model_id="x", label="Secret model")
    make_image(charlie, theirs)

    page = as_bob.get(reverse("usage.index")).text

    assert priced.label in page
    assert "Secret model" not in page
    assert "Secret model" not in as_bob.get(reverse("usage.file")).text


def test_spending_tells_of_a_hundred_people_and_of_everybody_in_the_file(as_alice, bob, priced, monkeypatch):
    monkeypatch.setattr(spending, "MOST_PEOPLE", 1)
    for person, count in [(bob, 2), (make_user("Dora"), 1), (make_user("Emil"), 1)]:
        for _ in range(count):
            make_image(person, priced)

    page = as_alice.get(reverse("spending.index")).text

    assert "<td>Bob</td>" in page
    assert "<td>Dora</td>" not in page
    assert "2 more made something." in page
    assert f'href="{reverse("spending.file")}?days=30"' in page
    lines = as_alice.get(reverse("spending.file")).text
    assert [name for name in ("Bob", "Dora", "Emil") if f"person,{name}," in lines] == ["Bob", "Dora", "Emil"]


def test_spending_names_people_costs_and_what_was_kept(as_alice, bob, priced):
    row = make_image(bob, priced).generation
    type(row).objects.filter(pk=row.pk).update(cost=4 * CENT, cost_unit="USD")

    page = as_alice.get(reverse("spending.index")).text

    assert "Bob" in page
    assert "$0.04" in page
    lines = as_alice.get(reverse("spending.file")).text.splitlines()
    assert "person,Bob,1,1,0,0,$0.04," in lines
    row.images.update(downloaded_at=timezone.now())
    lines = as_alice.get(reverse("spending.file")).text.splitlines()
    assert "person,Bob,1,1,0,1,$0.04,$0.04" in lines
