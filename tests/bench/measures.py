"""How the bench measures; the figures and their targets stand in tests/bench/__main__.py."""

import statistics
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import httpx
import psutil
from django.utils import timezone
from playwright.sync_api import Request, sync_playwright

from studio.media import names
from studio.models import Generation, Image, ImageModel, Prompt, Slot, SlotState, State, User
from studio.models.ids import storage_token, uuid7
from studio.services import budgets, generations
from studio.services.orders import Order
from tests.e2e.browser import find, flags
from tests.e2e.studio import Studio


def submit(person: User, model: ImageModel, text: str, n: int) -> Generation:
    order = Order(model=model, text=text, n=n, shared=True)
    return generations.submit(person=person, submission_id=uuid4(), order=order)


def last_bytes(log: Path) -> dict[str, float]:
    """Prompt → the time the relay had sent its last byte."""
    return {line.split("\t")[0]: float(line.split("\t")[1]) for line in log.read_text().splitlines()}


def latencies(
    client: httpx.Client, person: User, model: ImageModel, log: Path, *, n: int, runs: int
) -> tuple[list[float], list[float]]:
    """Return milliseconds from the relay's last byte to all originals fetched, and to all thumbnails ready."""
    kept, thumbs = [], []
    for run in range(runs + 3):
        text = f"bench {n} {run}"
        row = submit(person, model, text, n)
        while Image.objects.filter(generation=row).count() < n:
            time.sleep(0.002)
        for pk in Image.objects.filter(generation=row).values_list("pk", flat=True):
            client.get(f"/media/{pk}/").raise_for_status()
        done = time.time()
        while Image.objects.filter(generation=row, developed_at=None).exists():
            time.sleep(0.005)
        developed = time.time()
        while text not in last_bytes(log):
            time.sleep(0.005)
        started = last_bytes(log)[text]
        if run >= 3:  # the first ones warm up
            kept.append((done - started) * 1000)
            thumbs.append((developed - started) * 1000)
    return kept, thumbs


class Family(Protocol):
    """What is measured: a studio, or something beside it."""

    def processes(self) -> list[psutil.Process]: ...


def memory(one: Family) -> dict[str, int]:
    """Return PSS in MB (10^6 bytes) of each process, by a name a person understands."""
    parts: dict[str, int] = {}
    for number, process in enumerate(one.processes()):
        try:
            parts[f"{number} {kind_of(process)}"] = round(process.memory_full_info().pss / 1e6)
        except psutil.Error:
            continue
    return parts


def kind_of(process: psutil.Process) -> str:
    """Return what a process of the studio is."""
    command = " ".join(process.cmdline())
    known = ("config.supervise", "config.asgi", "config.serve", "manage.py work", "child.py")
    return next((word for word in known if word in command), "other")


def cpu_seconds(one: Family) -> dict[str, float]:
    """Return the processor seconds of each kind of process so far; a child that left took its own along."""
    parts: dict[str, float] = {}
    for process in one.processes():
        with suppress(psutil.Error):
            used = process.cpu_times()
            name = kind_of(process)
            parts[name] = parts.get(name, 0) + used.user + used.system
    return parts


class Peak(threading.Thread):
    """Watches the memory of all processes until it is told to stop."""

    def __init__(self, one: Family) -> None:
        super().__init__(daemon=True)
        self.one, self.most, self.parts, self.running = one, 0, {}, True

    def run(self) -> None:
        while self.running:
            parts = memory(self.one)
            if sum(parts.values()) > self.most:
                self.most, self.parts = sum(parts.values()), parts
            time.sleep(0.5)


def storm(
    one: Studio, model: ImageModel, log: Path, *, people: int, each: int, delay: float
) -> dict[str, Any]:
    """Submit everything at once from many people; return the rate, the failures, the added time and the peak."""
    peak = Peak(one)
    peak.start()
    crowd = [User.objects.create_user(f"p{i}@studio.example", name=f"Person {i}") for i in range(people)]
    for person in crowd:
        budgets.allowance(person=person)
    total = people * each
    before = cpu_seconds(one)
    started = time.monotonic()
    for turn in range(each):
        for person in crowd:
            submit(person, model, f"storm {person.name} {turn}", 1)
    submitting = time.monotonic() - started
    rows = Generation.objects.filter(model=model)
    while rows.active().exists():
        time.sleep(0.25)
    images = Image.objects.filter(generation__model=model)
    while images.filter(developed_at=None, unusable=False).exists():
        time.sleep(0.25)
    used = cpu_seconds(one)
    peak.running = False
    peak.join()
    first = min(row.sent_at for row in rows)
    saved = sorted(image.saved_at for image in images)
    ends = last_bytes(log)
    added = sorted(
        (image.saved_at - image.generation.sent_at).total_seconds() - delay
        for image in images.select_related("generation")
    )
    return {
        "asked": total,
        "failed": total - rows.filter(state=State.DONE).count(),
        "requests_at_relay": len(ends),
        "submitted_in_s": round(submitting, 1),
        "originals_per_second": round(total / (saved[-1] - first).total_seconds(), 1),
        "p50_added_s": round(statistics.median(added), 2),
        "p95_added_s": round(added[int(len(added) * 0.95)], 2),
        "thumbnails_after_last_s": round(
            (max(image.developed_at for image in images) - saved[-1]).total_seconds(), 1
        ),
        "cpu_ms_per_picture": {
            name: round((used[name] - before.get(name, 0)) / total * 1000, 1) for name in used
        },
        "peak_mb": peak.most,
        "parts": peak.parts,
    }


def fill(person: User, model: ImageModel, count: int) -> None:
    """Add rows of finished generations, each with a prompt of its own and one image."""
    now, month = timezone.now(), budgets.this_month()
    budgets.allowance(person=person)
    texts = [f"A mountain lake at dawn, number {uuid4().hex}" for _ in range(count)]
    prompts = [Prompt(author=person, text=t, digest=Prompt.digest_of(t), shared_at=now) for t in texts]
    Prompt.objects.bulk_create(prompts, batch_size=500)
    rows = [
        Generation(
            pk=uuid7(), owner=person, prompt=prompt, model=model, submission_id=uuid4(), n=1, shared=True,
            settings={"size": "1024x1024"}, state=State.DONE, month=month, sent_at=now, received_at=now,
        )
        for prompt in prompts
    ]  # fmt: skip
    Generation.objects.bulk_create(rows, batch_size=500)
    Slot.objects.bulk_create(
        [Slot(generation=row, index=0, state=SlotState.SAVED) for row in rows], batch_size=500
    )
    images = [
        Image(
            pk=uuid7(), generation=row, owner=person, index=0, width=1024 + 256 * (i % 4), height=1024,
            key=names.original(storage_token(), row.pk, 0, "png"), media_type="image/png", byte_size=1, sha256="0" * 64,
            tone="#8899aa", shared=True, developed_at=now,
        )
        for i, row in enumerate(rows)
    ]  # fmt: skip
    Image.objects.bulk_create(images, batch_size=500)


def median_ms(client: httpx.Client, path: str, runs: int = 60) -> float:
    """Return the median time of a GET in milliseconds, after ten to warm up."""
    times = []
    for _ in range(runs + 10):
        started = time.perf_counter()
        client.get(path).raise_for_status()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times[10:])


def weight(one: Studio, email: str) -> dict[str, Any]:
    """Sign in with a browser, then load the first page with an empty cache; count what comes."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find(), args=flags())
        context = chromium.new_context()
        page = context.new_page()
        page.goto(f"{one.url}/login/")
        page.fill("input[name=login]", email)
        page.fill("input[name=password]", "a long pass phrase for alice")
        page.press("input[name=password]", "Enter")
        page.wait_for_url(f"{one.url}/")
        seen: list[Request] = []
        fresh = chromium.new_context(storage_state=context.storage_state()).new_page()
        fresh.on("requestfinished", lambda request: seen.append(request))
        fresh.goto(f"{one.url}/", wait_until="networkidle")
        sizes = {request.url: request.sizes()["responseBodySize"] for request in seen}
        chromium.close()
    pictures = [url for url in sizes if "/media/" in url]
    rest = {url: size for url, size in sizes.items() if url not in pictures}
    return {
        "kb": round(sum(rest.values()) / 1000, 1),
        "requests": len(rest),
        "foreign": [url for url in rest if not url.startswith((one.url, "data:"))],
        "parts": {url.removeprefix(one.url): size for url, size in rest.items()},
    }
