"""The relay's page lists missing pictures without their links; an administrator fetches one by hand."""

import pytest

from studio.models import Image, KeptLink, Relay, SlotState
from studio.relays.dialects.base import Picture
from studio.services.drawing import kept_links
from tests.factories import make_generation
from tests.media import naughty
from tests.relays.chaos import Chaos, answers, reply


@pytest.fixture
def lost(bob, model, settings):
    """A picture whose host answers again."""
    with Chaos(answers(reply(200, naughty.png()))) as chaos:
        settings.RELAY_PRIVATE_ALLOW = frozenset({chaos.spot})
        Relay.objects.filter(pk=model.relay_id).update(base_url=f"{chaos.url}/v1")
        row = make_generation(bob, model, state="failed")
        row.slots.update(state=SlotState.EXPIRED)
        picture = Picture(index=0, url=f"{chaos.url}/a.png?signature=s3cr3t")
        kept_links.keep(generation=row, pictures={0: picture}, states=[SlotState.EXPIRED])
        yield KeptLink.objects.get()


def test_detail_lists_the_missing_picture_and_never_its_link(as_alice, model, lost):
    text = as_alice.get(f"/administration/relays/{model.relay_id}/").text

    assert "Picture 1 of 1 for Bob: removed by the relay before it could be saved" in text
    assert f'action="/administration/links/{lost.pk}/attempt/"' in text
    assert "s3cr3t" not in text


def test_attempt_gives_the_picture_to_its_person_and_says_so(as_alice, bob, model, lost):
    response = as_alice.post(f"/administration/links/{lost.pk}/attempt/", follow=True)

    assert response.redirect_chain == [(f"/administration/relays/{model.relay_id}/#links", 303)]
    assert "The picture is Bob’s now, in its place." in response.text
    assert Image.objects.get().owner == bob
    assert "Pictures that could not be fetched" not in response.text


def test_attempt_that_fails_says_why(as_alice, lost, settings):
    settings.RELAY_PRIVATE_ALLOW = frozenset()

    response = as_alice.post(f"/administration/links/{lost.pk}/attempt/", follow=True)

    assert "127.0.0.1 could not be asked for the picture." in response.text
