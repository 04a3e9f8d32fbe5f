"""Programs that wait by the hundred at the process for programs, and what people's pages and its memory make of it."""

import asyncio
import json
import statistics
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import httpx

from studio.models import Generation, ImageModel, State, User
from studio.services import tokens
from tests.bench import measures
from tests.e2e.studio import Studio

PAGES = ("/", "/gallery/?view=mine")
ROUNDS = 60


async def _call(place: Any, secret: str, body: dict[str, Any]) -> int:
    """Send one call over a line of its own; return its status once the whole answer is there."""
    content = json.dumps(body).encode()
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    head = (
        f"POST /v1/images/generations HTTP/1.1\r\nHost: {place.netloc}\r\nAuthorization: Bearer {secret}\r\n"
    )
    head += f"Connection: close\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    writer.write(head.encode() + content)
    answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1])


async def _crowd(url: str, secret: str, model: ImageModel, count: int) -> Counter[int]:
    asked = [
        {"model": model.model_id, "prompt": f"waiting {number}", "response_format": "url"}
        for number in range(count)
    ]
    return Counter(await asyncio.gather(*(_call(urlsplit(url), secret, body) for body in asked)))


def pages(client: httpx.Client) -> dict[str, float]:
    """Return how long people's pages take, in milliseconds."""
    times = []
    for _ in range(ROUNDS):
        for path in PAGES:
            began = time.perf_counter()
            client.get(path).raise_for_status()
            times.append((time.perf_counter() - began) * 1000)
            time.sleep(0.02)
    times.sort()
    return {"p50_ms": round(statistics.median(times), 1), "p95_ms": round(times[int(len(times) * 0.95)], 1)}


def wait_together(
    one: Studio, url: str, client: httpx.Client, person: User, model: ImageModel, *, count: int
) -> dict[str, Any]:
    """Measure pages alone, then while so many callers wait; return both, the memory, and what the callers got."""
    _, secret = tokens.make(person=person, name=f"{count} callers")
    pages(client)  # the first ones warm up
    _warm_up(url, secret)
    idle, before = pages(client), measures.memory(one)
    with asyncio.Runner() as runner:
        crowd = runner.get_loop().create_task(_crowd(url, secret, model, count))
        waiting = runner.run(_measured(one, client, model, count))
        answers = runner.run(_ended(crowd))
    return {
        "callers": count,
        "idle": idle,
        "waiting": waiting["pages"],
        "ratio_p95": round(waiting["pages"]["p95_ms"] / idle["p95_ms"], 2),
        "api_mb": [_api(before), _api(waiting["memory"]), _api(measures.memory(one))],
        "answers": dict(answers),
    }


def _warm_up(url: str, secret: str) -> None:
    """Have every thread of the process for programs ask the database once."""
    headers = {"Authorization": f"Bearer {secret}"}
    with ThreadPoolExecutor(32) as crowd:
        list(crowd.map(lambda _: httpx.get(f"{url}/v1/models", headers=headers, timeout=60), range(64)))


async def _measured(one: Studio, client: httpx.Client, model: ImageModel, count: int) -> dict[str, Any]:
    """Measure once the relay draws for all of them; in a thread, as the callers live in this loop."""

    def look() -> dict[str, Any]:
        while Generation.objects.filter(model=model, state=State.SENT).count() < count:
            time.sleep(0.25)
        return {"pages": pages(client), "memory": measures.memory(one)}

    return await asyncio.to_thread(look)


async def _ended(crowd: Any) -> Counter[int]:
    found: Counter[int] = await crowd
    return found


def _api(parts: dict[str, int]) -> int:
    return sum(mb for name, mb in parts.items() if name.endswith("config.asgi"))
