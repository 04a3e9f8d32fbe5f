"""Many people, one relay with limits, two worker processes: the relay never sees more, and nobody starves."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from studio.models import Generation, ImageModel, Relay, State
from studio.services.relays import edit
from tests.factories import make_user
from tests.faults.stage import ROOT, Stage
from tests.integration.test_two_workers import wait_until_all_ended, workers
from tests.servers import free_ports

PEOPLE = 20


@dataclass(frozen=True)
class Crowd:
    """How much is asked, and what the relay allows."""

    each: int
    at_once: int | None
    per_minute: int | None


SAMPLE = Crowd(each=2, at_once=4, per_minute=40)
"""No wait for a second minute: `make faults` has the patience."""

WHOLE = Crowd(each=10, at_once=8, per_minute=60)


@contextmanager
def counting_relay(folder: Path, delay: float) -> Iterator[tuple[str, Path]]:
    port, log = free_ports(1)[0], folder / "relay.log"
    command = [sys.executable, "-m", "tests.integration.counting_relay", str(port), str(delay), str(log)]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        deadline = time.monotonic() + 20
        while not log.exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield f"127.0.0.1:{port}", log
    finally:
        process.kill()
        process.wait()


def limited_model(place: str, crowd: Crowd) -> ImageModel:
    relay = edit.add_relay(
        name="Counting",
        dialect="openai",
        base_url=f"http://{place}/v1",
        api_key="key-0123456789",
        sandbox=True,
    )
    Relay.objects.filter(pk=relay.pk).update(at_once=crowd.at_once, per_minute=crowd.per_minute)
    return edit.add_model(relay=relay, model_id="counting", accepts={})


def _submit(stage: Stage, model: ImageModel, crowd: Crowd) -> int:
    """Let each person in turn submit all they want; return how many generations wait."""
    for number in range(PEOPLE):
        person = make_user(f"Person {number}")
        for _ in range(crowd.each):
            stage.submit(f"{number}:", person=person, model=model)
    return PEOPLE * crowd.each


def _events(log: Path) -> list[tuple[str, float, str]]:
    rows = [line.split("\t") for line in log.read_text().splitlines()]
    return sorted(((sign, float(at), prompt) for sign, at, prompt in rows), key=lambda row: row[1])


def _most_at_once(events: list[tuple[str, float, str]]) -> int:
    most = now = 0
    for sign, _at, _prompt in events:
        now += 1 if sign == "+" else -1
        most = max(most, now)
    return most


def _most_in_a_minute(arrivals: list[float]) -> int:
    return max(sum(start <= at < start + 60 for at in arrivals) for start in arrivals)


def _widest_gap(prompts: list[str]) -> int:
    """By how many requests the luckiest person was ever ahead of the unluckiest."""
    drawn = Counter({str(number): 0 for number in range(PEOPLE)})
    gaps = []
    for prompt in prompts:
        drawn[prompt.partition(":")[0]] += 1
        gaps.append(max(drawn.values()) - min(drawn.values()))
    return max(gaps)


def test_relay_never_sees_more_than_its_limits_and_nobody_starves(stage: Stage, kills: int):
    crowd = WHOLE if kills >= 300 else SAMPLE
    with counting_relay(stage.folder, 1.0) as (place, log):
        tickets = stage.database if "postgres" in stage.database else f"sqlite:///{stage.folder / 'tasks'}"
        engine = {
            "TASK_BACKEND": "huey.contrib.djhuey.tasks_backend.HueyBackend",
            "TASK_URL": tickets,
            "RELAY_PRIVATE_ALLOW": place,
            "WORKER_THREADS": "24",
            "LEASE_SECONDS": "30",
        }
        count = _submit(stage, limited_model(place, crowd), crowd)
        started = time.monotonic()
        with workers(stage, 2, **engine):
            assert stage.run("wake", str(count), **engine) == 0
            wait_until_all_ended()
        took = time.monotonic() - started
    assert Generation.objects.in_state(State.DONE).count() == count
    events = _events(log)
    arrivals = [(at, prompt) for sign, at, prompt in events if sign == "+"]
    print(f"{count} requests in {took:.0f} s; most at once {_most_at_once(events)},", end=" ")
    print(f"most in a minute {_most_in_a_minute([at for at, _ in arrivals])}")
    assert len(arrivals) == count
    assert _most_at_once(events) <= crowd.at_once
    assert _most_in_a_minute([at for at, _ in arrivals]) <= crowd.per_minute
    # Two by their turns; and what was claimed in its turn may reach the relay after what was claimed next.
    assert _widest_gap([prompt for _, prompt in arrivals]) <= 3
