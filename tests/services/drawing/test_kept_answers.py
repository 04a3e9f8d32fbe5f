"""Answers that were paid for and could not be used: kept, read again without asking the relay, handed out (row 15)."""

import base64
import json
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from studio.errors import StudioError
from studio.media import inspect
from studio.media.inspect import PictureFacts
from studio.models import Allowance, AuditEntry, Generation, Image, RelayRequest, SlotState, State
from studio.models.relay_requests import spool_name
from studio.services.drawing import kept_answers
from studio.words import Reason
from tests.factories import make_generation, make_image
from tests.media import naughty
from tests.money import money_of

pytestmark = pytest.mark.django_db


def answered(person, model, *, body: bytes, n: int = 2, saved: int = 0) -> RelayRequest:
    """A run that ended short, and the file of the answer it ended with."""
    state = State.DONE if saved else State.BROKEN
    row = make_generation(person, model, n=n, state=state)
    for _ in range(saved):
        make_image(person, model, generation=row)
    row.slots.exclude(state=SlotState.SAVED).update(state=SlotState.UNUSABLE)
    why = Reason("unreadable")
    Generation.objects.filter(pk=row.pk).update(reason=why.code, reason_values=why.values, attempts=1)
    relay_request = RelayRequest.objects.create(
        generation=Generation.objects.get(pk=row.pk), model=model, attempt=1, slots=list(range(n)), status=200
    )
    spool(relay_request).write_bytes(b'{"status": 200, "headers": {}}\n' + body)
    return relay_request


def spool(relay_request: RelayRequest) -> Path:
    folder = kept_answers.settings.SPOOL_DIR
    folder.mkdir(parents=True, exist_ok=True)
    return folder / spool_name(relay_request.generation_id, relay_request.attempt)


def pictures(*contents: bytes) -> bytes:
    return json.dumps({"data": [{"b64_json": base64.b64encode(each).decode()} for each in contents]}).encode()


def money(person) -> tuple[int, int, int]:
    row = Generation.objects.get()
    return Allowance.objects.get(person=person).spent, *money_of(row)[1:]


def test_row_15_read_again_keeps_the_pictures_and_counts_what_was_presumed(alice, bob, model):
    relay_request = answered(bob, model, body=pictures(naughty.png(), naughty.jpeg()))

    assert kept_answers.read_again(relay_request=relay_request, administrator=alice) == 2

    row = Generation.objects.get()
    assert (row.state, str(row.why), money(bob)) == (State.DONE, "", (2, 2, 0))
    assert [image.media_type for image in Image.objects.order_by("index")] == ["image/png", "image/jpeg"]
    with default_storage.open(Image.objects.get(index=0).key) as file:
        assert file.read() == naughty.png()
    assert AuditEntry.objects.get(action="answer.read_again").actor == alice
    assert RelayRequest.objects.count() == 1


def test_row_15_read_again_that_brings_fewer_gives_the_rest_back(alice, bob, model):
    relay_request = answered(bob, model, body=pictures(naughty.png()))

    assert kept_answers.read_again(relay_request=relay_request, administrator=alice) == 1

    assert money(bob) == (1, 1, 0)
    assert str(Generation.objects.get().why).startswith("1 of 2 images saved.")


def test_row_15_read_again_keeps_what_is_there(alice, bob, model):
    relay_request = answered(bob, model, body=pictures(naughty.jpeg(), naughty.png()), saved=1)
    before = Image.objects.get().sha256

    assert kept_answers.read_again(relay_request=relay_request, administrator=alice) == 1

    assert Image.objects.get(index=0).sha256 == before
    assert money(bob) == (2, 2, 0)
    with pytest.raises(StudioError, match="Nothing can be read"):
        kept_answers.read_again(relay_request=relay_request, administrator=alice)


@pytest.mark.parametrize(
    "body", [b"<html>", b'{"data": ', b'{"error": {"message": "busy"}}', b'{"data": []}']
)
def test_row_15_read_again_what_still_cannot_be_read_changes_nothing(alice, bob, model, body):
    relay_request = answered(bob, model, body=body)
    before = Generation.objects.values().get()

    with pytest.raises(StudioError, match="still cannot be read"):
        kept_answers.read_again(relay_request=relay_request, administrator=alice)

    assert Generation.objects.values().get() == before
    assert spool(relay_request).exists()


def test_row_15_read_again_a_damaged_picture_leaves_its_place_empty(alice, bob, model):
    relay_request = answered(bob, model, body=pictures(naughty.png()[:60], naughty.png()))

    assert kept_answers.read_again(relay_request=relay_request, administrator=alice) == 1

    assert list(Image.objects.values_list("index", flat=True)) == [1]
    assert list(spool(relay_request).parent.glob("*.draft")) == []


def test_row_15_read_again_while_the_run_goes_on_is_refused(alice, bob, model):
    relay_request = answered(bob, model, body=pictures(naughty.png()))
    Generation.objects.update(state=State.QUEUED)
    relay_request.refresh_from_db()

    with pytest.raises(StudioError, match="Nothing can be read"):
        kept_answers.read_again(relay_request=relay_request, administrator=alice)


def test_row_15_file_that_is_not_here_is_said(alice, bob, model):
    relay_request = answered(bob, model, body=b"x")
    spool(relay_request).unlink()

    for act in (kept_answers.read_again, kept_answers.open_file):
        with pytest.raises(StudioError, match="not on this machine"):
            act(relay_request=relay_request, administrator=alice)


def test_row_15_open_file_of_an_answer_that_broke_off_is_what_came_and_audited(alice, bob, model):
    relay_request = answered(bob, model, body=b"half")
    spool(relay_request).rename(spool(relay_request).with_suffix(".part"))

    path = kept_answers.open_file(relay_request=relay_request, administrator=alice)

    assert path.read_bytes().endswith(b"half")
    assert not kept_answers.can_be_read(relay_request)
    assert AuditEntry.objects.get(action="answer.downloaded").detail == {"request": str(relay_request.pk)}


def test_row_15_read_again_beside_a_retry_leaves_the_picture_of_the_retry_alone(
    alice, bob, model, monkeypatch
):
    relay_request = answered(bob, model, body=pictures(naughty.png()), n=1)
    saved = []

    def look(path: Path) -> PictureFacts:
        saved.append(make_image(bob, model, generation=relay_request.generation, content=b"of the retry"))
        return inspect.look(path)

    monkeypatch.setattr(kept_answers, "look", look)

    assert kept_answers.read_again(relay_request=relay_request, administrator=alice) == 0

    with default_storage.open(saved[0].key) as file:
        assert file.read() == b"of the retry"


@pytest.mark.parametrize("state", [State.FAILED, State.REFUSED, State.CANCELLED])
def test_row_15_read_again_after_a_retry_that_brought_nothing(alice, bob, model, state):
    relay_request = answered(bob, model, body=pictures(naughty.png(), naughty.jpeg()))
    RelayRequest.objects.update(outcome="bad_answer")
    Generation.objects.update(state=state)
    relay_request.refresh_from_db()

    assert kept_answers.read_again(relay_request=relay_request, administrator=alice) == 2

    row = Generation.objects.get()
    assert (row.state, str(row.why), money(bob)) == (State.DONE, "", (2, 2, 0))
