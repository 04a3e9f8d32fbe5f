"""Pictures behind web addresses, one of four gone wrong: rows 16, 17, 20 and 23 to 25, and T01 to T04."""

import gzip
import re
from dataclasses import dataclass
from functools import partial

import pytest

from studio.models import Generation, Image, SlotState, State
from studio.services.drawing import run
from tests.faults import scene as stage
from tests.faults.scene import RESET, Make, Play, Scene, answer, b64, drawn, flood, html, png, send, wait
from tests.relays.chaos import answers, reply
from tests.relays.conftest import peak_kib
from tests.relays.faraway import World, secure

DAMAGED = "3 of 4 images saved. One arrived damaged."
BLOCKED = "3 of 4 images saved. One image was refused: the relay pointed to a forbidden address."
TOO_LARGE = "3 of 4 images saved. One image was larger than 40 MB and was not saved."
TOO_SLOW = "3 of 4 images saved. One image took too long to download."
UNFETCHABLE = "3 of 4 images saved. One image could not be fetched."
SVG = "3 of 4 images saved. One image came as an SVG drawing, which the studio does not keep."
WAITS = r"3 of 4 images saved\. Fetching the last one again in 5 s; the relay keeps it until \d\d:\d\d.*\."
REMOVED = "3 of 4 images saved. The relay removed one image before we could save it."
GOOD = answer(200, png(), {"Content-Type": "image/png"})
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
BOMB = answer(200, gzip.compress(bytes(200 << 20), 1), {"Content-Encoding": "gzip"})
MEGABYTE = b"%x\r\n" % (1 << 20) + b" " * (1 << 20) + b"\r\n"


@dataclass(frozen=True)
class Case:
    """How the fourth picture comes, how often it is asked for, and what is said of it."""

    row: str
    play: Play
    sentence: str
    slot: SlotState
    gets: int = 1
    words: str = "Arrived damaged"
    waits: bool = False


def damaged(row: str, *steps: stage.Step, gets: int) -> Case:
    return Case(row, list(steps), DAMAGED, SlotState.UNUSABLE, gets)


def too_large(row: str, *steps: stage.Step) -> Case:
    return Case(row, list(steps), TOO_LARGE, SlotState.TOO_LARGE, words="Larger than 40 MB")


def too_slow(row: str, *steps: stage.Step) -> Case:
    """One that is too slow as long as its link lives."""
    return Case(row, list(steps), TOO_SLOW, SlotState.TOO_SLOW, 2, "Took too long to download", waits=True)


def removed(row: str, *steps: stage.Step, gets: int = 6, waits: bool = True) -> Case:
    """One that cannot be fetched as long as its link lives; asked for some times at once, and as often at its end."""
    words = "Removed by the relay before it could be saved"
    return Case(row, list(steps), REMOVED, SlotState.EXPIRED, gets, words, waits)


CASES = [
    removed("row_16-reset-in-body", send(reply(200, png()[:900], length=len(png()))), wait(0.05), RESET),
    damaged("row_16-cut-file", send(reply(200, png()[:900])), gets=3),
    damaged("row_17-page-as-png", *answer(200, b"<html>", {"Content-Type": "image/png"}), gets=3),
    Case("row_17-svg", answer(200, b"<svg />"), SVG, SlotState.SVG, 1, "An SVG drawing is not kept"),
    damaged("t04-length-5-then-more", send(reply(200, png(), length=5)), gets=3),
    damaged("t04-gzip-bomb", *BOMB, gets=3),
    removed("t04-long-head", send(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70_000 + b"\r\n\r\n")),
    too_large("row_23-announced", send(reply(200, b"x", length=10**10))),
    too_large("row_23-endless", send(CHUNKED), flood(MEGABYTE)),
    too_large("row_23-without-length", send(b"HTTP/1.1 200 OK\r\n\r\n"), flood(b" " * (1 << 20))),
    removed("row_25-403", *answer(403, b"gone"), gets=4),
    removed("row_25-404", *answer(404, b"gone"), gets=4),
    removed("row_25-410", *answer(410, b"gone"), gets=1, waits=False),
]
SLOW = [
    too_slow("row_24-drip", send(reply(200, b"P", length=9999)), flood(b"P", 0.02)),
    too_slow("row_24-head", send(b"HTTP/1.1 200 OK\r\n"), flood(b"X-A: b\r\n", 0.02)),
    too_slow("row_24-silent", wait(3)),
]


def _three_good_ones(scene: Scene, last: str, *, ends: bool = True) -> Generation:
    """Draw four pictures of which the last lies at an address like this, to their end or once."""
    urls = [scene.picture(f"{number}.png", GOOD) for number in range(3)]
    if ends:
        return scene.drawn(drawn(*urls, last), n=4)
    scene.answers(drawn(*urls, last))
    return scene.step(scene.submit(n=4))


def _check(case: Case, scene: Scene) -> None:
    row = _three_good_ones(scene, scene.picture("bad.png", case.play), ends=not case.waits)
    if case.waits:
        assert (row.state, scene.money(row)) == (State.RECEIVED, (4, 0, 0))
        assert re.fullmatch(WAITS, scene.reads(row))
        assert ">Being fetched again<" in scene.page(row)
        scene.hurry(row)
        row = scene.draw(row)

    assert (row.state, scene.reads(row)) == (State.DONE, html(case.sentence))
    assert list(row.slots.order_by("index").values_list("state", flat=True)) == ["saved"] * 3 + [case.slot]
    assert scene.frames(row) == [case.words]
    assert scene.money(row) == (0, 3, 0)
    assert (scene.requests(), scene.requests("bad.png")) == (1, case.gets)
    assert not any(
        "authorization" in line["headers"]
        for line in scene.chaos.ledger(scene.key)
        if line["method"] == "GET"
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.row)
def test_picture_that_went_wrong_is_left_out_as_its_row_says(case: Case, scene: Scene):
    _check(case, scene)


@pytest.mark.parametrize("case", SLOW, ids=lambda case: case.row)
def test_picture_that_is_too_slow_is_left_out_as_its_row_says(case: Case, scene: Scene, monkeypatch):
    monkeypatch.setattr(run, "open_relay", partial(stage.opened, pace=stage.Pace(whole=0.5)))

    _check(case, scene)


def test_row_16_reset_twice_and_whole_the_third_time_is_saved(scene: Scene):
    cut = [send(reply(200, png()[:900], length=len(png()))), wait(0.05), RESET]

    row = _three_good_ones(scene, scene.picture("late.png", cut, cut, GOOD))

    assert (row.state, scene.reads(row), scene.money(row)) == (State.DONE, "", (0, 4, 0))
    assert (scene.requests(), scene.requests("late.png")) == (1, 3)


def test_row_16_whole_picture_of_a_host_that_announced_more_is_saved(scene: Scene):
    row = _three_good_ones(scene, scene.picture("more.png", [send(reply(200, png(), length=len(png()) + 9))]))

    assert (row.state, scene.reads(row), scene.money(row)) == (State.DONE, "", (0, 4, 0))
    assert (scene.requests(), scene.requests("more.png")) == (1, 1)


def test_row_16_only_image_damaged_may_have_been_charged(scene: Scene):
    row = scene.drawn(drawn(b64(png()[:900])))

    assert (row.state, scene.money(row)) == (State.BROKEN, (0, 0, 1))
    assert scene.reads(row) == "0 of 1 images saved. One arrived damaged."


def test_row_17_png_called_a_page_is_saved_as_what_it_is(scene: Scene):
    url = scene.picture("page.html", answer(200, png(), {"Content-Type": "text/html"}))

    row = scene.drawn(drawn(url))

    assert (row.state, scene.reads(row)) == (State.DONE, "")
    assert Image.objects.get(generation=row).media_type == "image/png"


GIANTS = {
    "endless answer": lambda scene: [send(CHUNKED), flood(MEGABYTE)],
    "gzip bomb as answer": lambda scene: BOMB,
    "gzip bomb as picture": lambda scene: drawn(scene.picture("bomb.png", BOMB)),
    "giant base64": lambda scene: drawn("A" * (56 << 20)),
    "endless picture": lambda scene: drawn(scene.picture("endless.png", [send(CHUNKED), flood(MEGABYTE)])),
}


@pytest.mark.parametrize("kind", GIANTS)
def test_row_23_t04_worker_grows_by_less_than_100_megabytes(kind: str, scene: Scene):
    scene.answers(GIANTS[kind](scene))
    row = scene.submit(n=2)
    before = peak_kib(reset=True)

    row = scene.draw(row)

    grown = (peak_kib() - before) // 1024
    print(f"{kind}: the worker grew by {grown} MiB")
    assert grown < 100
    assert row.state == State.BROKEN
    assert (scene.requests(), scene.money(row)[0]) == (1, 0)


def test_row_23_administrator_finds_the_beginning_of_an_answer_that_was_too_large(scene: Scene):
    row = scene.drawn([send(CHUNKED), send(b"5\r\nHello\r\n"), flood(MEGABYTE)])

    assert scene.reads(row) == html(
        "The relay's answer could not be read. It may have been charged. An administrator can look at it."
    )
    assert row.relay_requests.get().raw.startswith("Hello")


def test_t04_slow_picture_keeps_no_other_job_waiting(scene: Scene, make_scene: Make):
    url = scene.picture("slow.png", [wait(1.5), *GOOD])
    scene.answers(drawn(url))
    worker = scene.in_background(scene.submit())

    other = make_scene().drawn(drawn(b64()))
    running = worker.is_alive()
    worker.join()

    assert (other.state, running) == (State.DONE, True)


# Forbidden addresses (T01 to T03, rows 20 and 22)


@pytest.fixture
def world(monkeypatch, chaos) -> World:
    """The chaos relay is where it is; every other name and address is made up."""
    world = World()
    world.ports["127.0.0.1"] = int(chaos.url.rpartition(":")[2])
    monkeypatch.setattr(run, "open_relay", lambda **facts: world.surround(stage.opened(**facts)))
    return world


def _rules(refusals: list[dict[str, str]]) -> list[tuple[str, str, str]]:
    return [(line["event"], line["host"], line["rule"]) for line in refusals]


@pytest.mark.parametrize(
    ("url", "host", "rule"),
    [
        ("https://169.254.169.254/latest/meta-data?token=x", "169.254.169.254", "metadata"),
        ("https://[::ffff:a9fe:a9fe]/", "::ffff:a9fe:a9fe", "metadata"),
        ("https://127.0.0.1/a.png", "127.0.0.1", "private_address"),
        ("https://2130706433/a.png", "2130706433", "private_address"),
        ("http://169.254.169.254/latest", "169.254.169.254", "scheme"),
        ("https://mixed.example/a.png", "mixed.example", "mixed_answer"),
        ("https://inside.example/a.png", "inside.example", "private_address"),
    ],
)
def test_row_20_t01_t02_forbidden_address_is_refused_and_said(
    scene: Scene, world: World, refusals, url, host, rule
):
    world.name("mixed.example", ["93.184.216.34", "127.0.0.1"])
    world.name("inside.example", ["10.0.0.7"])

    row = _three_good_ones(scene, url)

    assert (row.state, scene.reads(row), scene.money(row)) == (State.DONE, html(BLOCKED), (0, 3, 0))
    assert row.slots.get(index=3).state == SlotState.BLOCKED_ADDRESS
    assert scene.frames(row) == ["The relay pointed to a forbidden address"]
    assert {address[:2] for address in world.dialled} == {("127.0.0.1", world.ports["127.0.0.1"])}
    assert _rules(refusals) == [("security.fetch_blocked", host, rule)]
    assert "token" not in str(refusals)
    assert scene.requests() == 1


@pytest.mark.parametrize(
    ("location", "rule", "sentence"),
    [
        ("https://10.0.0.1/x", "redirect_target", BLOCKED),
        ("https://a.example/again", "too_many", UNFETCHABLE),
        ("http://a.example/x", "downgrade", UNFETCHABLE),
        ("file:///etc/passwd", "scheme", UNFETCHABLE),
    ],
)
def test_row_20_t03_redirect_that_may_not_be_followed_is_refused_and_said(
    scene: Scene, world: World, refusals, location: str, rule: str, sentence: str
):
    with secure(answers(reply(302, b"", {"Location": location})), "a.example") as public:
        world.serve("a.example", "93.184.216.34", public)
        row = _three_good_ones(scene, "https://a.example/1")

    assert (row.state, scene.reads(row), scene.money(row)) == (State.DONE, html(sentence), (0, 3, 0))
    assert [each[2] for each in _rules(refusals)] == [rule]
    assert not any(b"authorization" in request.lower() for request in public.requests)


def test_row_22_t02_name_that_changes_is_asked_once_and_pinned(scene: Scene, world: World, refusals):
    with secure(answers(reply(200, png())), "a.example") as public:
        world.serve("a.example", "93.184.216.34", public)
        world.name("a.example", ["93.184.216.34"], ["127.0.0.1"])
        row = scene.drawn(drawn("https://a.example/1"))
        again = scene.drawn(drawn("https://a.example/1"))

    assert (row.state, scene.reads(row)) == (State.DONE, "")
    assert (again.state, again.slots.get().state) == (State.BROKEN, SlotState.BLOCKED_ADDRESS)
    assert scene.reads(again) == html(BLOCKED.replace("3 of 4", "0 of 1"))
    assert world.asked.count("a.example") == 2
    assert len(public.requests) == 1
    assert _rules(refusals) == [("security.fetch_blocked", "a.example", "private_address")]


def test_t01_third_strike_within_an_hour_pauses_the_relay_and_tells_administrators(
    scene: Scene, administrator
):
    bad = drawn("https://10.0.0.1/a.png", "https://10.0.0.2/a.png")
    for _ in range(2):
        scene.drawn(bad, n=2)
    before = scene.relay.is_paused

    scene.drawn(bad, n=2)
    waiting = scene.step(scene.submit())

    reason = f"{scene.key} pointed to forbidden addresses 3 times in an hour."
    assert (before, scene.relay.is_paused, scene.relay.why_paused.said()) == (False, True, reason)
    assert f"{scene.key} was paused. {reason}" in administrator.get("/").text
    assert (waiting.state, scene.requests()) == (State.QUEUED, 3)


@pytest.mark.parametrize(
    "link", ["/files/1.png://", "http://a.example/1.png", "https://user@a.example/1.png"]
)
def test_row_20_link_that_is_no_use_could_not_be_fetched_and_is_no_strike(
    scene: Scene, world: World, link: str
):
    world.name("a.example", ["93.184.216.34"])
    for _ in range(2):
        scene.drawn(drawn(link))

    row = scene.drawn(drawn(link))

    assert (row.state, row.slots.get().state) == (State.BROKEN, SlotState.UNFETCHABLE)
    assert scene.reads(row) == "0 of 1 images saved. One image could not be fetched."
    assert not scene.relay.is_paused
