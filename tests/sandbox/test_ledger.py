"""The ledger of the sandbox does not grow for ever."""

import pytest

from studio.sandbox import ledger


@pytest.fixture(autouse=True)
def small(settings, tmp_path, monkeypatch):
    settings.SANDBOX_DIR = tmp_path
    monkeypatch.setattr(ledger, "LARGE", 1000)


def write(number: int) -> None:
    ledger.write(dialect="openai", model="m", n=number, body=b"", faults=[], pictures=[], trace_id="t")


def test_write_begins_anew_when_it_is_large_and_read_still_knows_the_last_ones(tmp_path):
    for number in range(30):
        write(number)

    sizes = [path.stat().st_size for path in tmp_path.glob("*.jsonl")]
    numbers = [line["n"] for line in ledger.read()]
    assert len(sizes) == 2
    assert max(sizes) < 1300
    assert numbers == list(range(numbers[0], 30))
    assert len(numbers) > 5
