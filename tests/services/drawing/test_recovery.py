"""Answers that lie on this machine's disk as a process starts (SAFETY §1.7)."""

import pytest

from studio.models import Generation, LedgerEntry, State
from studio.models.relay_requests import spool_name
from studio.services.drawing import recovery
from studio.words import Reason
from tests.factories import make_generation
from tests.money import check_ledger

pytestmark = pytest.mark.django_db


def test_find_answers_leaves_an_answer_alone_that_was_read_and_said_too_late(bob, model, settings):
    row = make_generation(bob, model, state=State.SENT)
    settings.SPOOL_DIR.mkdir(parents=True, exist_ok=True)
    (settings.SPOOL_DIR / spool_name(row.pk, 1)).write_bytes(b'{"status": 504, "headers": {}}\n<html>')
    recovery.settlement.lose_contact(generation=row, why=Reason("failed_late", status=504))
    before = Generation.objects.values().get(), LedgerEntry.objects.count()

    assert recovery.find_answers() == 0

    assert (Generation.objects.values().get(), LedgerEntry.objects.count()) == before
    check_ledger()
