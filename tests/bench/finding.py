"""What it costs to find something among many pictures: pages of the gallery, searches, the history of prompts."""

import statistics
import time
from itertools import batched
from typing import Any

import httpx
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Request, sync_playwright

from studio.cards.gallery import PAGE
from studio.management.commands.seed_demo import MOST, Seeder
from studio.models import Generation, Image, ImageModel, Prompt, User
from studio.models.ids import first_at, made_at
from studio.search.images import midnight
from tests.bench import copies, measures
from tests.e2e.browser import find, flags
from tests.e2e.studio import Studio

ORIGINALS = 100_000
DEEP = 499 * PAGE
"""Pictures before the 500th page."""


def seed(person: User, model: ImageModel, count: int) -> None:
    """Bring the team to so many pictures of four people; beyond 100,000 they are copies that say one word more."""
    if Image.objects.count() < 50:
        measures.fill(person, model, 50)
    people = [
        User.objects.get_or_create(email=f"{name}@bench.example", defaults={"name": name})[0]
        for name in "bcd"
    ]
    samples = list(Image.objects.order_by("pk")[:50])
    seeder = Seeder([person, *people], list(ImageModel.objects.usable()), samples)
    missing = min(count, ORIGINALS) - Image.objects.count()
    for some in batched(seeder.runs(missing), MOST // 4):
        seeder.write(list(some), files=False)
    if missing > 0:
        _run_again(times=100)
    if Image.objects.count() < count:
        copies.add(count // ORIGINALS - 1)
    if connection.vendor == "postgresql":  # which does so by itself after a while; SQLite never does
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def _run_again(*, times: int) -> None:
    """Let the newest prompts of the team have been run a hundred times each: those are what is first by use."""
    for prompt in Prompt.objects.shared().order_by("-pk")[:25]:
        own = Generation.objects.filter(owner=prompt.author, shared=True).exclude(prompt=prompt)
        taken = list(own.filter(prompt__team_used__lte=1).order_by("pk").values_list("pk", flat=True)[:times])
        Generation.objects.filter(pk__in=taken).update(prompt=prompt)
        Prompt.objects.filter(pk=prompt.pk).update(used=times + 1, team_used=times + 1)


def addresses() -> dict[str, str]:
    """Return what is asked for, by what it is called."""
    team = Image.objects.seen_by_team().order_by("-pk").values_list("pk", flat=True)
    last = team[min(DEEP, team.count() - 60)]
    unique = Prompt.objects.get(images=last).text.partition(" copy")[0].split()[-1]
    month = midnight(made_at(last).date().replace(day=1))
    return {
        "gallery, first page": "/gallery/?view=team",
        "gallery, page 500": f"/gallery/?view=team&before={last}",
        "gallery, a month": f"/gallery/?view=team&before={first_at(month)}",
        "search, a common word": "/gallery/?view=team&q=lake",
        "search, a rare word": f"/gallery/?view=team&q={unique}",
        "search, a seldom word": "/gallery/?view=team&q=bakeli",
        "search, a phrase and a filter": '/gallery/?view=team&q="lake+at+dawn"&colour=blue',
        "prompts, newest": "/prompts/",
        "prompts, by use": "/prompts/?sort=used",
        "prompts, by rating": "/prompts/?sort=rated",
        "prompts, a common word": "/prompts/?q=lake",
        "Create": "/",
        "an almost empty page": "/queue/",
    }


def look(client: httpx.Client, inside: Client, path: str, runs: int) -> dict[str, Any]:
    """Return how long an address takes over HTTP and in this process, how much it asks and how long the page is."""
    outer, inner, spent, body = [], [], [], b""
    for _ in range(runs + 5):
        began = time.perf_counter()
        body = client.get(path).raise_for_status().content
        outer.append((time.perf_counter() - began) * 1000)
    for _ in range(runs + 5):
        began, used = time.perf_counter(), time.process_time()
        assert inside.get(path).status_code == 200, path
        inner.append((time.perf_counter() - began) * 1000)
        spent.append((time.process_time() - used) * 1000)
    with CaptureQueriesContext(connection) as asked:
        inside.get(path)
    return {
        "http": _spread(outer[5:]),
        "in_process": _spread(inner[5:]),
        "cpu_in_process": _spread(spent[5:]),
        "queries": len(asked),
        "kb": round(len(body) / 1000),
    }


def _spread(times: list[float]) -> dict[str, float]:
    times = sorted(times)
    return {"p50_ms": round(statistics.median(times), 1), "p95_ms": round(times[int(len(times) * 0.95)], 1)}


FAST_4G = {"offline": False, "latency": 165, "downloadThroughput": 1_012_500, "uploadThroughput": 168_750}
"""As the browser's own tools have it: 8.1 megabits a second, 165 ms there and back."""

PAINTED = """() => new Promise(done => {
    new PerformanceObserver((list, observer) => {
        const picture = list.getEntries().find(entry => entry.element instanceof HTMLImageElement)
        if (picture) { observer.disconnect(); done(picture.startTime) }
    }).observe({type: "largest-contentful-paint", buffered: true})
})"""


def paint(one: Studio, cookies: dict[str, str], *, runs: int) -> dict[str, Any]:
    """Open the gallery with nothing kept and a slow line: when a picture is first painted, what the page's weigh."""
    painted, asked, weights = [], [], []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find(), args=flags())
        for _ in range(runs):
            context = chromium.new_context(viewport={"width": 1440, "height": 900})
            context.add_cookies(
                [{"name": name, "value": value, "url": one.url} for name, value in cookies.items()]
            )
            page = context.new_page()
            context.new_cdp_session(page).send("Network.emulateNetworkConditions", FAST_4G)
            seen: list[Request] = []
            page.on("requestfinished", lambda request, seen=seen: seen.append(request))
            page.goto(f"{one.url}/gallery/?view=team")
            painted.append(page.evaluate(PAINTED))
            page.wait_for_load_state("networkidle")
            tiles = page.locator(".tile img")
            shown = set(tiles.evaluate_all("pictures => pictures.map(picture => picture.currentSrc)"))
            asked.append(sum(each.sizes()["responseBodySize"] for each in seen if each.url in shown))
            small = tiles.evaluate_all(
                "(pictures, most) => pictures.slice(0, most).map(each => each.srcset.split(' ')[0])",
                PAGE,
            )
            weights.append(sum(len(context.request.get(one.url + address).body()) for address in small))
            context.close()
        chromium.close()
    return {
        "first_picture_ms": round(statistics.median(painted)),
        "latest_ms": round(max(painted)),
        "thumbnails_kb_as_opened": round(max(asked) / 1000),
        "thumbnails_kb_of_page": round(max(weights) / 1000),
    }
