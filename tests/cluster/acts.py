"""The acts of the rehearsal, each of them load and a mishap, and the table that says what came of it."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, fields
from io import StringIO
from pathlib import Path

import httpx
from django.core.management import call_command

from studio.models import AuditEntry, Generation, Image
from tests.cluster import counts
from tests.cluster.counts import Count
from tests.cluster.people import Looker, Person, Program, join
from tests.cluster.studio import CELERY, HUEY, Studio
from tests.faults import invariants
from tests.servers import PostgresServer, S3Server

TITLES = [each.name for each in fields(Count) if each.name not in ("why", "puzzles")]
WIDTH = 27


@dataclass(frozen=True)
class Act:
    """What happens while people and programs send."""

    title: str
    mishap: Callable[[Studio], object]
    seconds: tuple[float, float] = (0.5, 3.0)
    is_short: bool = True
    waiting: int = 0
    """Programs that wait for their pictures, beside people and one that looks at tasks."""


ACTS = [
    Act("nothing happens", lambda studio: None),
    Act("a worker and its disk lost", Studio.lose_worker, (2.0, 6.0)),
    Act("a worker killed, comes back", Studio.kill_worker, (1.0, 4.0), is_short=False),
    Act("a web machine killed", Studio.kill_web),
    Act("that of programs killed", Studio.kill_programs, (1.0, 4.0), waiting=4),
    Act("database restarted", Studio.restart_database),
    Act("store restarted", Studio.restart_store, is_short=False),  # what it refused waits half a minute
    Act("queue restarted, emptied", Studio.restart_queue, is_short=False),
    Act("a worker stopped kindly", Studio.deploy, (2.0, 5.0), is_short=False),
]


def rehearse(
    folder: Path, postgres: PostgresServer, store: S3Server, *, short: bool, celery: bool, rabbit: bool
) -> int:
    """Play all acts, print a line for each, and return 1 if anything went wrong."""
    with closing(Studio(folder, postgres, store, engine=CELERY if celery else HUEY, rabbit=rabbit)) as studio:
        started = time.monotonic()
        studio.start()
        say(
            f"{', '.join(studio.machines)} got ready at once and started in {time.monotonic() - started:.0f} s."
        )
        say(f"Tickets are in {studio.queue}, brought by {'Celery' if celery else 'Huey'}.\n")
        say(f"{'':{WIDTH}}" + "".join(f"{title:>{len(title) + 2}}" for title in [*TITLES, "seconds", "page"]))
        prompts = [
            prompt for act in ACTS if act.is_short or not short for prompt in play(studio, act, short=short)
        ]
        total = count(studio, prompts)
        line("all", total)
        return int(total.wrong + len(list(complaints(studio, total))) > 0)


def say(words: str) -> None:
    print(words, flush=True)


def line(title: str, what: Count, *more: str) -> None:
    shown = [str(getattr(what, name)) for name in TITLES] + list(more)
    titles = [*TITLES, "seconds", "page"]
    say(
        f"{title:{WIDTH}}"
        + "".join(f"{value:>{len(name) + 2}}" for name, value in zip(titles, shown, strict=False))
    )


def play(studio: Studio, act: Act, *, short: bool) -> list[str]:
    """Play one act and return the prompts that were accepted."""
    each, pause = (4, 0.3) if short else (10, 0.5)
    started, looker = time.monotonic(), Looker(studio.browsers[0])
    before = studio.seconds()
    model = str(studio.model.pk)
    crowd: list[Person | Program] = [
        Person(browser, model, each, act.seconds, pause) for browser in studio.browsers[1:]
    ]
    calls = (studio.programs_door, studio.token, studio.model.model_id, each, act.seconds, pause)
    programs = [Program(*calls, waits=number > 0) for number in range(1 + act.waiting)]
    crowd += programs
    refused = studio.programs_door.refused
    looker.start()
    for sender in crowd:
        sender.start()
    time.sleep(0.5)
    act.mishap(studio)
    join(crowd)
    studio.wait_until_all_ended()
    looker.over.set()
    join([looker])
    prompts = [prompt for sender in crowd for prompt in sender.prompts]
    found = count(studio, prompts)
    line(act.title, found, f"{time.monotonic() - started:.0f}", f"{max(looker.times):.1f} s")
    if act.waiting:
        compare(studio, programs, studio.programs_door.refused - refused)
    if act is ACTS[0] and found.pictures:
        each_took = {
            kind: 1000 * (now - before[kind]) / found.pictures for kind, now in studio.seconds().items()
        }
        studio.told.append(
            f"Processor time for each picture, {len(looker.times)} pages looked at meanwhile: "
            + ", ".join(f"{kind} {ms:.0f} ms" for kind, ms in each_took.items())
        )
    return prompts


def compare(studio: Studio, programs: list[Program], again: int) -> None:
    """Say whether those who waited for their calls got just the pictures that the relay drew for each of them."""
    drawn = counts.read(studio.ledger).pictures
    got = [sums == sorted(drawn[prompt]) for each in programs for prompt, sums in each.got.items()]
    studio.told.append(
        f"Calls waited for at the machine for programs: {got.count(True)} of {len(got)} got just the pictures "
        f"drawn for them, all of them with one key over {again} repetitions."
    )
    studio.programs_door.unsent += ["a call got other pictures"] * got.count(False)


def count(studio: Studio, prompts: list[str]) -> Count:
    return counts.count(prompts, counts.read(studio.ledger), studio.gone)


def complaints(studio: Studio, total: Count) -> Iterator[str]:
    """Say what else must hold, and yield what does not."""
    for code, times in sorted(total.why.items()):
        say(f"  {times} × {code}")
    found = AuditEntry.objects.filter(action="generation.found").count()
    say(f"Taken for lost while a machine stood still, and saved when its answer came: {found}.")
    for row in total.puzzles:
        say(
            f"  puzzle: {row} {list(AuditEntry.objects.filter(subject=row).values_list('at', 'action', 'detail'))}"
        )
    for told in [*studio.door.unsent, *studio.programs_door.unsent]:
        say(f"  refused: {told}")
        yield told
    say(f"Answers that had to be asked for again: {studio.door.refused + studio.programs_door.refused}.")
    invariants.check()
    for command in ("verify_ledger", "verify_audit", "verify_media"):
        out = StringIO()
        try:
            call_command(command, stdout=out)
        except SystemExit:
            yield command
        say(f"{command}: {' '.join(out.getvalue().split())[:160]}")
    yield from draw_in_sandbox(studio)
    for machine in studio.door.machines:
        seen = list(look(studio, machine.url))
        say(f"{machine.name} shows {seen.count(True)} of {len(seen)} pictures.")
        yield from [machine.name] * seen.count(False)
    for words in studio.told:
        say(words)
    say("Memory: " + ", ".join(f"{each.name} {each.memory()} MB" for each in studio.machines.values()))


def draw_in_sandbox(studio: Studio) -> Iterator[str]:
    """Have the sandbox of one machine draw for all, and yield what went wrong."""
    sender = Program(studio.programs_door, studio.token, "sandbox-sketch:free", 3, (0.1, 0.1), 0.0)
    sender.start()
    join([sender])
    studio.wait_until_all_ended()
    rows = Generation.objects.filter(prompt__text__in=sender.prompts)
    ended = sorted(f"{row.state}, {row.images.count()} pictures" for row in rows)
    say(f"Drawn by the sandbox of web-1, whichever worker asked: {'; '.join(ended)}.")
    yield from [each for each in ended if each != "done, 2 pictures"]


def look(studio: Studio, url: str) -> Iterator[bool]:
    """Tell of some pictures whether this machine shows just the bytes that were drawn."""
    people = {person.pk: browser for person, browser in zip(studio.people, studio.browsers, strict=True)}
    images = list(Image.objects.filter(owner__in=people).values_list("pk", "owner", "sha256"))
    with httpx.Client(base_url=url, follow_redirects=True, trust_env=False) as client:
        for pk, owner, drawn in random.sample(images, min(20, len(images))):
            answer = client.get(f"/media/{pk}/", cookies=people[owner].cookies)
            yield counts.sha256(answer.content).hexdigest() == drawn
