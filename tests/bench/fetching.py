"""Thousands of pictures as one ZIP over HTTP, and what the processes hold meanwhile."""

import re
import threading
import time
from typing import Any

import httpx

from tests.bench import measures
from tests.e2e.studio import Studio

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Watch(threading.Thread):
    """Notes the most that each kind of process held while it ran."""

    def __init__(self, one: Studio) -> None:
        super().__init__(daemon=True)
        self.one, self.ends = one, threading.Event()
        self.most: dict[str, int] = {}

    def run(self) -> None:
        while not self.ends.wait(0.2):
            for name, held in measures.memory(self.one).items():
                self.most[name] = max(self.most.get(name, 0), held)


def fetch(one: Studio, client: httpx.Client) -> dict[str, Any]:
    """Choose everything in the gallery, fetch it as one ZIP; return how long that took and what was held at most."""
    before = measures.memory(one)
    gallery = client.get("/gallery/?view=team").raise_for_status().text
    (token, *_) = TOKEN.findall(gallery)
    form = {"csrfmiddlewaretoken": token, "query": "view=team", "everything": "1"}
    headers = {"Referer": f"{one.url}/gallery/"}
    chosen = client.post("/selections/", data=form, headers=headers)
    assert chosen.status_code == 303, chosen.text
    asked = client.post(
        f"{chosen.headers['location']}downloads/",
        data={"csrfmiddlewaretoken": token, "prompts": "1"},
        headers=headers,
    )
    assert asked.status_code == 303, asked.text
    place = asked.headers["location"].partition("?")[0]
    watch = Watch(one)
    watch.start()
    began, size, first = time.monotonic(), 0, 0.0
    with client.stream("GET", f"{place}file/") as answer:
        answer.raise_for_status()
        for piece in answer.iter_raw():
            first = first or time.monotonic() - began
            size += len(piece)
    took = time.monotonic() - began
    watch.ends.set()
    watch.join()
    return {
        "name": answer.headers["content-disposition"],
        "mb": round(size / 1e6),
        "seconds": round(took, 1),
        "first_byte_s": round(first, 2),
        "held_before_mb": before,
        "held_most_mb": watch.most,
    }
