"""Relays leave: what was never asked is deleted, everything else goes into the archive and comes back."""

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from studio.errors import Conflict, StudioError
from studio.models import AuditEntry, ImageModel, Relay, RelayRequest
from studio.services.relays import defaults, edit, removal
from tests.factories import make_generation

pytestmark = pytest.mark.django_db

KEY = "sk-0123456789abcd"
FACTS = {"dialect": "openai", "base_url": "https://1.1.1.1/v1"}


def make_relay(alice, name: str = "Atelier") -> Relay:
    relay = edit.add(administrator=alice, name=name, api_key=KEY, **FACTS)
    edit.add_model(relay=relay, model_id="flux", accepts={})
    return relay


@pytest.fixture
def atelier(alice) -> Relay:
    return make_relay(alice)


def last_action() -> str:
    return AuditEntry.objects.order_by("-pk").values_list("action", flat=True)[0]


def test_delete_removes_a_relay_that_was_never_asked_with_its_key_and_models(alice, atelier):
    removal.delete(relay=atelier, administrator=alice)

    assert (Relay.objects.count(), ImageModel.objects.count()) == (0, 0)
    entry = AuditEntry.objects.order_by("-pk")[0]
    assert (entry.action, entry.subject) == ("relay.deleted", str(atelier.pk))
    assert entry.detail == {"before": {"name": "Atelier", **FACTS}}


def test_delete_leaves_models_for_which_one_of_its_own_stood_in(alice, atelier):
    other = edit.add_model(relay=make_relay(alice, "Other"), model_id="other", accepts={})
    edit.edit_model(model=other, administrator=alice, stand_in=atelier.models.get())

    removal.delete(relay=atelier, administrator=alice)

    assert ImageModel.objects.get(pk=other.pk).stand_in is None


@pytest.mark.parametrize("how", ["drew", "stood in", "was asked"])
def test_delete_of_one_that_was_asked_is_refused(alice, bob, atelier, model, how):
    flux = atelier.models.get()
    if how == "was asked":
        RelayRequest.objects.create(generation=make_generation(bob, model), model=flux, attempt=1, slots=[0])
    else:
        make_generation(bob, flux if how == "drew" else model, via=flux if how == "stood in" else None)

    with pytest.raises(Conflict, match=r"^Atelier was asked for pictures before\. It can be archived"):
        removal.delete(relay=atelier, administrator=alice)

    assert Relay.objects.filter(pk=atelier.pk).exists()
    assert last_action() != "relay.deleted"


def test_archive_hides_the_relay_and_its_models_and_keeps_what_it_drew(alice, bob, atelier):
    drawn = make_generation(bob, atelier.models.get())

    done = [removal.archive(relay=atelier, administrator=alice) for _ in range(2)]

    drawn.refresh_from_db()
    assert done == [True, False]
    assert not ImageModel.objects.offered().exists()
    assert list(Relay.objects.in_use()) == []
    assert drawn.model.relay == atelier
    assert Relay.objects.get().api_key == KEY
    assert last_action() == "relay.archived"


def test_restore_offers_its_models_again_behind_the_others(alice, atelier):
    removal.archive(relay=atelier, administrator=alice)
    other = make_relay(alice, "Other")

    done = [removal.restore(relay=atelier, administrator=alice) for _ in range(2)]

    assert done == [True, False]
    assert list(Relay.objects.in_use()) == [other, atelier]
    assert ImageModel.objects.offered().count() == 2
    assert last_action() == "relay.restored"


def test_archived_relay_is_neither_edited_nor_moved(alice, atelier):
    removal.archive(relay=atelier, administrator=alice)
    facts = FACTS | {"name": "Atelier", "enabled": True, "at_once": None, "per_minute": None, "retries": True}

    with pytest.raises(StudioError, match=r"^Atelier is in the archive\. Restore it first\.$"):
        edit.edit(relay=atelier, administrator=alice, api_key=None, **facts)
    assert not edit.move(relay=atelier, administrator=alice, step=1)


def test_archived_relay_cannot_be_on(alice, atelier):
    with pytest.raises(IntegrityError, match="relay_archived_is_off"), transaction.atomic():
        Relay.objects.update(archived_at=Now())


@pytest.mark.parametrize("act", [removal.delete, removal.archive, removal.restore])
def test_sandbox_stays(alice, model, act):
    with pytest.raises(Conflict, match="The studio sets up its sandbox by itself"):
        act(relay=model.relay, administrator=alice)


def test_archived_relay_of_a_key_in_the_environment_is_not_made_again(alice, settings):
    settings.SANDBOX = False
    settings.RELAY_KEYS = {"openai": KEY}
    defaults.ensure()
    removal.archive(relay=Relay.objects.get(), administrator=alice)

    defaults.ensure()

    assert list(Relay.objects.values_list("name", "enabled")) == [("OpenAI", False)]
