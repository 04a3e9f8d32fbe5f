"""`make bench`: one JSON line for each figure, with the machine's cores and load; the targets stand beside them.

Every figure comes from the real processes (`manage.py up`) and goes over HTTP; the relay is tests.bench.relay.
Run some of it: python -m tests.bench end_to_end storm_http speed load idle pages finds paints zips weight screens polls
seen callers_wait hooks. BENCH_ROUNDS, BENCH_AT_ONCE and BENCH_IMAGES make it shorter; BENCH_FOLDER names a folder that
is kept, so that many pictures are written once. On PostgreSQL: python -m tests.servers durable -- python -m tests.bench
finds. BENCH_RIVAL_URL names an Open WebUI to run end_to_end and storm_http beside (tests.bench.rival says how it is
started), whose image settings point at the measuring relay's port: BENCH_RELAY_PORT.
`make bench-large` adds BENCH_ROWS pictures (1,000,000), rows only, to the PostgreSQL of DATABASE_URL, and measures. Its
parts `grow`, `sums` and `large` may be run one by one while the same server goes on.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import tests.environment  # noqa: F401  (forgets the developer's variables)

KEPT = os.environ.get("BENCH_FOLDER", "")
FOLDER = Path(KEPT or tempfile.mkdtemp(prefix="lightfast-bench-"))
os.environ["STUDIO_STATE"] = str(FOLDER / "var")
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
os.environ["STUDIO_QUEUE_PER_PERSON"] = os.environ["STUDIO_MONTHLY_IMAGES"] = "1000000"

import django  # noqa: E402

django.setup()

import httpx  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

from studio.models import Image, ImageModel, UsageSum, User  # noqa: E402
from studio.services import usage_sums  # noqa: E402
from studio.services.relays import edit  # noqa: E402
from tests.bench import callers, fetching, finding, measures, open_pages, screening, webhooks, whole_way  # noqa: E402
from tests.bench import large as large_team  # noqa: E402
from tests.e2e.studio import Studio  # noqa: E402
from tests.receiver import Receiver  # noqa: E402
from tests.servers import free_ports  # noqa: E402

PERSON = "alice@studio.example"
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))


def report(figure: str, *, target: Any = None, **values: Any) -> None:
    """Print one line."""
    load = round(os.getloadavg()[0], 2)
    line = {"figure": figure, **values, "target": target, "cores": os.cpu_count(), "load": load}
    print(json.dumps(line), flush=True)


def studio(**variables: str) -> Studio:
    """Start a studio on the bench's folder."""
    one = Studio(
        FOLDER,
        STUDIO_ADMIN_EMAIL=PERSON,
        STUDIO_ADMIN_PASSWORD="a long pass phrase for alice",
        STUDIO_QUEUE_PER_PERSON="1000000",
        STUDIO_MONTHLY_IMAGES="1000000",
        **variables,
    )
    one.start()
    return one


def cookies_of(person: User) -> dict[str, str]:
    """Return the cookies of a session of this person."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return {settings.SESSION_COOKIE_NAME: str(session.session_key)}


def browser(one: Studio, person: User) -> httpx.Client:
    """Return a client with the person's session."""
    return httpx.Client(base_url=one.url, cookies=cookies_of(person), timeout=30, trust_env=False)


def measuring_relay(port: int, delay: float) -> subprocess.Popen[bytes]:
    """Start the measuring relay."""
    log = FOLDER / f"relay-{port}.log"
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.relay", str(port), str(delay), str(log)])
    time.sleep(1.5)
    return process


def bench_model(port: int, name: str) -> ImageModel:
    row = edit.add_relay(
        name=name,
        dialect="openai",
        base_url=f"http://127.0.0.1:{port}/v1",
        api_key="bench-key-0123",
        sandbox=True,
    )
    return edit.add_model(relay=row, model_id="gpt-image-bench", accepts={})


def speed() -> None:
    """(a) From the relay's last byte to the original over HTTP, one picture and four."""
    port = free_ports(1)[0]
    machine = measuring_relay(port, 0.3)
    one = studio(RELAY_PRIVATE_ALLOW=f"127.0.0.1:{port}", STUDIO_SANDBOX="yes")
    try:
        person = User.objects.get(email=PERSON)
        client = browser(one, person)
        model = bench_model(port, "Bench")
        for n, target in ((1, 40), (4, 100)):
            kept, thumbs = measures.latencies(
                client, person, model, FOLDER / f"relay-{port}.log", n=n, runs=25
            )
            spread = {"p50_ms": round(statistics.median(kept), 1), "p95_ms": round(sorted(kept)[-2], 1)}
            report(f"last byte to original retrievable, n={n}", **spread, target=f"p50 <= {target} ms")
            report(
                f"last byte to thumbnails ready, n={n}",
                p50_ms=round(statistics.median(thumbs), 1),
                target="<= 300 ms",
            )
    finally:
        one.stop()
        machine.kill()


def load() -> None:
    """(b) 200 in flight against a relay that takes 2 s."""
    port = free_ports(1)[0]
    machine = measuring_relay(port, 2.0)
    allow = f"127.0.0.1:{port}"
    one = studio(RELAY_PRIVATE_ALLOW=allow, STUDIO_SANDBOX="yes", WORKER_THREADS="200")
    try:
        model = bench_model(port, "Load")
        values = measures.storm(one, model, FOLDER / f"relay-{port}.log", people=20, each=20, delay=2.0)
        report(
            "200 in flight, 2 s relay, 400 pictures",
            **values,
            target=">= 40/s, 0 failed, p95 added <= 3 s, thumbnails <= 15 s after, <= 450 MB PSS",
        )
    finally:
        one.stop()
        machine.kill()


def end_to_end() -> None:
    """(f) From the page's form to every original in the browser, and the relay's own time taken off."""
    for n, target in ((1, "p50 <= 1.5 x sdk + 15 ms, studio CPU <= 60 ms a picture"), (4, "p50 <= 90 ms")):
        scene = {"people": 1, "at_once": 1, "each": 12, "beat": 0.005}
        _whole_way(f"end to end, n={n}", target=target, delay=0.3, n=n, **scene)


def storm_http() -> None:
    """(g) Twenty people at their pages, together `at_once` pictures always on the way, relay 2 s."""
    targets = {16: "", 64: ">= 24/s, 0 failed", 200: ">= 40/s, 0 failed, p95 added <= 3 s, <= 450 MB"}
    asked = [int(number) for number in os.environ.get("BENCH_AT_ONCE", "16,64,200").split(",")]
    for at_once in asked:
        people = next(people for people in (20, 16, 8, 1) if at_once % people == 0)
        target = targets.get(at_once, "")
        scene = {"people": people, "at_once": at_once // people, "each": 3 * at_once // people}
        scene["beat"] = whole_way.BEAT
        _whole_way(f"storm over HTTP, {at_once} at once", target=target, delay=2.0, **scene)


def _whole_way(figure: str, *, target: str, delay: float, **scene: Any) -> None:
    port = int(os.environ.get("BENCH_RELAY_PORT", 0)) or free_ports(1)[0]
    machine = measuring_relay(port, delay)
    one = studio(RELAY_PRIVATE_ALLOW=f"127.0.0.1:{port}", STUDIO_SANDBOX="yes")
    try:
        model = bench_model(port, figure)
        stage = whole_way.Stage(one, model, machine, f"http://127.0.0.1:{port}/v1")
        stage.sign_in()
        for line in whole_way.compare(stage, rounds=ROUNDS, delay=delay, **scene):
            report(figure, **line, target=target if line["who"] == "studio" else None)
    finally:
        one.stop()
        machine.kill()


def polls() -> None:
    """(h) Two hundred active cards on open pages, and how soon a stored picture is seen."""
    for pages in (20, 200):
        port = free_ports(1)[0]
        machine = measuring_relay(port, 60.0)
        one = studio(RELAY_PRIVATE_ALLOW=f"127.0.0.1:{port}", STUDIO_SANDBOX="yes", WORKER_THREADS="200")
        try:
            model = bench_model(port, f"Open {pages}")
            values = open_pages.watch(one, model, cookies_of, pages=pages, cards=200, seconds=20)
            report(f"200 active cards open on {pages} pages", **values, target="<= 25 % of one core")
        finally:
            machine.kill()
            one.stop()


def seen() -> None:
    """(i) From a picture's row to its frame in a browser."""
    port = free_ports(1)[0]
    machine = measuring_relay(port, 0.7)
    one = studio(RELAY_PRIVATE_ALLOW=f"127.0.0.1:{port}", STUDIO_SANDBOX="yes")
    try:
        model = bench_model(port, "Seen")
        ImageModel.objects.exclude(pk=model.pk).update(enabled=False)
        times = open_pages.stored_to_seen(one, PERSON, runs=20)
        spread = {"p50_ms": round(statistics.median(times)), "p95_ms": round(sorted(times)[-2])}
        report("stored picture to its frame", **spread, runs=len(times), target="p50 <= 700 ms")
    finally:
        one.stop()
        machine.kill()


def callers_wait() -> None:
    """(j) Three hundred programs wait for a relay that takes 40 s, while people open pages."""
    port, api = free_ports(2)
    machine = measuring_relay(port, 40.0)
    url = f"http://127.0.0.1:{api}"
    one = studio(
        RELAY_PRIVATE_ALLOW=f"127.0.0.1:{port}",
        STUDIO_SANDBOX="yes",
        WORKER_THREADS="640",  # one person gets half of them
        LIGHTFAST_API_PORT=str(api),
        LIGHTFAST_API_URL=url,
    )
    try:
        person = User.objects.get(email=PERSON)
        model = bench_model(port, "Callers")
        reader = User.objects.create_user("reader@studio.example", name="Reader")  # whose pages show no cards
        values = callers.wait_together(one, url, browser(one, reader), person, model, count=300)
        report("300 callers wait, pages answer", **values, target="p95 <= 2 x idle, 300 x 200")
    finally:
        one.stop()
        machine.kill()


def hooks() -> None:
    """(l) Webhooks: what a worker tells a fast receiver, alone and beside three that hang."""
    fast, *hanging = receivers = [Receiver() for _ in range(4)]
    with ExitStack() as stack:
        for receiver in receivers:
            stack.enter_context(receiver)
        one = studio(WEBHOOK_PRIVATE_ALLOW=",".join(receiver.spot for receiver in receivers))
        settings.WEBHOOK_PRIVATE_ALLOW = frozenset(receiver.spot for receiver in receivers)
        stack.callback(one.stop)
        person = User.objects.get(email=PERSON)
        hook = webhooks.hook_of(person, fast)
        time.sleep(3)  # until every process knows that there are webhooks
        report("webhooks told", **webhooks.told(person, hook, fast, count=500))
        webhooks.beside(person, hanging=hanging, each=50)
        time.sleep(2)
        report("webhooks told beside 3 that hang", **webhooks.told(person, hook, fast, count=500))


def idle() -> None:
    """(c) Memory at rest, and the second start."""
    studio().stop()
    started = time.monotonic()
    one = studio()
    with httpx.Client(base_url=one.url, trust_env=False) as client:
        client.get("/login/").raise_for_status()
    first = time.monotonic() - started
    time.sleep(5)
    parts = measures.memory(one)
    one.stop()
    report("second start to first page", seconds=round(first, 2), target="<= 3 s")
    report(
        "memory at rest, PSS of all processes", mb=round(sum(parts.values())), parts=parts, target="<= 250 MB"
    )


def pages() -> None:
    """(d) Lists of fifty cards at 100 and at 10,000 rows, over HTTP with a session."""
    one = studio()
    try:
        person = User.objects.get(email=PERSON)
        client = browser(one, person)
        model = ImageModel.objects.usable()[0]
        medians: dict[str, list[float]] = {}
        for rows in (100, 10_000):
            measures.fill(person, model, rows - Image.objects.count())
            for path in ("/gallery/?view=mine", "/gallery/?view=team", "/prompts/"):
                medians.setdefault(path, []).append(measures.median_ms(client, path))
        for path, (small, large) in medians.items():
            values = {
                "p50_ms_100": round(small, 1),
                "p50_ms_10000": round(large, 1),
                "ratio": round(large / small, 2),
            }
            report(f"GET {path}", **values, target="<= 15 ms at 100, <= 1.2 x at 10,000")
    finally:
        one.stop()


def finds() -> None:
    """(j) Finding something among many pictures; BENCH_IMAGES says how many."""
    count = int(os.environ.get("BENCH_IMAGES", "100000"))
    one = studio()
    try:
        person = User.objects.get(email=PERSON)
        finding.seed(person, ImageModel.objects.usable()[0], count)
        client, inside = browser(one, person), Client(headers={"host": "127.0.0.1"})
        inside.force_login(person)
        for name, path in finding.addresses().items():
            values = finding.look(client, inside, path, runs=30)
            report(f"{name}, of {count:,}", **values, target="p50 <= 15 ms")
    finally:
        one.stop()


def paints() -> None:
    """(j) The gallery over a slow line: painted drawings in their own thumbnails."""
    one = studio(STUDIO_SANDBOX="yes")
    try:
        one.manage("demo", "--pictures", "60")
        one.manage("seed_demo", "--images", "200")
        person = User.objects.get(email=PERSON)
        browser(one, person).get("/gallery/?view=team").raise_for_status()
        values = finding.paint(one, cookies_of(person), runs=5)
        report("gallery at 4G", **values, target="first picture <= 1,000 ms, thumbnails <= 600 KB")
    finally:
        one.stop()


def zips() -> None:
    """(j) Five thousand pictures as one ZIP."""
    one = studio(STUDIO_SANDBOX="yes")
    try:
        one.manage("demo", "--pictures", "20")
        one.manage("seed_demo", "--images", "7500")  # of which the team sees two thirds
        person = User.objects.get(email=PERSON)
        report("ZIP", **fetching.fetch(one, browser(one, person)), target="memory does not grow")
    finally:
        one.stop()


def weight() -> None:
    """(e) The first page as a browser loads it."""
    one = studio()
    try:
        report("first page", **measures.weight(one, PERSON), target="<= 60 KB, <= 15 requests, one origin")
    finally:
        one.stop()


def screens() -> None:
    """(f) All rules over a prompt, in this process: what each submit and each pause in typing costs."""
    began = time.perf_counter()
    one = screening.book()
    report(
        "500 rules compiled",
        ms=round((time.perf_counter() - began) * 1000),
        target="once a process and change",
    )
    vocabulary = screening.words(3000, 2)
    for name, texts in {
        "plain": screening.prompts(vocabulary),
        "with accents": screening.prompts(vocabulary, accent=True),
        "with three hits": screening.prompts(vocabulary, hits=screening.words(500, 1)),
    }.items():
        figures = screening.milliseconds(one, texts)
        report(f"500 rules over 2,000 characters, {name}", **figures, target="p50 <= 5 ms")


def grow() -> None:
    """(j) Add rows by the million, for as long as BENCH_SECONDS allow."""
    call_command("migrate", verbosity=0)
    started = time.monotonic()
    wanted, seconds = (
        int(os.environ.get("BENCH_ROWS", "1000000")),
        float(os.environ.get("BENCH_SECONDS", "3600")),
    )
    added = large_team.grow(wanted, seconds)
    report("rows added", pictures=added, seconds=round(time.monotonic() - started), all=Image.objects.count())


def sums() -> None:
    """(k) Sum up what was used on all days, as the worker does it after an upgrade."""
    started, steps = time.monotonic(), 0
    while found := usage_sums.count():
        steps += found
    seconds = round(time.monotonic() - started)
    report("usage summed up", steps=steps, seconds=seconds, rows=UsageSum.objects.count())


def large() -> None:
    """(k) What pages and chores cost beside millions of rows."""
    for table, values in large_team.sizes().items():
        report(f"table {table}", **values)
    for name, values in large_team.chores():
        report(name, **values)
    one = studio()
    try:
        everything = Image.objects.count()
        for who, path in large_team.pages():
            client = browser(one, who)
            values = large_team.times(client, path)
            report(f"GET {path}", who=who.name, **values, pictures=everything, target="p95 <= 250 ms")
    finally:
        one.stop()


LARGE = {"grow": grow, "sums": sums, "large": large}
PARTS = {
    "end_to_end": end_to_end,
    "storm_http": storm_http,
    "speed": speed,
    "load": load,
    "polls": polls,
    "seen": seen,
    "callers_wait": callers_wait,
    "hooks": hooks,
    "idle": idle,
    "pages": pages,
    "finds": finds,
    "paints": paints,
    "zips": zips,
    "weight": weight,
    "screens": screens,
}

if __name__ == "__main__":
    try:
        for name in sys.argv[1:] or PARTS:
            (PARTS | LARGE)[name]()
    finally:
        if not KEPT:
            shutil.rmtree(FOLDER, ignore_errors=True)
