"""The whole way of a picture, from the page's form to the original in the browser, beside a script of the same job.

Clients are processes of their own (tests.bench.client). Rounds alternate, so that a busy machine is busy for all.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

import psutil

from studio.models import Image, ImageModel, User
from tests.bench.measures import Peak, cpu_seconds
from tests.bench.rival import RIVAL_URL, Rival
from tests.e2e.studio import Studio

PASSWORD = "a long pass phrase for the bench"
PEOPLE = 20
BEAT = 0.8
"""Seconds between two polls of a page."""

COOKIES: list[dict[str, str]] = []
"""Those of each person; the studios of one bench share their state, and so its sessions."""
RIVAL = Rival()
KEYS: list[str] = []
"""Those of as many people at the rival."""


@dataclass
class Stage:
    """A running studio with its model, the relay it asks, the people, and a rival if there is one."""

    studio: Studio
    model: ImageModel
    relay: subprocess.Popen[bytes]
    relay_url: str

    def rivals(self) -> list[str]:
        return ["studio", "sdk", *(["rival"] if RIVAL_URL else [])]

    def sign_in(self) -> None:
        """Make the people and sign them in by the form, once: the door lets thirty a minute in."""
        if COOKIES:
            return
        emails = [f"p{i}@studio.example" for i in range(PEOPLE)]
        for number, email in enumerate(emails):
            User.objects.create_user(email, PASSWORD, name=f"Person {number}")
        [said] = self.clients([{"who": "door", "people": emails, "password": PASSWORD}])
        COOKIES.extend(said["cookies"])
        KEYS.extend(RIVAL.people(PEOPLE) if RIVAL_URL else [])

    def clients(self, tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Run one client process for each task at the same time; return what they printed."""
        known = {
            "url": self.studio.url,
            "model": str(self.model.pk),
            "relay": self.relay_url,
            "rival": RIVAL_URL,
            "rival_keys": KEYS,
        }
        command = [sys.executable, "-m", "tests.bench.client"]
        running = [
            subprocess.Popen([*command, json.dumps(known | task)], stdout=subprocess.PIPE, text=True)
            for task in tasks
        ]
        said = [process.communicate()[0] for process in running]
        assert not any(process.returncode for process in running), "a client failed"
        return [json.loads(line) for line in said]


@dataclass
class Round:
    """What one round brought."""

    times: list[float]
    failed: int
    seconds: float
    cpu_ms: dict[str, float]
    said: dict[str, int]
    peak_mb: int


def play(
    stage: Stage, who: str, *, words: str, people: int, at_once: int, each: int, n: int, beat: float
) -> Round:
    """Let `people` keep `at_once` requests each running until each has had `each` answers."""
    halves = [range(0, people, 1)] if people < 4 else [range(people // 2), range(people // 2, people)]
    threads = 1 if who == "studio" else at_once
    task = {"who": who, "words": words, "at_once": at_once, "n": n, "beat": beat}
    task |= {"each": each if who == "studio" else each // at_once}
    tasks = [
        task
        | {"first": half.start * threads, "threads": len(half) * threads}
        | {"cookies": [COOKIES[i] for i in half]}
        for half in halves
    ]
    os.sync()  # nobody waits for what the one before left to the disk
    peak = Peak(RIVAL if who == "rival" else stage.studio)
    peak.start()
    before = _cpu(stage)
    said = stage.clients(tasks)
    _wait_for_thumbnails()
    after = _cpu(stage)
    peak.running = False
    peak.join()
    times = [seconds for one in said for seconds in one["times"]]
    after |= {"client": sum(one["cpu"] for one in said)}
    pictures = max(1, len(times) * n)
    cpu = {name: round((after[name] - before.get(name, 0)) * 1000 / pictures, 1) for name in after}
    counts = {name: sum(one[name] for one in said) for name in ("requests", "unchanged", "changed")}
    failed = sum(one["failed"] for one in said)
    return Round(times, failed, max(one["seconds"] for one in said), cpu, counts, peak.most)


def _cpu(stage: Stage) -> dict[str, float]:
    relay = psutil.Process(stage.relay.pid).cpu_times()
    names = {
        "config.serve": "web",
        "manage.py work": "worker",
        "child.py": "child",
        "config.supervise": "other",
    }
    used = {names.get(name, "other"): seconds for name, seconds in cpu_seconds(stage.studio).items()}
    beside = {"rival": sum(cpu_seconds(RIVAL).values())} if RIVAL_URL else {}
    return used | {"relay": relay.user + relay.system} | beside


def _wait_for_thumbnails() -> None:
    while Image.objects.filter(developed_at=None, unusable=False).exists():
        time.sleep(0.1)


def compare(stage: Stage, *, rounds: int, delay: float, n: int = 1, **scene: Any) -> list[dict[str, Any]]:
    """Play the scene in alternating rounds; return one line of figures for each of those who played."""
    played: dict[str, list[Round]] = {who: [] for who in stage.rivals()}
    for who in played:
        play(stage, who, words=f"warm {scene} {n}", n=n, **scene | {"each": scene["at_once"]})
    for number in range(rounds):
        for who, past in played.items():
            past.append(play(stage, who, words=f"{who} {number} {n} {scene['at_once']}", n=n, **scene))
    return [{"who": who} | _figures(past, delay, n) for who, past in played.items()]


def _figures(rounds: list[Round], delay: float, n: int) -> dict[str, Any]:
    added = sorted((seconds - delay) * 1000 for one in rounds for seconds in one.times) or [0.0]
    names = {name: None for one in rounds for name in one.cpu_ms}
    cpu = {name: round(statistics.median(one.cpu_ms.get(name, 0) for one in rounds), 1) for name in names}
    last = rounds[-1]
    return {
        "added_ms_p50": round(statistics.median(added), 1),
        "added_ms_p95": round(added[int(len(added) * 0.95)], 1),
        "failed": sum(one.failed for one in rounds),
        "pictures_per_second": round(
            statistics.median(len(one.times) * n / one.seconds for one in rounds), 1
        ),
        "cpu_ms_a_picture": cpu,
        "studio_cpu_ms_a_picture": round(sum(cpu.get(name, 0) for name in ("web", "worker", "child")), 1),
        "requests_a_second": round(last.said["requests"] / last.seconds, 1),
        "requests_a_picture": round(last.said["requests"] / max(1, len(last.times) * n), 1),
        "polls": {name: last.said[name] for name in ("unchanged", "changed")},
        "peak_mb": max(one.peak_mb for one in rounds),
        "rounds": len(rounds),
    }
