"""An answer that lies on another machine's disk: its row is given back for that one to take."""

from datetime import timedelta

import pytest
from django.utils import timezone

from studio.models import Generation, State
from studio.services.drawing import run
from tests.factories import make_generation

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("ago", "pause"), [(0, 1), (100, 10), (3600, 30)])
def test_run_next_without_the_answers_file_gives_the_row_back_soon(bob, model, ago: float, pause: float):
    row = make_generation(bob, model, state=State.RECEIVED)
    now = timezone.now()
    Generation.objects.filter(pk=row.pk).update(received_at=now - timedelta(seconds=ago))

    assert run.run_next() == row.pk

    row.refresh_from_db()
    assert (row.state, row.claimed_by, row.reason) == (State.RECEIVED, "", "saving_slowly")
    assert abs((row.not_before - now).total_seconds() - pause) < 1
