from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from studio.errors import StudioError
from studio.services.relays import bill_files

NOON = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)


def one(text: str, **how) -> bill_files.Billed:
    (line,) = bill_files.read(text, **how)
    return line


def test_read_takes_columns_by_their_names_in_any_order():
    line = one("Model,Total Cost (USD),Request-ID,Images,Created_At\nflux,0.04,abc,2,2026-03-05T12:00:00Z\n")

    assert line == bill_files.Billed(
        number=2, at=NOON, model="flux", trace_id="abc", images=2, amount=Decimal("0.04")
    )


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-05T12:00:00Z",
        "2026-03-05 12:00:00",
        "2026/03/05 12:00",
        "1772712000",
        "1772712000000",
        "2026-03-05T13:00:00+01:00",
    ],
)
def test_read_understands_clocks_of_many_kinds(written):
    assert one(f"time,model\n{written},flux\n").at == NOON


def test_read_times_without_a_zone_are_in_the_one_that_is_given():
    assert one("time,model\n2026-03-05 13:00,flux\n", zone=ZoneInfo("Europe/Berlin")).at == NOON


@pytest.mark.parametrize(
    ("separator", "written", "amount"),
    [
        (",", "0.040000", "0.040000"),
        (",", "$0.04", "0.04"),
        (",", '"1,234.50"', "1234.50"),
        (",", '"0,045"', "0.045"),
        (",", '"1,234"', "1234"),
        (";", "1,234", "1.234"),
        (";", "0,04 EUR", "0.04"),
        ("\t", "-0.04", "-0.04"),
        (",", "1e-5", "0.00001"),
    ],
)
def test_read_amounts_are_exact(separator, written, amount):
    text = separator.join(("time", "model", "cost")) + "\n" + separator.join(("2026-03-05", "flux", written))

    assert one(text).amount == Decimal(amount)


def test_read_leaves_out_empty_lines_and_keeps_the_numbers_of_the_file():
    lines = bill_files.read("\ufefftime,model\n2026-03-05,a\n,\n\n2026-03-06,b\n")

    assert [(line.number, line.model) for line in lines] == [(2, "a"), (5, "b")]


def test_read_takes_the_apostrophe_from_what_a_spreadsheet_guarded():
    assert one("time,model\n2026-03-05,'=flux\n").model == "=flux"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "No column is called Time"),
        ("when,model\n1,flux", "The columns are: when, model."),
        ("time,cost\n2026-03-05,1", "Neither a trace id nor a model"),
        ("time,model\n", "There is no line under the headings."),
        ("time,model\nyesterday,flux", "Line 2: 'yesterday' is no time."),
        ("time,model\n99999999999999999999,flux", "is no time."),
        ("time,model,cost\n2026-03-05,flux,free", "Line 2: 'free' is no amount."),
        ("time,model,cost\n2026-03-05,flux,1e999", "is no amount."),
        ('time,model\n2026-03-05,"' + "x" * 200_000, "This cannot be read as CSV or JSON."),
    ],
    ids=range(9),
)
def test_read_says_what_is_wrong(text, sentence):
    with pytest.raises(StudioError) as refused:
        bill_files.read(text)

    assert sentence in refused.value.sentence
    assert refused.value.param == "text"


def test_read_takes_no_more_lines_than_it_may(monkeypatch):
    monkeypatch.setattr(bill_files, "MOST", 2)
    text = "time,model\n" + "2026-03-05,flux\n" * 3

    with pytest.raises(StudioError) as refused:
        bill_files.read(text)

    assert "More than 2 lines" in refused.value.sentence


@pytest.mark.parametrize("wrapped", ["{}", '{{"data": {}}}'])
def test_read_takes_json_as_well_and_loses_no_digit(wrapped):
    rows = '[{"startTime": 1772712000, "model": "flux", "request_id": "abc", "spend": 0.0400000000000000001, "n": 2}]'

    line = one(wrapped.format(rows))

    assert (line.at, line.model, line.trace_id, line.images) == (NOON, "flux", "abc", 2)
    assert line.amount == Decimal("0.0400000000000000001")


@pytest.mark.parametrize("text", ["[", "{" * 100_000, '{"data": 5}', "[1, 2]"], ids=range(4))
def test_read_of_json_that_holds_no_rows_is_refused(text):
    with pytest.raises(StudioError):
        bill_files.read(text)
