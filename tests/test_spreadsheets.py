"""CSV that no spreadsheet takes for formulas."""

import csv
import io

import pytest

from studio.spreadsheets import cell, lines


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1"])
def test_cell_that_would_be_a_formula_is_text(text):
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (3, "3"), ("A lake", "A lake"), (-3, "'-3"), ("", "")]
)
def test_cell_is_otherwise_as_it_is(value, text):
    assert cell(value) == text


def test_lines_are_read_back_as_they_were():
    rows = [["a", 'b "c"', "d\ne"], ["1", "", "ü"]]

    assert list(csv.reader(io.StringIO("".join(lines(rows))))) == rows
