"""SAFETY §6, row 49: the line is cut, the official library tries again by itself, and one picture is paid for."""

import pytest
from openai import APIConnectionError, OpenAI

from tests.judges.cutter import Cutter, Moment
from tests.judges.desk import Desk

ASKED = {"model": "sandbox-sketch:free", "size": "512x512"}


def library(desk: Desk, cutter: Cutter) -> OpenAI:
    return OpenAI(base_url=f"{cutter.url}/v1", api_key=desk.token)


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("moment", Moment)
def test_row_49_line_is_cut_and_the_relay_is_asked_once(moment: Moment, times: int, desk: Desk):
    paid = desk.spent()
    cut = Cutter(desk.door, moment, times=times)
    with desk.counting() as count, cut as cutter, library(desk, cutter) as client:
        answer = client.images.generate(**ASKED, prompt=f"A lake {moment}, {times} [slow 4]")

    assert len(answer.data) == 1
    assert cutter.lines == times + 1
    assert (count.requests, count.generations, desk.spent() - paid) == (1, 1, 1)


def test_line_that_never_holds_is_an_error_and_one_request(desk: Desk):
    cut = Cutter(desk.door, Moment.ASKED, times=3)
    lost = pytest.raises(APIConnectionError)
    with desk.counting() as count, cut as cutter, library(desk, cutter) as client, lost:
        client.images.generate(**ASKED, prompt="A lake that nobody saw [slow 4]")

    assert cutter.lines == 3
    assert (count.requests, count.generations) == (1, 1)
