"""Keeping the pictures of an answer: what is stored, what waits, and what a worker that was overtaken may do."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image as Canvas

from studio.media.inspect import PictureFacts
from studio.models import Generation, Image, SlotState, State
from studio.relays.dialects.base import Picture, PictureError
from studio.services.drawing import claims, keeping, rows
from tests.factories import make_generation, make_image

pytestmark = pytest.mark.django_db


def _png(size: tuple[int, int] = (640, 480)) -> bytes:
    file = BytesIO()
    Canvas.new("RGB", size, "#336699").save(file, "PNG")
    return file.getvalue()


def test_commit_of_a_slot_that_was_set_aside_shows_the_new_picture(bob, model):
    old = make_image(bob, model, unusable=True)
    facts = PictureFacts("PNG", "image/png", "png", 5, 4, 3, "s" * 64)

    rows.commit(old.generation, 0, old.key, facts, Picture(index=0, revised_prompt="a"))

    row = Image.objects.get()
    assert (row.width, row.height, row.byte_size, row.unusable, row.developed_at) == (5, 4, 3, False, None)
    assert old.generation.slots.get().state == SlotState.SAVED


def test_commit_of_a_slot_that_was_set_aside_was_saved_now(bob, model):
    old = make_image(bob, model, unusable=True, saved_at=timezone.now() - timedelta(days=1))
    facts = PictureFacts("PNG", "image/png", "png", 5, 4, 3, "s" * 64)

    rows.commit(old.generation, 0, old.key, facts, Picture(index=0, url="https://a.example/x"))

    row = Image.objects.get()
    assert timezone.now() - row.saved_at < timedelta(minutes=1)
    assert row.link_dies_at - row.saved_at > timedelta(minutes=59)


def _retried(old: Image) -> str:
    """Commit a retry that came in another type; return its key."""
    row = old.generation
    Generation.objects.filter(pk=row.pk).update(round=2)
    row.refresh_from_db()
    new = f"{old.key.rpartition('.')[0]}.webp"
    default_storage.save(new, ContentFile(b"webp"))
    rows.commit(row, 0, new, PictureFacts("WEBP", "image/webp", "webp", 5, 4, 3, "s" * 64), Picture(index=0))
    return new


@pytest.mark.django_db(transaction=True)
def test_commit_of_a_retry_in_another_type_leaves_no_object_behind(bob, model):
    old = make_image(bob, model, unusable=True)

    new = _retried(old)

    assert (Image.objects.get().key, default_storage.exists(old.key), default_storage.exists(new)) == (
        new,
        False,
        True,
    )


@pytest.mark.django_db(transaction=True)
def test_commit_keeps_the_object_it_replaces_while_a_power_failure_may_bring_its_row_back(
    bob, model, break_disk
):
    old = make_image(bob, model, unusable=True)
    break_disk()

    with pytest.raises(OSError, match="no disk"):
        _retried(old)

    assert default_storage.exists(old.key)


def test_keep_skips_what_is_saved(bob, model, tmp_path):
    row = make_generation(bob, model, state=State.RECEIVED)
    row.slots.update(state=SlotState.SAVED)

    states = keeping.keep(
        generation=row, relay=None, spool=tmp_path / "s", pictures={0: Picture(index=0, url="x")}
    ).states

    assert states == {0: SlotState.SAVED}


class Strange:
    """A relay that fails in a way nobody has thought of, at its first picture."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def collect(self, picture: Picture, *, spool: Path, into: Path, is_whole: object) -> None:
        if picture.index == 0:
            raise self.error
        into.write_bytes(_png())


def test_keep_picture_that_fails_in_a_strange_way_is_unusable_and_the_next_is_kept(bob, model, tmp_path):
    row = make_generation(bob, model, n=2, state=State.RECEIVED)
    pictures = {index: Picture(index=index, url="x") for index in range(2)}

    states = keeping.keep(
        generation=row, relay=Strange(ZeroDivisionError()), spool=tmp_path / "s", pictures=pictures
    ).states

    assert states == {0: SlotState.UNUSABLE, 1: SlotState.SAVED}


def test_keep_disk_that_fails_says_nothing_of_the_picture(bob, model, tmp_path):
    row = make_generation(bob, model, state=State.RECEIVED)

    with pytest.raises(OSError, match="No space"):
        keeping.keep(
            generation=row,
            relay=Strange(OSError("No space")),
            spool=tmp_path / "s",
            pictures={0: Picture(index=0, url="x")},
        )

    assert row.slots.get().state == SlotState.WAITING


class Links:
    """A relay whose pictures lie behind links; each fetch is one of these outcomes, the last one for ever."""

    def __init__(self, *outcomes: bytes | Exception) -> None:
        self.outcomes = list(outcomes)
        self.fetched = 0

    def collect(self, picture: Picture, *, spool: Path, into: Path, is_whole: object) -> None:
        self.fetched += 1
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        into.write_bytes(outcome)


LATE = PictureError("expired", rule="dns", host="cdn.example", passes_within=float("inf"))
YOUNG = PictureError("expired", rule="status_404", host="cdn.example", passes_within=300)
LINK = "https://cdn.example/a.png"


def _keep(row: Generation, relay: Links, url: str = LINK, **facts) -> keeping.Kept:
    spool = Path(settings.SPOOL_DIR) / f"{row.pk}-1.spool"
    pictures = {0: Picture(index=0, url=url, **facts)}
    kept = keeping.keep(generation=row, relay=relay, spool=spool, pictures=pictures)  # type: ignore[arg-type]
    kept.write()
    keeping.finish(row, kept)
    return kept


def _aged(row: Generation, **ago: float) -> Generation:
    Generation.objects.filter(pk=row.pk).update(received_at=timezone.now() - timedelta(**ago))
    row.refresh_from_db()
    return row


def test_row_16_picture_that_cannot_be_fetched_now_waits_while_its_link_lives(bob, model):
    row = _aged(make_generation(bob, model, state=State.RECEIVED), minutes=59)

    kept = _keep(row, Links(LATE))

    assert (kept.states, row.slots.get().state) == ({0: SlotState.PENDING_FETCH}, "pending_fetch")
    assert (kept.waiting, 50 < kept.pause < 60) == (1, True)  # once more, just before it dies
    assert abs(kept.until - row.received_at - timedelta(hours=1)) < timedelta(seconds=1)


@pytest.mark.parametrize(
    ("ago", "error"), [({"minutes": 61}, LATE), ({"seconds": 301}, YOUNG)], ids=["dead", "not young any more"]
)
def test_row_16_picture_whose_link_is_dead_is_given_up(bob, model, ago: dict[str, float], error):
    row = _aged(make_generation(bob, model, state=State.RECEIVED), **ago)

    kept = _keep(row, Links(error))

    assert (kept.states, kept.waiting) == ({0: SlotState.EXPIRED}, 0)


def test_row_16_pauses_grow_with_the_age_of_the_link_and_keep_what_its_host_asks(bob, model):
    row = make_generation(bob, model, state=State.RECEIVED)
    asks = PictureError("expired", rule="status_429", passes_within=float("inf"), retry_after=90.0)

    pauses = [_keep(_aged(row, seconds=age), Links(LATE)).pause for age in (0, 60, 1800)]
    asked = _keep(_aged(row, seconds=0), Links(asks)).pause

    assert ([round(pause) for pause in pauses], asked) == ([5, 20, 600], 90)


SIGNED = f"{LINK}?X-Amz-Date={{:%Y%m%dT%H%M%SZ}}&X-Amz-Expires=120"


@pytest.mark.parametrize("by", ["link", "answer", "model"])
def test_row_16_death_of_a_link_is_its_own_or_its_answers_or_its_models(bob, model, by: str):
    model.link_minutes = 2 if by == "model" else 60
    model.save()
    now = timezone.now()
    url = SIGNED.format(now) if by == "link" else LINK
    facts = {"dies_at": now + timedelta(minutes=2)} if by == "answer" else {}
    row = Generation.objects.select_related("model").get(
        pk=_aged(make_generation(bob, model, state=State.RECEIVED), seconds=0).pk
    )

    kept = _keep(row, Links(LATE), url, **facts)

    assert abs(kept.until - now - timedelta(minutes=2)) < timedelta(seconds=30)


def test_row_16_picture_that_comes_whole_and_damaged_is_asked_for_three_times(bob, model, monkeypatch):
    monkeypatch.setattr(keeping, "DAMAGED_PAUSE", 0)
    row = make_generation(bob, model, n=1, state=State.RECEIVED)
    relay, late = Links(_png()[:200]), Links(_png()[:200], _png()[:200], _png())

    assert (_keep(row, relay).states, relay.fetched) == ({0: SlotState.UNUSABLE}, 3)
    other = make_generation(bob, model, n=1, state=State.RECEIVED)
    assert (_keep(other, late).states, late.fetched) == ({0: SlotState.SAVED}, 3)


def test_row_34_picture_that_was_fetched_is_kept_while_storage_is_away_and_used_before_its_link(
    bob, model, tmp_path
):
    row, relay = make_generation(bob, model, state=State.RECEIVED), Links(_png(), LATE)
    (tmp_path / "media").write_text("in the way")

    away = _keep(row, relay)
    (tmp_path / "media").unlink()
    back = _keep(_aged(row, hours=2), relay)  # the link is long dead

    assert (away.states, away.pause, back.states) == (
        {0: SlotState.PENDING_STORAGE},
        keeping.STORAGE_PAUSE,
        {0: SlotState.SAVED},
    )
    assert relay.fetched == 1
    with default_storage.open(row.images.get().key) as file:
        assert file.read() == _png()
    assert list(Path(settings.SPOOL_DIR).iterdir()) == []


def test_row_34_draft_that_a_power_failure_cut_is_fetched_anew(bob, model):
    row, relay = make_generation(bob, model, state=State.RECEIVED), Links(_png())
    (Path(settings.SPOOL_DIR) / f"{row.pk}-1-0.draft").write_bytes(_png()[:99])

    assert (_keep(row, relay).states, relay.fetched) == ({0: SlotState.SAVED}, 1)


def _overtaken(row: Generation) -> None:
    """Another worker takes the row over, in the same process even."""
    Generation.objects.filter(pk=row.pk).update(claim="another")


@pytest.mark.parametrize(
    "outcome",
    [_png(), _png()[:200], LATE, PictureError("unfetchable", rule="url")],
    ids=lambda each: type(each),
)
def test_row_46_worker_that_was_overtaken_writes_nothing(bob, model, monkeypatch, outcome):
    monkeypatch.setattr(keeping, "DAMAGED_PAUSE", 0)
    row = make_generation(bob, model, state=State.RECEIVED, claimed_by="me", claim="mine")
    _overtaken(row)
    row.slots.update(state=SlotState.SAVED, round=1)
    stale = Generation.objects.get(pk=row.pk)
    stale.claim = "mine"
    monkeypatch.setattr(
        keeping, "_slots", lambda generation: {0: SlotState.WAITING}
    )  # as it was when it stalled

    with pytest.raises(rows.Overtaken):
        _keep(stale, Links(outcome))

    assert (row.slots.get().state, row.images.count()) == ("saved", 0)
    assert Generation.objects.get(pk=row.pk).version == row.version


def test_row_46_two_claims_write_into_files_of_their_own(bob, model):
    row = make_generation(bob, model, state=State.RECEIVED)
    jobs = []
    for claim in ("a", "b"):
        row.claim = claim
        jobs.append(keeping.Job(row, None, Path(f"{row.pk}-1.spool")).part(0))  # type: ignore[arg-type]

    assert jobs == [Path(f"{row.pk}-1-0-a.part"), Path(f"{row.pk}-1-0-b.part")]


def test_claim_is_drawn_anew_each_time(bob, model):
    row = make_generation(bob, model)
    first = claims.claim_next("worker")
    Generation.objects.filter(pk=row.pk).update(state=State.QUEUED, claimed_by="")
    second = claims.claim_next("worker")

    assert first.claim != second.claim
    assert (Generation.objects.known(first).exists(), Generation.objects.known(second).exists()) == (
        False,
        True,
    )


def test_row_46_worker_that_was_overtaken_leaves_the_stored_picture_alone(bob, model):
    old = make_generation(bob, model, state=State.RECEIVED, claimed_by="old")

    class Stalled(Links):
        def collect(self, *place: object, into: Path, **named: object) -> None:
            super().collect(*place, into=into, **named)
            Generation.objects.filter(pk=old.pk).update(claimed_by="new", claim="b" * 32)
            _keep(Generation.objects.get(), Links(_png((8, 8))))

    with pytest.raises(rows.Overtaken):
        _keep(old, Stalled(_png()))

    with default_storage.open(Image.objects.get().key) as file:
        assert file.read() == _png((8, 8))


def test_keep_place_that_has_ended_is_not_fetched_again_while_another_waits(bob, model):
    row = make_generation(bob, model, state=State.RECEIVED)
    refused = Links(PictureError("blocked_address", rule="metadata", host="cdn.example"))
    _keep(row, refused)

    kept = _keep(row, refused)

    assert (kept.states, refused.fetched) == ({0: SlotState.BLOCKED_ADDRESS}, 1)
