import pytest

from studio.models import Unit
from studio.search.spans import Span


@pytest.mark.parametrize(
    ("typed", "span", "said"),
    [
        ("0.02-0.10 USD", Span(20_000, 100_000, Unit.USD), "cost $0.02 to $0.10"),
        ("$0.02 – $0.10", Span(20_000, 100_000, Unit.USD), "cost $0.02 to $0.10"),
        ("-$0.05", Span(None, 50_000, Unit.USD), "cost at most $0.05"),
        ("5000- units", Span(5000, None, Unit.UNITS), "cost 5,000 units and more"),
        ("CN¥1 to 2", Span(1_000_000, 2_000_000, Unit.CNY), "cost CN¥1.00 to CN¥2.00"),
        ("¥1", Span(1_000_000, 1_000_000, Unit.JPY), "cost ¥1.00"),
        ("0-0 eur", Span(0, 0, Unit.EUR), "cost €0.00"),
    ],
)
def test_read_understands_what_is_typed_and_what_it_writes(typed: str, span: Span, said: str):
    assert Span.read(typed) == span
    assert Span.read(str(span)) == span
    assert span.label == said


@pytest.mark.parametrize(
    "typed", ["", "1", "USD", "- USD", "2-1 USD", "1 USD 2 EUR", "1e3 USD", "4 images", "٣ USD"]
)
def test_read_of_what_is_no_cost_raises(typed: str):
    with pytest.raises(ValueError):
        Span.read(typed)
