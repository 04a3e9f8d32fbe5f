"""Links of missing pictures: kept sealed, shown to nobody, fetched by an administrator's hand, forgotten in a week."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db.models.functions import Now

from studio.errors import StudioError, Unavailable
from studio.models import Allowance, AuditEntry, Generation, Image, KeptLink, Relay, SlotState, State
from studio.relays.dialects.base import Picture
from studio.services.drawing import kept_links, late_links
from studio.words import Reason
from tests.factories import make_generation, make_image
from tests.media import naughty
from tests.money import money_of
from tests.relays.chaos import Chaos, answers, reply

SECRET = "https://cdn.example/a.png?X-Amz-Signature=s3cr3t"


def _short(person, model, *, n: int = 1, state: State = State.DONE) -> Generation:
    """A generation whose last picture was lost."""
    row = make_generation(person, model, n=n, state=state)
    why = Reason("short", asked=n, delivered=n - 1, again=False, damage={"expired": 1})
    for _ in range(n - 1):
        make_image(person, model, generation=row)
    row.slots.filter(index=n - 1).update(state=SlotState.EXPIRED)
    Generation.objects.filter(pk=row.pk).update(reason=why.code, reason_values=why.values)
    return Generation.objects.get(pk=row.pk)


def _keep(row: Generation, url: str, state: SlotState = SlotState.EXPIRED) -> KeptLink | None:
    kept_links.keep(generation=row, pictures={row.n - 1: Picture(index=0, url=url)}, states=[state])
    return KeptLink.objects.select_related("generation__owner", "model__relay").first()


@pytest.fixture
def host(model, settings):
    """The relay's own host, opened on purpose, which has the picture again."""
    with Chaos(answers(reply(200, naughty.png()))) as chaos:
        settings.RELAY_PRIVATE_ALLOW = frozenset({chaos.spot})
        Relay.objects.filter(pk=model.relay_id).update(base_url=f"{chaos.url}/v1")
        model.relay.refresh_from_db()
        yield chaos


def test_keep_seals_the_whole_link_and_names_its_host_alone(bob, model):
    link = _keep(_short(bob, model), SECRET)

    assert (link.url, link.host) == (SECRET, "cdn.example")
    assert "s3cr3t" not in f"{link.sealed_url} {link}"


def test_keep_twice_keeps_the_newer_one(bob, model):
    row = _short(bob, model)
    _keep(row, SECRET)

    link = _keep(row, "https://cdn.example/b.png")

    assert (KeptLink.objects.count(), link.url) == (1, "https://cdn.example/b.png")


@pytest.mark.parametrize(
    "state", [SlotState.SAVED, SlotState.BLOCKED_ADDRESS, SlotState.TOO_LARGE, SlotState.GIF]
)
def test_keep_what_a_fetch_by_hand_would_not_bring_is_not_kept(bob, model, state: SlotState):
    assert _keep(_short(bob, model), SECRET, state) is None


def test_link_whose_key_is_gone_cannot_be_read(bob, model, settings):
    link = _keep(_short(bob, model), SECRET)
    settings.FIELD_KEYS = ["MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="]

    with pytest.raises(Unavailable):
        _ = link.url


def test_fetch_fills_the_place_counts_the_picture_and_is_audited(alice, bob, model, host):
    link = _keep(_short(bob, model, n=2), f"{host.url}/a.png")

    image = late_links.fetch(link=link, administrator=alice)

    row = Generation.objects.get()
    with default_storage.open(image.key) as file:
        assert file.read() == naughty.png()
    assert list(row.slots.values_list("state", flat=True)) == ["saved", "saved"]
    assert (row.state, money_of(row), str(row.why)) == (State.DONE, (0, 2, 0), "")
    assert Allowance.objects.get(person=bob).spent == 2
    entry = AuditEntry.objects.get(action="link.fetched")
    assert (entry.actor, entry.subject, entry.detail) == (
        alice, str(row.pk), {"index": 1, "host": "127.0.0.1", "outcome": "saved"},
    )  # fmt: skip
    assert not KeptLink.objects.exists()
    assert b"authorization" not in host.requests[0].lower()


def _set_aside(person, model) -> Image:
    """A picture that could not be developed, and whose place counts as empty."""
    old = make_image(person, model, generation=_short(person, model), unusable=True)
    old.generation.slots.update(state=SlotState.EXPIRED)
    return old


@pytest.mark.django_db(transaction=True)
def test_fetch_in_the_place_of_what_was_set_aside_deletes_that(alice, bob, model, host):
    old = _set_aside(bob, model)
    link = _keep(old.generation, f"{host.url}/a.png")

    image = late_links.fetch(link=link, administrator=alice)

    assert (default_storage.exists(old.key), default_storage.exists(image.key)) == (False, True)


@pytest.mark.django_db(transaction=True)
def test_fetch_keeps_what_it_replaces_while_a_power_failure_may_bring_its_row_back(
    alice, bob, model, host, break_disk
):
    old = _set_aside(bob, model)
    link = _keep(old.generation, f"{host.url}/a.png")
    break_disk()

    with pytest.raises(OSError, match="no disk"):
        late_links.fetch(link=link, administrator=alice)

    assert default_storage.exists(old.key)


def test_fetch_of_a_picture_that_was_presumed_spent_costs_nothing_more(alice, bob, model, host):
    link = _keep(_short(bob, model, state=State.BROKEN), f"{host.url}/a.png")

    late_links.fetch(link=link, administrator=alice)

    row = Generation.objects.get()
    assert (row.state, money_of(row)) == (State.DONE, (0, 1, 0))
    assert Allowance.objects.get(person=bob).spent == 1


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (reply(403, b"expired"), "127.0.0.1 no longer gives the picture (403)."),
        (reply(200, b"<html>"), "127.0.0.1 answered with something that is no picture the studio keeps."),
        (reply(200, naughty.png()[:40], length=999), "127.0.0.1 broke off before the picture was whole."),
    ],
)
def test_fetch_that_brings_nothing_says_why_and_keeps_the_link(
    alice, bob, model, host, body, sentence, settings
):
    host.behaviour = answers(body)
    link = _keep(_short(bob, model), f"{host.url}/a.png")

    with pytest.raises(StudioError) as caught:
        late_links.fetch(link=link, administrator=alice)

    assert caught.value.sentence == sentence
    assert (KeptLink.objects.count(), Image.objects.count()) == (1, 0)
    assert AuditEntry.objects.get(action="link.fetched").detail["outcome"] == caught.value.code
    assert list(Path(settings.SPOOL_DIR).glob("link-*")) == []


def test_fetch_never_reaches_a_forbidden_address(alice, bob, model):
    link = _keep(_short(bob, model), "https://169.254.169.254/latest")

    with pytest.raises(StudioError, match="could not be asked"):
        late_links.fetch(link=link, administrator=alice)


@pytest.mark.parametrize("fields", [{"state": State.QUEUED}, {"state": State.SENT}])
def test_fetch_while_the_run_is_worked_on_changes_nothing(alice, bob, model, host, fields):
    link = _keep(_short(bob, model), f"{host.url}/a.png")
    Generation.objects.update(**fields)

    with pytest.raises(StudioError) as caught:
        late_links.fetch(link=link, administrator=alice)

    assert (caught.value.code, Image.objects.count(), money_of(Generation.objects.get()).spent) == (
        "link_overtaken",
        0,
        0,
    )


def test_of_relay_leaves_out_what_has_been_saved_meanwhile(bob, model):
    row = _short(bob, model)
    _keep(row, SECRET)
    before = [link.state for link in KeptLink.objects.of_relay(model.relay)]

    row.slots.update(state=SlotState.SAVED)

    assert (before, list(KeptLink.objects.of_relay(model.relay))) == (["expired"], [])


def test_forget_deletes_what_is_a_week_old(bob, model):
    _keep(_short(bob, model), SECRET)
    KeptLink.objects.update(kept_at=Now() - timedelta(days=6, hours=23))
    kept = kept_links.forget()

    KeptLink.objects.update(kept_at=Now() - timedelta(days=7, minutes=1))

    assert (kept, kept_links.forget(), KeptLink.objects.count()) == (0, 1, 0)


def test_fetch_of_a_place_that_was_filled_meanwhile_leaves_its_picture_alone(alice, bob, model, host):
    row = _short(bob, model)
    link = _keep(row, f"{host.url}/a.png")
    image = make_image(bob, model, generation=row, content=b"drawn and paid for by a retry")

    with pytest.raises(StudioError, match="saved meanwhile") as caught:
        late_links.fetch(link=link, administrator=alice)

    assert caught.value.code == "link_overtaken"
    with default_storage.open(image.key) as file:
        assert file.read() == b"drawn and paid for by a retry"
