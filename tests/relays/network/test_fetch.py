"""T03, T04 and rows 16 to 25: a picture behind a web address."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studio.relays.dialects.base import Picture, PictureError, RelayClient
from studio.relays.network.connector import CONNECT_LIMIT, HEADER_LIMIT, Network
from studio.relays.network.fetch import YOUNG, Pace
from tests.relays.chaos import Behaviour, Chaos, answers, drips, hangs, reply, resets
from tests.relays.conftest import near, peak_kib
from tests.relays.faraway import World, secure

PICTURE = b"\x89PNG picture" * 1000
Collect = Callable[..., bytes]


@pytest.fixture
def collect(relay: RelayClient, world: World, tmp_path: Path) -> Collect:
    """Collect one picture by its address, in the made-up world."""
    world.surround(relay)
    into = tmp_path / "picture"

    def run(url: str, by: RelayClient = relay) -> bytes:
        try:
            by.collect(Picture(index=0, url=url), spool=tmp_path / "spool", into=into)
        except PictureError:
            assert not into.exists()
            raise
        return into.read_bytes()

    return run


def refused(collect: Collect, url: str, **more: Any) -> PictureError:
    with pytest.raises(PictureError) as caught:
        collect(url, **more)
    return caught.value


def redirect(location: str, status: int = 302) -> bytes:
    return reply(status, b"moved", {"Location": location})


def hosts(world: World, stack: ExitStack, **behaviours: Behaviour) -> list[Chaos]:
    """Start one public host for each behaviour: a.example at 93.184.216.1 and so on."""
    servers = []
    for number, (name, behaviour) in enumerate(behaviours.items(), 1):
        chaos = stack.enter_context(secure(behaviour, f"{name}.example"))
        world.serve(f"{name}.example", f"93.184.216.{number}", chaos)
        servers.append(chaos)
    return servers


def test_collect_url_saves_the_bytes_without_the_key(collect: Collect, world: World) -> None:
    with ExitStack() as stack:
        (chaos,) = hosts(world, stack, a=answers(reply(200, PICTURE, {"Content-Type": "text/html"})))
        assert collect("https://a.example/x.png?signature=1") == PICTURE

    assert chaos.requests == [
        b"GET /x.png?signature=1 HTTP/1.1\r\nHost: a.example\r\nAccept: image/png, image/jpeg, image/webp\r\n"
        b"Accept-Encoding: identity\r\nUser-Agent: Lightfast\r\nConnection: close\r\n\r\n"
    ]


def test_t03_collect_two_redirects_are_followed_without_the_key(collect: Collect, world: World) -> None:
    with ExitStack() as stack:
        servers = hosts(
            world,
            stack,
            a=answers(redirect("https://b.example/2")),
            b=answers(redirect("https://c.example/3", 307)),
            c=answers(reply(200, PICTURE)),
        )
        assert collect("https://a.example/1") == PICTURE

    assert world.asked == ["a.example", "b.example", "c.example"]
    for chaos in servers:
        assert len(chaos.requests) == 1
        assert b"authorization" not in chaos.requests[0].lower()


def test_t03_collect_relative_redirect_is_followed(collect: Collect, world: World) -> None:
    with ExitStack() as stack:
        (chaos,) = hosts(world, stack, a=answers(redirect("../y.png"), reply(200, PICTURE)))
        assert collect("https://a.example/x/x.png") == PICTURE

    assert chaos.requests[1].startswith(b"GET /y.png ")


@pytest.mark.parametrize(
    ("location", "rule"),
    [
        ("http://10.0.0.1/x", "downgrade"),
        ("https://user@127.0.0.1/x", "userinfo"),
        ("https://10.0.0.1:22/x", "port"),
        ("ftp://[::1]/x", "scheme"),
        ("https://10.0.0.1/x", "redirect_target"),
        ("https://169.254.169.254/latest", "redirect_target"),
        ("https://[::1]/x", "redirect_target"),
        ("https://mixed.example/x", "redirect_target"),
    ],
)
def test_t03_collect_redirect_to_a_forbidden_address_is_blocked_at_the_hop(
    collect: Collect, world: World, location: str, rule: str
) -> None:
    world.name("mixed.example", ["93.184.216.9", "10.0.0.1"])
    with ExitStack() as stack:
        hosts(world, stack, a=answers(redirect("https://b.example/2")), b=answers(redirect(location)))
        error = refused(collect, "https://a.example/1")

    assert (error.state, error.rule, error.passes_within) == ("blocked_address", rule, 0)
    assert [address[0] for address in world.dialled] == ["93.184.216.1", "93.184.216.2"]


@pytest.mark.parametrize(
    ("location", "rule"),
    [
        ("http://a.example/x", "downgrade"),
        ("HTTP://a.example/x", "downgrade"),
        ("file:///etc/passwd", "scheme"),
        ("ftp://a.example/x", "scheme"),
        ("https://user@a.example/x", "userinfo"),
        ("https://a.example:22/x", "port"),
        ("https://a.example:99999/x", "port"),
        ("https://[/x", "url"),
        ("https://xn--0.example/x", "url"),
        ("http://xn--0.example/x", "downgrade"),
    ],
)
def test_t03_collect_redirect_that_is_no_use_could_not_be_fetched(
    collect: Collect, world: World, location: str, rule: str
) -> None:
    with ExitStack() as stack:
        hosts(world, stack, a=answers(redirect("https://b.example/2")), b=answers(redirect(location)))
        error = refused(collect, "https://a.example/1")

    assert (error.state, error.rule, error.passes_within) == ("unfetchable", rule, 0)
    assert [address[0] for address in world.dialled] == ["93.184.216.1", "93.184.216.2"]


def test_t03_collect_third_redirect_is_too_many(collect: Collect, world: World) -> None:
    with ExitStack() as stack:
        (chaos,) = hosts(world, stack, a=answers(redirect("https://a.example/again")))
        error = refused(collect, "https://a.example/1")

    assert (error.state, error.rule, len(chaos.requests)) == ("unfetchable", "too_many", 3)


@pytest.mark.parametrize(
    "link", ["/files/1.png", "1.png", "picture", "//a.example/1.png", "http://a.example/1.png", "https://"]
)
def test_collect_link_that_is_no_address_could_not_be_fetched_and_nothing_is_dialled(
    collect: Collect, world: World, link: str
) -> None:
    world.name("a.example", ["93.184.216.1"])

    error = refused(collect, link)

    assert (error.state, error.passes_within, world.dialled) == ("unfetchable", 0, [])


def test_t02_collect_mixed_answer_is_blocked(collect: Collect, world: World) -> None:
    world.name("a.example", ["93.184.216.1", "127.0.0.1"])

    error = refused(collect, "https://a.example/1?token=x")

    assert (error.state, error.rule, error.host, world.dialled) == (
        "blocked_address",
        "mixed_answer",
        "a.example",
        [],
    )


def test_collect_url_on_the_relays_own_opened_spot_is_fetched_without_the_key(collect: Collect) -> None:
    with Chaos(answers(reply(200, PICTURE))) as chaos:
        assert collect(f"{chaos.url}/results/1.png", by=near(chaos)) == PICTURE

    assert b"authorization" not in chaos.requests[0].lower()


def test_collect_url_on_another_private_port_is_blocked(collect: Collect) -> None:
    with Chaos(answers(reply(200, PICTURE))) as chaos, Chaos(answers(reply(200, PICTURE))) as other:
        error = refused(collect, f"{other.url}/1.png", by=near(chaos))

    assert (error.state, error.rule, other.connections) == ("blocked_address", "scheme", 0)


@pytest.mark.parametrize(("status", "within", "tries"), [(403, YOUNG, 2), (404, YOUNG, 2), (410, 0, 1)])
def test_row_25_collect_gone_may_pass_only_while_the_link_is_young(
    collect: Collect, world: World, status: int, within: float, tries: int
) -> None:
    with ExitStack() as stack:
        (chaos,) = hosts(world, stack, a=answers(reply(status, b"gone")))
        error = refused(collect, "https://a.example/1")

    assert (error.state, error.rule, len(chaos.requests)) == ("expired", f"status_{status}", tries)
    assert (error.may_pass(within - 1), error.may_pass(within)) == (within > 0, False)


def test_row_25_collect_gone_once_is_collected(collect: Collect, world: World) -> None:
    with ExitStack() as stack:
        hosts(world, stack, a=answers(reply(404, b"not yet"), reply(200, PICTURE)))
        assert collect("https://a.example/1") == PICTURE


LATE: dict[str, Behaviour] = {
    "length_too_big": answers(reply(200, PICTURE, length=len(PICTURE) + 1)),
    "reset": resets(reply(200, PICTURE, length=len(PICTURE) * 2)),
    "closed": answers(b""),
    "server_error": answers(reply(503, b"later")),
    "busy": answers(reply(429, b"later")),
    "timed_out": answers(reply(408, b"too slow")),
    "too_early": answers(reply(425, b"early")),
    "not_http": answers(b"hello\r\n\r\n"),
}


@pytest.mark.parametrize("name", LATE)
def test_row_16_collect_after_three_tries_may_pass_while_the_link_lives(
    collect: Collect, world: World, name: str
) -> None:
    with ExitStack() as stack:
        (chaos,) = hosts(world, stack, a=LATE[name])
        error = refused(collect, "https://a.example/1")

    assert (error.state, error.may_pass(86_400), len(chaos.requests)) == ("expired", True, 3)


@pytest.mark.parametrize("status", [429, 503])
def test_row_16_collect_host_that_says_when_is_not_asked_before(
    collect: Collect, world: World, status: int
) -> None:
    with ExitStack() as stack:
        (chaos,) = hosts(world, stack, a=answers(reply(status, b"later", {"Retry-After": "20"})))
        error = refused(collect, "https://a.example/1")

    assert (error.retry_after, error.may_pass(86_400), len(chaos.requests)) == (20, True, 1)


def test_row_16_collect_empty_body_may_come_late(collect: Collect, world: World) -> None:
    with ExitStack() as stack:
        (chaos,) = hosts(world, stack, a=answers(reply(200, b"")))
        error = refused(collect, "https://a.example/1")

    assert (error.state, error.may_pass(YOUNG - 1), error.may_pass(YOUNG)) == ("unusable", True, False)
    assert len(chaos.requests) == 2


def test_collect_whole_picture_of_a_host_that_announced_more_is_taken(
    relay: RelayClient, world: World, tmp_path: Path
) -> None:
    into = tmp_path / "picture"
    with ExitStack() as stack:
        (chaos,) = hosts(world, stack, a=answers(reply(200, PICTURE, length=len(PICTURE) + 1)))
        world.surround(relay).collect(
            Picture(index=0, url="https://a.example/1"),
            spool=tmp_path / "spool",
            into=into,
            is_whole=lambda path: path.read_bytes() == PICTURE,
        )

    assert (into.read_bytes(), len(chaos.requests)) == (PICTURE, 1)


def test_row_16_collect_damaged_twice_is_collected(collect: Collect, world: World) -> None:
    damaged = reply(200, PICTURE[:50], length=len(PICTURE))
    with ExitStack() as stack:
        hosts(world, stack, a=answers(damaged, damaged, reply(200, PICTURE)))
        assert collect("https://a.example/1") == PICTURE


def test_collect_strange_status_could_not_be_fetched_at_once(collect: Collect, world: World) -> None:
    with ExitStack() as stack:
        (chaos,) = hosts(world, stack, a=answers(reply(418, b"tea")))
        error = refused(collect, "https://a.example/1")

    assert (error.state, error.rule, len(chaos.requests)) == ("unfetchable", "status_418", 1)


def test_collect_unknown_name_or_certificate_may_pass(collect: Collect, world: World) -> None:
    world.name("nowhere.example", [])
    with secure(answers(reply(200, PICTURE)), "other.example") as chaos:
        world.serve("a.example", "93.184.216.1", chaos)
        found = [refused(collect, f"https://{host}/1") for host in ("nowhere.example", "a.example")]

    assert [(error.state, error.rule, error.may_pass(86_400)) for error in found] == [
        ("expired", "dns", True),
        ("expired", "certificate", True),
    ]


SLOW: dict[str, Behaviour] = {
    "dripping_body": drips(reply(200, b"P", length=9999), b"P", 0.02),
    "dripping_head": drips(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n", 0.02),
    "silent": hangs,
}


@pytest.mark.parametrize("name", SLOW)
def test_row_24_collect_slow_is_cut_at_the_deadline(
    collect: Collect, relay: RelayClient, world: World, name: str
) -> None:
    relay.pace = replace(relay.pace, whole=0.4)
    start = time.monotonic()

    with ExitStack() as stack:
        hosts(world, stack, a=SLOW[name])
        error = refused(collect, "https://a.example/1")

    assert (error.state, error.rule) == ("too_slow", "deadline")
    assert 0.35 < time.monotonic() - start < 10  # no hang


def test_row_23_collect_endless_body_is_cut_at_forty_megabytes(collect: Collect) -> None:
    chunk = b"%x\r\n" % (1 << 20) + b" " * (1 << 20) + b"\r\n"
    endless = drips(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunk, 0.0)
    with Chaos(endless) as chaos:
        near_relay = near(chaos)
        near_relay.pace = replace(near_relay.pace, whole=10.0)
        before = peak_kib(reset=True)
        error = refused(collect, f"{chaos.url}/1", by=near_relay)

    assert (error.state, error.rule) == ("too_large", "bytes")
    assert peak_kib() - before < 40 * 1024


@pytest.mark.parametrize("length", [40 * 1024 * 1024 + 1, 10**10, 10**18])
def test_row_23_collect_announced_size_over_the_cap_is_refused_at_once(
    collect: Collect, world: World, length: int
) -> None:
    with ExitStack() as stack:
        (chaos,) = hosts(world, stack, a=answers(reply(200, b"x", length=length)))
        error = refused(collect, "https://a.example/1")

    assert (error.state, len(chaos.requests)) == ("too_large", 1)


def test_row_23_collect_without_content_length_ends_with_the_connection(
    collect: Collect, world: World
) -> None:
    with ExitStack() as stack:
        hosts(world, stack, a=answers(reply(200, PICTURE, length=-1)))
        assert collect("https://a.example/1") == PICTURE


def test_t04_collect_more_than_announced_takes_what_was_announced(collect: Collect, world: World) -> None:
    with ExitStack() as stack:
        hosts(world, stack, a=answers(reply(200, PICTURE, length=5)))
        assert collect("https://a.example/1") == PICTURE[:5]


def test_t04_collect_gzip_is_not_unpacked(collect: Collect, world: World) -> None:
    with ExitStack() as stack:
        hosts(world, stack, a=answers(reply(200, b"\x1f\x8bbomb", {"Content-Encoding": "gzip"})))
        assert collect("https://a.example/1") == b"\x1f\x8bbomb"


def test_t04_limits_are_those_of_the_rules() -> None:
    mib = 1024 * 1024

    assert Pace() == Pace(whole=60, tries=3, tries_late=2, redirects=2, limit=40 * mib, pause=0.5)
    assert (CONNECT_LIMIT, HEADER_LIMIT, Network().connect_limit) == (5, 64 * 1024, 5)


def test_collect_full_disk_is_our_own_fault_and_no_picture_error(collect: Collect, tmp_path: Path) -> None:
    (tmp_path / "picture").symlink_to("/dev/full")
    with Chaos(answers(reply(200, PICTURE))) as chaos, pytest.raises(OSError, match="No space"):
        collect(f"{chaos.url}/1", by=near(chaos))
