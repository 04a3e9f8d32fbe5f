"""Refusals in the log: one line of JSON each (SAFETY §4, T01, T11, T19)."""

import json
import logging
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from studio import security
from studio.models import SlotState, State
from studio.relays import open_relay
from studio.relays.dialects.base import Picture
from studio.services.drawing import keeping
from tests.factories import make_generation


def test_refused_writes_the_facts_and_the_time(refusals):
    pk = uuid4()

    security.refused("authz_denied", actor=None, object=pk, tries=2)

    at = datetime.fromisoformat(refusals[0].pop("at"))
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=1)
    assert refusals == [{"event": "security.authz_denied", "actor": None, "object": str(pk), "tries": 2}]


def test_t19_refused_keeps_to_one_line_whatever_a_relay_calls_its_host(caplog):
    logger = logging.getLogger("studio.security")
    host = 'a.example\n{"event": "security.forged"}\x1b[2J%s\u2028'
    logger.addHandler(caplog.handler)

    security.refused("fetch_blocked", host=host)

    logger.removeHandler(caplog.handler)
    line = logger.handlers[0].format(caplog.records[0])
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["host"] == host


def test_t01_keep_of_a_picture_at_a_forbidden_address_names_host_and_rule_alone(
    bob, model, settings, refusals
):
    row = make_generation(bob, model, state=State.RECEIVED)
    relay = open_relay(dialect="openai", base_url="https://relay.example/v1", api_key="key")
    answered = {0: Picture(index=0, url="https://169.254.169.254/latest?token=secret")}

    spool = settings.SPOOL_DIR / "a.spool"
    states = keeping.keep(generation=row, relay=relay, spool=spool, pictures=answered).states

    refusals[0].pop("at")
    assert refusals == [
        {
            "event": "security.fetch_blocked",
            "generation": str(row.pk),
            "host": "169.254.169.254",
            "rule": "metadata",
        }
    ]
    assert states == {0: SlotState.BLOCKED_ADDRESS}
