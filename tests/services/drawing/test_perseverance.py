"""Steps that are repeated until the database takes them (SAFETY §6, rows 32 and 45)."""

import pytest
from django.db import OperationalError, connection, transaction

from studio.services.drawing import perseverance
from studio.services.drawing.perseverance import persevere

pytestmark = pytest.mark.django_db(transaction=True)


class Step:
    """Fails as told, and then returns what it was called with."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)

    def __call__(self, answer: str) -> str:
        if self.failures:
            raise self.failures.pop(0)
        return answer


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(perseverance, "PAUSE", 0)


def test_persevere_repeats_the_step_while_the_database_is_busy_or_away():
    step = Step(OperationalError("database is locked"), OperationalError("connection refused"))

    assert persevere(step, "done") == "done"


def test_persevere_lets_other_errors_through():
    for error in (OperationalError("no such table: x"), ValueError("x")):
        with pytest.raises(type(error)):
            persevere(Step(error), "done")


def test_persevere_gives_up_in_the_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(perseverance, "PATIENCE", -1)

    with pytest.raises(OperationalError):
        persevere(Step(OperationalError("database is locked")), "done")


def test_persevere_inside_a_transaction_does_not_lose_it():
    with transaction.atomic():
        with pytest.raises(OperationalError):
            persevere(Step(OperationalError("database is locked")), "done")
        assert connection.in_atomic_block
