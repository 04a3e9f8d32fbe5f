"""Three answers within an hour that point to forbidden addresses pause their relay (SAFETY T01)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from studio.models import AuditEntry, Relay, State
from studio.services import audit
from studio.services.relays import edit, strikes
from tests.factories import make_generation

pytestmark = pytest.mark.django_db


def _strike(bob, model, times: int) -> Relay:
    for _ in range(times):
        strikes.strike(generation=make_generation(bob, model, state=State.RECEIVED))
    return Relay.objects.get(pk=model.relay_id)


def test_t01_strike_two_of_them_pause_nothing(bob, model):
    relay = _strike(bob, model, 2)

    assert (relay.is_paused, relay.trouble) == (False, "")
    assert AuditEntry.objects.filter(action="relay.struck", subject=str(relay.pk)).count() == 2


def test_t01_strike_the_third_pauses_once_and_says_why(bob, model):
    relay = _strike(bob, model, 4)

    reason = "Sandbox pointed to forbidden addresses 3 times in an hour."
    assert (relay.is_paused, relay.why_paused.said()) == (True, reason)
    assert relay.what_is_wrong.said() == f"Sandbox was paused. {reason}"
    assert AuditEntry.objects.filter(action="relay.paused").count() == 1


def test_t01_strike_those_of_an_hour_ago_are_forgotten(bob, model, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda now=timezone.now: now() - timedelta(minutes=61))
        for _ in range(2):
            audit.record(actor=None, action="relay.struck", subject=model.relay_id)

    assert not _strike(bob, model, 2).is_paused


def test_t01_strike_after_an_administrator_resumed_the_relay_counts_anew(bob, alice, model):
    edit.resume(relay=_strike(bob, model, 3), administrator=alice)

    assert not _strike(bob, model, 2).is_paused
    assert _strike(bob, model, 1).is_paused


def test_t01_strike_of_another_relay_does_not_count(bob, model):
    other = edit.add_relay(
        name="Other", dialect="openai", base_url="http://127.0.0.1:2/v1", api_key="k" * 12, sandbox=True
    )
    _strike(bob, model, 2)

    assert not _strike(bob, edit.add_model(relay=other, model_id="other", accepts={}), 1).is_paused
