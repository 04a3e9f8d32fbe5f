"""Tickets carry our signature: whoever can write to the queue alone makes no worker do anything (SAFETY §5)."""

import os
import pickle
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from huey.api import Huey
from huey.utils import load_class
from redis import Redis
from redis.exceptions import RedisError

from config.backends import huey
from config.tickets import ForgedTicket
from tests.servers import Server, free_ports

PAST = datetime.now(UTC).replace(tzinfo=None) - timedelta(minutes=1)


class RedisServer(Server):
    """A Redis of this machine, if it has one, with nothing on the disk."""

    def start(self) -> None:
        port = free_ports(1)[0]
        self.url = f"redis://127.0.0.1:{port}/0"
        self.launch(["redis-server", "--port", str(port), "--save", "", "--bind", "127.0.0.1"])
        self.wait_until(lambda: Redis.from_url(self.url).ping(), refusals=(RedisError,))


class Payload:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return subprocess.call, (["touch", str(self.path)],)


@pytest.fixture(params=["sqlite", "postgresql", "redis"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where tickets wait, one kind after the other."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'tasks.sqlite3'}"
    elif request.param == "postgresql":
        if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
            pytest.skip("this run has no PostgreSQL")
        yield os.environ["DATABASE_URL"]
    elif shutil.which("redis-server"):
        with RedisServer() as server:
            yield server.url
    else:
        pytest.skip("this machine has no Redis")


@pytest.fixture
def engine(url: str) -> Iterator[Huey]:
    config = huey(url, grace=1, secret=settings.SECRET_KEY)
    made = load_class(config.pop("huey_class"))
    config.pop("consumer")
    engine = made(config.pop("name"), **config)
    engine.flush()
    yield engine
    engine.flush()
    engine.storage.close()


@pytest.fixture
def forged(tmp_path: Path) -> bytes:
    return pickle.dumps(Payload(tmp_path / "owned"))


def test_ticket_of_ours_comes_back_as_it_was(engine):
    add = engine.task(name="add")(lambda a, b: a + b)

    result = add(2, 3)
    engine.execute(engine.dequeue())

    assert result.get() == 5


def test_forged_ticket_is_refused_logged_and_gone(engine, forged, tmp_path, refusals):
    engine.storage.enqueue(forged)

    with pytest.raises(ForgedTicket):
        engine.dequeue()

    assert not (tmp_path / "owned").exists()
    assert [(line["event"], line["bytes"]) for line in refusals] == [("security.ticket_forged", len(forged))]
    assert engine.pending_count() == 0


def test_forged_ticket_for_later_holds_up_no_other(engine, forged, tmp_path, refusals):
    add = engine.task(name="add")(lambda a, b: a + b)
    engine.storage.add_to_schedule(forged, PAST)
    engine.add_schedule(add.s(2, 3, eta=PAST))

    due = engine.read_schedule()

    assert [task.args for task in due] == [(2, 3)]
    assert not (tmp_path / "owned").exists()
    assert [line["event"] for line in refusals] == ["security.ticket_forged"]


def test_forged_result_is_refused(engine, forged, tmp_path):
    engine.storage.put_data("result", forged, is_result=True)

    with pytest.raises(ForgedTicket):
        engine.get("result")

    assert not (tmp_path / "owned").exists()


def test_ticket_of_another_installation_is_refused(engine, url):
    other = huey(url, grace=1, secret="another")["serializer"]
    engine.storage.enqueue(other.serialize("a ticket"))

    with pytest.raises(ForgedTicket):
        engine.dequeue()


def test_ticket_that_was_changed_on_the_way_is_refused(engine):
    signed = bytearray(engine.serializer.serialize("a ticket"))
    signed[-3] ^= 1

    with pytest.raises(ForgedTicket):
        engine.serializer.deserialize(bytes(signed))
