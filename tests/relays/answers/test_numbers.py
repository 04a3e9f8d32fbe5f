"""Amounts as relays state them fit into their columns, or are not known."""

from decimal import Decimal

import pytest

from studio.relays.answers.numbers import amount


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        (0.04, 6, "0.040000"),
        ("0.0390001", 6, "0.039000"),
        (" 12 ", 4, "12.0000"),
        (0, 6, "0.000000"),
        ("999999.999999", 6, "999999.999999"),
        ("999999.9999994", 6, "999999.999999"),
    ],
)
def test_amount_below_a_million_is_rounded(value: object, places: int, expected: str) -> None:
    assert amount(value, places=places) == Decimal(expected)


@pytest.mark.parametrize(
    "value",
    ["999999.9999999", "999999.9999995", 1_000_000, 1e300, "1e999999", -1, "-0.01", "NaN", "Infinity"],
)
def test_amount_that_would_overflow_its_column_is_not_known(value: object) -> None:
    assert amount(value, places=6) is None


@pytest.mark.parametrize("value", [None, True, "", "free", "1,5", [1], {"usd": 1}, "0" * 41])
def test_amount_of_anything_else_is_not_known(value: object) -> None:
    assert amount(value, places=6) is None
