"""The pages of webhooks: who sees which, the secret once, what was answered, and sending again."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from studio.models import Delivery, DeliveryState, Webhook, WhyOff
from studio.services.webhooks import deliveries, edit, events
from tests.receiver import Receiver

pytestmark = pytest.mark.django_db

INDEX, TEAM = "/account/programs/webhooks/", "/administration/webhooks/"


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    with Receiver() as one:
        settings.WEBHOOK_PRIVATE_ALLOW = frozenset({one.spot})
        yield one


@pytest.fixture
def hook(receiver, bob) -> Webhook:
    return edit.add(person=bob, url=receiver.url, kinds=["generation.completed"])[0]


@pytest.fixture
def team_hook(receiver, alice) -> Webhook:
    return edit.add(person=alice, url=receiver.url, kinds=["relay.paused"], team=True)[0]


def page_of(row: Webhook) -> str:
    return reverse("webhooks.detail", args=[row.pk])


def test_index_post_makes_a_webhook_whose_page_shows_the_secret_once(as_bob, bob, receiver):
    answer = as_bob.post(INDEX, {"url": receiver.url, "kinds": ["generation.completed", "image.shared"]})

    row = Webhook.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, page_of(row))
    assert (row.owner, row.kinds) == (bob, ["generation.completed", "image.shared"])
    assert "whsec_" in as_bob.get(page_of(row)).text
    assert "whsec_" not in as_bob.get(page_of(row)).text


def test_row_44_page_whose_secret_cannot_be_read_any_more_is_shown_without_it(as_bob, receiver, settings):
    as_bob.post(INDEX, {"url": receiver.url, "kinds": ["image.shared"]})
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]

    page = as_bob.get(page_of(Webhook.objects.get()))

    assert (page.status_code, "whsec_" in page.text) == (200, False)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"url": "", "kinds": ["image.shared"]}, "Give it an address."),
        ({"url": "example", "kinds": ["image.shared"]}, "This is not an address."),
        ({"url": "https://10.0.0.1/x", "kinds": ["image.shared"]}, "must be a public one"),
        ({"url": "http://example.com/x", "kinds": ["image.shared"]}, "must be a public one"),
        ({"url": "https://user:pw@example.com/x", "kinds": ["image.shared"]}, "must be a public one"),
        ({"url": "https://example.com/x", "kinds": []}, "Choose at least one event."),
        ({"url": "https://example.com/x", "kinds": ["relay.paused"]}, "Select a valid choice"),
    ],
)
def test_index_post_refuses_what_cannot_be_called_and_keeps_what_was_typed(as_bob, typed, says):
    answer = as_bob.post(INDEX, typed)

    assert answer.status_code == 422
    assert says in answer.text
    assert f'value="{typed["url"]}"' in answer.text or not typed["url"]
    assert not Webhook.objects.exists()


def test_pages_show_nobody_what_is_another_persons(as_charlie, as_alice, hook):
    events.test(webhook=hook)
    told = Delivery.objects.get()

    for client in (as_charlie, as_alice):
        assert client.get(page_of(hook)).status_code == 404
        assert client.get(reverse("webhooks.delivery", args=[told.pk])).status_code == 404
        assert client.post(reverse("webhooks.replay", args=[told.pk])).status_code == 404
        assert hook.url not in client.get(INDEX).text


def test_team_is_for_administrators(as_alice, as_bob, mona, team_hook):
    as_mona = Client()
    as_mona.force_login(mona)

    assert page_of(team_hook) in as_alice.get(TEAM).text
    assert as_alice.get(page_of(team_hook)).status_code == 200
    for client in (as_mona, as_bob):
        assert client.get(TEAM).status_code == 403
        assert client.get(page_of(team_hook)).status_code == 404
        assert client.post(reverse("webhooks.rotation", args=[team_hook.pk])).status_code == 404


def test_detail_shows_what_was_answered_and_escapes_it(as_bob, hook, receiver):
    receiver.says(500, body=b"<script>alert(1)</script>")
    events.test(webhook=hook)
    deliveries.deliver_next()
    told = Delivery.objects.get()

    listed = as_bob.get(page_of(hook)).text
    page = as_bob.get(reverse("webhooks.delivery", args=[told.pk])).text

    assert "Tried again" in listed
    assert "500" in listed
    assert "&lt;script&gt;alert(1)" in page
    assert "webhook.test" in page
    assert "next try" in page


def test_detail_polls_only_while_something_is_tried_within_a_minute(as_bob, hook, receiver):
    receiver.says(500, 500, 204)
    events.test(webhook=hook)
    waiting = as_bob.get(page_of(hook)).text
    deliveries.deliver_next()
    again = as_bob.get(page_of(hook)).text
    Delivery.objects.update(due_at=timezone.now(), held_until=None)
    deliveries.deliver_next()

    assert all('hx-trigger="every 1s"' in page for page in (waiting, again))
    fragment = as_bob.get(page_of(hook), headers={"HX-Request": "true"}).text
    assert "every 1s" not in fragment, "the next try is five minutes away"
    assert "<html" not in fragment


def test_test_and_replay_send(as_bob, hook, receiver):
    as_bob.post(reverse("webhooks.test", args=[hook.pk]))
    deliveries.deliver_next()
    told = Delivery.objects.get()
    as_bob.post(reverse("webhooks.replay", args=[told.pk]))
    deliveries.deliver_next()

    assert [each.headers["webhook-id"] for each in receiver.messages] == [told.public_id] * 2


def test_switch_off_fails_what_waits_and_on_lets_it_be_sent_again(as_bob, hook, receiver):
    events.test(webhook=hook)
    switch = reverse("webhooks.switch", args=[hook.pk])

    as_bob.post(switch, {"on": "0"})
    assert Webhook.objects.get().why_off == WhyOff.PERSON
    assert Delivery.objects.get().state == DeliveryState.FAILED
    as_bob.post(switch, {"on": "1"})
    assert "Send again what failed (1)" in as_bob.get(page_of(hook)).text
    as_bob.post(reverse("webhooks.replay_failed", args=[hook.pk]))

    assert Delivery.objects.get().state == DeliveryState.WAITING


def test_detail_says_that_the_old_secret_signs_only_while_it_does(as_bob, hook):
    as_bob.post(reverse("webhooks.rotation", args=[hook.pk]))
    first = as_bob.get(page_of(hook)).text
    Webhook.objects.update(old_until=timezone.now() - timedelta(seconds=1))

    assert ["The one before signs too" in page for page in (first, as_bob.get(page_of(hook)).text)] == [
        True,
        False,
    ]


def test_delivery_that_waits_for_its_next_try_can_be_sent_now(as_bob, hook, receiver):
    receiver.says(500, 204)
    events.test(webhook=hook)
    page = reverse("webhooks.delivery", args=[Delivery.objects.get().pk])
    before = as_bob.get(page).text
    deliveries.deliver_next()

    assert ["Send it" in text for text in (before, as_bob.get(page).text)] == [False, True]
    assert "Send again what failed (1)" in as_bob.get(page_of(hook)).text
    as_bob.post(reverse("webhooks.replay", args=[Delivery.objects.get().pk]))
    assert deliveries.deliver_next()


def test_deletion_deletes_it_with_what_it_was_told(as_bob, hook):
    events.test(webhook=hook)

    answer = as_bob.post(reverse("webhooks.deletion", args=[hook.pk]))

    assert answer["Location"] == INDEX
    assert not Webhook.objects.exists()
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_detail_costs_a_fixed_number_of_statements(as_bob, hook, receiver, count):
    for _ in range(count):
        events.test(webhook=hook)
        deliveries.deliver_next()

    with CaptureQueriesContext(connection) as asked:
        as_bob.get(page_of(hook))

    assert len(asked) == 7, [each["sql"] for each in asked]


@pytest.mark.parametrize("count", [1, 3])
def test_index_costs_a_fixed_number_of_statements(as_bob, bob, receiver, count):
    for _ in range(count):
        edit.add(person=bob, url=receiver.url, kinds=["image.shared"])

    with CaptureQueriesContext(connection) as asked:
        as_bob.get(INDEX)

    assert len(asked) == 4, [each["sql"] for each in asked]
