from decimal import Decimal

import pytest

from studio.models import Cost, ImageModel, Price, Relay, Unit
from studio.relays.dialects import model_lists
from studio.relays.shapes import ModelInfo, Usage
from studio.services import prices


def _row(rate: str, unit: str = "USD", size: str = "", quality: str = "") -> dict[str, str]:
    return {"size": size, "quality": quality, "rate": rate, "unit": unit}


def _cost(rows: list[dict[str, str]], n: int = 1, **settings: object) -> Cost | None:
    return prices.estimate(model=ImageModel(prices=rows), settings=settings, n=n)


def test_estimate_without_a_price_is_unknown():
    assert _cost([]) is None


def test_estimate_counts_money_in_millionths():
    assert _cost([_row("0.000001")], n=3) == Cost(3, Unit.USD)
    assert _cost([_row("0.04")], n=4) == Cost(160_000, Unit.USD)


@pytest.mark.parametrize(
    ("n", "size", "multiplier", "units"),
    [(3, "2K", "1.5", 22_500), (2, "4K", "2", 50_000), (3, "", "1.0001", 15_002)],
)
def test_estimate_of_routmys_rule_rounds_the_sum_up(n: int, size: str, multiplier: str, units: int):
    rows = [
        _row(str(5000 * Decimal(multiplier)), "units"),
        _row(str(12500 * Decimal(multiplier)), "units", "4K"),
    ]

    assert _cost(rows, n=n, image_size=size) == Cost(units, Unit.UNITS)


def test_estimate_takes_the_price_that_says_most():
    rows = [
        _row("1"),
        _row("2", quality="hd"),
        _row("3", size="1792x1024"),
        _row("4", size="1792X1024", quality="HD"),
    ]

    assert [
        _cost(rows, **settings).amount // 1_000_000  # type: ignore[union-attr]
        for settings in (
            {},
            {"quality": "hd"},
            {"size": "1792×1024"},
            {"size": "1792x1024", "quality": "hd"},
            {"size": "64x64", "quality": "low"},
        )
    ] == [1, 2, 3, 4, 1]


def test_estimate_of_settings_without_a_price_of_theirs_is_unknown():
    assert _cost([_row("1", quality="hd")], quality="low") is None


def _listed(dialect: str, **facts: object) -> list[dict[str, str]]:
    model = ImageModel(relay=Relay(dialect=dialect))
    return prices.listed(model=model, info=ModelInfo(id="m", label="M", is_image=True, **facts))


def test_listed_of_routmy_are_units_by_its_rule():
    assert _listed("routmy", multiplier=Decimal("1.5")) == [
        _row("7500", "units"),
        _row("18750", "units", "4K"),
    ]
    assert _listed("routmy") == []


def test_listed_of_others_are_what_their_rows_say():
    assert _listed("routeway", price=Decimal("0.0200")) == [_row("0.02")]
    assert _listed("routeway") == []


@pytest.mark.parametrize(
    ("row", "price"),
    [
        ({"endpoints": ["/v1/images/generations"], "pricing": {"image": 0.02}}, "0.02"),
        ({"mode": "image_generation", "model_info": {"output_cost_per_image": "0.04"}}, "0.04"),
        ({"output_modalities": ["image", "text"], "pricing": {"image": "0.001"}}, None),
        ({"endpoints": ["/v1/images/generations"], "pricing": {"image": "free"}}, None),
        ({"endpoints": ["/v1/images/generations"], "pricing": "cheap"}, None),
        ({"endpoints": ["/v1/images/generations"], "pricing": {"image": -1}}, None),
    ],
)
def test_price_of_a_row_is_read_where_it_is_said_plainly(row: dict[str, object], price: str | None):
    assert model_lists.price({"id": "m"} | row) == (price and Decimal(price))


@pytest.mark.django_db
def test_set_by_hand_is_kept_from_the_list_and_written_down(alice, model):
    assert prices.set_by_hand(administrator=alice, wanted={model: [_row("0.04")]}) == 1
    assert prices.set_by_hand(administrator=alice, wanted={model: [_row("0.04")]}) == 0

    model.refresh_from_db()
    assert (model.prices, "prices" in model.by_hand) == ([_row("0.04")], True)
    assert Price.objects.count() == 1


BY_TOKENS = [
    _row("5") | {"per": "text"},
    _row("10") | {"per": "image"},
    _row("40") | {"per": "output"},
]
TOKENS = {"text": 100, "image": 30, "output": 1056}


@pytest.mark.parametrize(
    ("rows", "usage", "cost"),
    [
        (BY_TOKENS, Usage(None, TOKENS), "0.043040"),
        (BY_TOKENS, Usage(Decimal("0.01"), TOKENS), "0.01"),
        ([BY_TOKENS[0], BY_TOKENS[2]], Usage(None, TOKENS), "0.042890"),
        (BY_TOKENS, Usage(None, {"text": 1, "image": 0, "output": 0}), "0.000005"),
        ([_row("0.01") | {"per": "text"}, BY_TOKENS[2]], Usage(None, {"text": 1, "output": 0}), "0.000001"),
        (BY_TOKENS, Usage(), None),
        ([BY_TOKENS[2]], Usage(None, TOKENS), None),
        ([_row("0.04")], Usage(None, TOKENS), None),
        ([_row("999999") | {"per": name} for name in ("text", "output")], Usage(None, {"text": 9**9}), None),
    ],
)
def test_of_usage_is_the_relays_word_or_its_tokens_by_their_prices_rounded_up(rows, usage, cost):
    found = prices.of_usage(model=ImageModel(prices=rows), usage=usage)

    assert found == (None if cost is None else Decimal(cost))


def test_estimate_of_a_price_by_tokens_is_unknown():
    assert _cost(BY_TOKENS) is None
