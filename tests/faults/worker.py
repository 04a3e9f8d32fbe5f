"""Processes for rehearsals: `python -m tests.faults.worker COMMAND [ID…]`; STUDIO_FAILPOINT may kill them.

draw [ID]   draw what is ready (that generation alone), then end
finish      take over from the dead and draw until nothing is active
race        wait for a line, then draw what is ready
crowd N     draw in N threads at once
give_up     take over from the dead; end what has waited too long for its answer's file
find        go on with answers that lie here and were given up
reap        wait for a line, take over once, print how many
submit      read one JSON object, submit once in each of its threads, print what came of it
night       look for what is missing, as a worker does by night
wake N      enqueue N tickets for real workers
migrate     make the tables
"""
# ruff: noqa: E402 - Django must be ready before the studio is imported

import json
import sys
import threading
import time
from typing import Any
from uuid import UUID

import django

django.setup()

from django.core.management import call_command
from django.db import connections

from studio.errors import StudioError
from studio.models import Generation, Image, ImageModel, User
from studio.services import generations, retention, storage_check, tickets
from studio.services.drawing import leases, recovery, run, thumbnails
from studio.services.orders import Order

PATIENCE = 240


def draw(*keys: str) -> None:
    rows = Generation.objects.filter(pk__in=keys) if keys else Generation.objects.all()
    while run.run_next(rows=rows):
        pass


def finish() -> None:
    """Work as a worker process does, until all has ended."""
    leases.start()
    deadline = time.monotonic() + PATIENCE
    while Generation.objects.active().exists() or Image.objects.undeveloped().exists():
        leases.reap()
        thumbnails.develop_forgotten()
        if run.run_next() is None:
            time.sleep(0.05)
        if time.monotonic() > deadline:
            sys.exit("not everything has ended")


def give_up() -> None:
    leases.reap()
    while run.run_next():  # in vain: the file is not here
        pass
    retention.end_hopeless()


def find() -> None:
    recovery.find_answers()


def race() -> None:
    """Say that the process is ready, wait for the word, and draw."""
    _ready()
    draw()


def crowd(size: str) -> None:
    leases.start()
    threads = [threading.Thread(target=_draw_once) for _ in range(int(size))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _draw_once() -> None:
    run.run_next()
    connections.close_all()


def reap() -> None:
    _ready()
    print(leases.reap())


def submit() -> None:
    order = json.loads(sys.stdin.readline())
    fields = order["fields"] | {
        "person": User.objects.get(pk=order["person"]),
        "model": ImageModel.objects.get(pk=order["model"]),
    }
    results: list[Any] = []
    gate = threading.Barrier(len(order["submissions"]))
    threads = [
        threading.Thread(target=_submit, args=(fields, UUID(key), gate, results))
        for key in order["submissions"]
    ]
    _ready()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(results))


def _ask(submission: UUID, person: User, **asked: Any) -> Generation:
    return generations.submit(person=person, submission_id=submission, order=Order(**asked))


def _submit(fields: dict[str, Any], submission: UUID, gate: threading.Barrier, results: list[Any]) -> None:
    gate.wait()
    try:
        results.append(["Generation", str(_ask(submission, **fields).pk)])
    except StudioError as error:
        results.append([type(error).__name__, error.sentence])
    except Exception as error:
        results.append([type(error).__name__, str(error)])
    finally:
        connections.close_all()


def night() -> None:
    print(storage_check.look_by_night())


def wake(count: str) -> None:
    for _ in range(int(count)):
        tickets.wake()


def migrate() -> None:
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)


def _ready() -> None:
    print("ready", flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    commands = {
        each.__name__: each
        for each in (draw, finish, give_up, find, race, crowd, reap, submit, night, wake, migrate)
    }
    commands[sys.argv[1]](*sys.argv[2:])
