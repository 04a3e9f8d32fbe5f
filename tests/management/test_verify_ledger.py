import pytest
from django.core.management import CommandError, call_command

from studio.models import Allowance, Generation, Purse
from studio.services import purses
from tests.factories import make_budget, make_generation

pytestmark = pytest.mark.django_db


def test_verify_ledger_says_that_everything_adds_up(bob, model, capsys):
    make_generation(bob, model, n=4)

    call_command("verify_ledger")

    assert capsys.readouterr().out == "1 entries, 3 counters: everything adds up.\n"


MEDDLE = {
    "month": lambda: Allowance.objects.update(spent=1),
    "purse": lambda: Purse.objects.update(reserved=1),
    "cost": lambda: Generation.objects.update(cost=7),
    "reservation": lambda: Generation.objects.get().reservations.update(amount=5),
}


@pytest.mark.parametrize("what", MEDDLE)
def test_verify_ledger_finds_what_was_meddled_with(alice, bob, model, what, capsys):
    make_budget(alice)
    purses.of(person=bob)
    make_generation(bob, model, n=4)
    MEDDLE[what]()

    with pytest.raises(CommandError, match=r"1 of \d counters do not add up"):
        call_command("verify_ledger")

    assert "the ledger says" in capsys.readouterr().err
