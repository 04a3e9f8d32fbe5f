"""What webhooks are told arrives signed, is tried again for three days, and stops where nobody wants it."""

import base64
import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import timedelta
from itertools import islice, pairwise
from threading import Barrier

import openai
import pytest
from django.db import connections
from django.utils import timezone
from standardwebhooks import Webhook as Judge
from standardwebhooks import WebhookVerificationError

from studio.errors import Conflict
from studio.models import (
    AuditEntry,
    Delivery,
    DeliveryState,
    DeliveryTry,
    Notice,
    NoticeKind,
    Webhook,
    WhyOff,
)
from studio.models.ids import id_at, uuid7
from studio.relays import webhooks
from studio.services.drawing import restoration
from studio.services.webhooks import deliveries, edit, events
from tests.receiver import Receiver

pytestmark = pytest.mark.django_db


@pytest.fixture
def test_sent(hook) -> Delivery:
    events.test(webhook=hook)
    return Delivery.objects.get()


def test_deliver_next_is_accepted_by_the_standards_own_library_and_by_openais(receiver, secret, test_sent):
    assert deliveries.deliver_next()

    (message,) = receiver.messages
    facts = Judge(secret).verify(message.body, message.headers)
    assert facts["type"] == "webhook.test"
    client = openai.OpenAI(api_key="none", webhook_secret=secret)
    client.webhooks.verify_signature(message.body.decode(), message.headers)
    with pytest.raises(WebhookVerificationError):
        Judge(secret).verify(message.body + b" ", message.headers)
    assert message.headers["webhook-id"] == test_sent.public_id
    assert message.headers["content-type"] == "application/json"
    test_sent.refresh_from_db()
    assert (test_sent.state, test_sent.tries) == (DeliveryState.DELIVERED, 1)


def test_rotate_signs_with_both_secrets_for_a_day_and_with_the_new_one_alone_after_it(
    receiver, hook, secret, bob, send
):
    new = edit.rotate(webhook=hook, person=bob)
    for until in (timezone.now() + timedelta(hours=24), timezone.now() - timedelta(seconds=1)):
        Webhook.objects.update(old_until=until)
        events.test(webhook=hook)
        send()

    first, second = receiver.messages
    Judge(secret).verify(first.body, first.headers)
    Judge(new).verify(first.body, first.headers)
    Judge(new).verify(second.body, second.headers)
    assert len(first.headers["webhook-signature"].split()) == 2
    with pytest.raises(WebhookVerificationError):
        Judge(secret).verify(second.body, second.headers)


@pytest.mark.parametrize("status", [302, 307, 400, 404, 429, 500, 503])
def test_deliver_next_refused_tries_again_later_under_the_same_id(receiver, test_sent, send, status):
    receiver.says(status, 204, body=b"not <now>\x1b[0m", Location="http://127.0.0.1:1/")

    deliveries.deliver_next()

    test_sent.refresh_from_db()
    tried = DeliveryTry.objects.get()
    assert (test_sent.state, test_sent.tries, test_sent.held_until) == (DeliveryState.WAITING, 1, None)
    assert (tried.status, tried.answer) == (status, "not <now> [0m")
    assert not deliveries.deliver_next(), "it is not due"
    send()
    first, second = receiver.messages
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert Delivery.objects.get().state == DeliveryState.DELIVERED
    assert Webhook.objects.get().failing_since is None


def test_pause_after_follows_the_standard_and_what_the_receiver_asks_for():
    waits = [deliveries.pause_after(tries) for tries in range(1, 10)]

    ours = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
    assert all(least <= wait <= least * 1.1 for least, wait in zip(ours, waits, strict=True))
    assert all(one < two for one, two in pairwise(waits))
    assert deliveries.pause_after(1, 120.0) == 120.0
    assert deliveries.pause_after(2, 1.0) >= 300
    assert deliveries.pause_after(1, 1e9) == 86_400


def test_deliver_next_waits_as_long_as_the_receiver_asks(receiver, test_sent):
    receiver.says(503, Retry_After="900")

    deliveries.deliver_next()

    test_sent.refresh_from_db()
    assert test_sent.due_at - timezone.now() > timedelta(seconds=890)


def test_deliver_next_gives_up_after_ten_tries(receiver, test_sent, send):
    receiver.says(500)

    for _ in range(12):
        send()

    assert len(receiver.messages) == 10
    assert Delivery.objects.get().state == DeliveryState.FAILED
    assert Webhook.objects.get().is_on, "three days have not passed"


def test_deliver_next_stops_where_the_receiver_is_gone_and_tells_whose_it_is(receiver, hook, test_sent, bob):
    events.test(webhook=hook)
    receiver.says(410)

    while deliveries.deliver_next():
        pass

    assert len(receiver.messages) == 1
    assert Webhook.objects.get().why_off == WhyOff.GONE
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.FAILED}
    notice = Notice.objects.get(person=bob)
    assert notice.kind == NoticeKind.WEBHOOK_OFF
    assert notice.values["why"]["values"] == {"why": "gone", "host": "127.0.0.1"}


def test_deliver_next_switches_a_webhook_off_that_fails_for_three_days(receiver, team_hook, alice):
    events.test(webhook=team_hook)
    receiver.says(500)
    Webhook.objects.update(failing_since=timezone.now() - timedelta(days=3, seconds=1))

    deliveries.deliver_next()

    assert Webhook.objects.get().why_off == WhyOff.FAILING
    assert Notice.objects.get(person=alice).kind == NoticeKind.WEBHOOK_OFF


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("http://127.0.0.1:9/hook", "scheme"),
        ("https://127.0.0.1/hook", "private_address"),
        ("https://169.254.169.254/latest/meta-data", "metadata"),
        ("https://[::ffff:10.0.0.1]/hook", "private_address"),
    ],
)
def test_deliver_next_sends_nothing_inward_whatever_the_row_says(receiver, test_sent, refusals, url, rule):
    Webhook.objects.update(url=url)  # a name that was public when it was typed may lead anywhere later

    deliveries.deliver_next()

    assert receiver.messages == []
    assert DeliveryTry.objects.get().problem == "forbidden_address"
    assert [(line["event"], line["rule"]) for line in refusals] == [("security.webhook_blocked", rule)]


def test_deliver_next_does_not_follow_a_redirect_to_another_open_place(receiver, test_sent, settings):
    with Receiver() as other:
        settings.WEBHOOK_PRIVATE_ALLOW = frozenset({receiver.spot, other.spot})
        receiver.says(307, Location=other.url)

        deliveries.deliver_next()

        assert other.messages == []
    assert DeliveryTry.objects.get().status == 307


def test_post_gives_up_on_a_receiver_that_hangs(receiver):
    over = threading.Event()
    receiver.before = lambda: over.wait(5)

    with pytest.raises(webhooks.Undelivered) as told:
        webhooks.post(receiver.url, body=b"{}", headers={}, allow=frozenset({receiver.spot}), seconds=0.1)

    over.set()
    assert told.value.code == "timeout"


def test_post_does_not_wait_for_the_body_of_an_answer_whose_status_has_come(receiver, monkeypatch):
    """Else four receivers that are slow on purpose keep all hands of a worker."""
    over = threading.Event()
    receiver.between = lambda: over.wait(1)
    receiver.says(200, body=b"late")
    monkeypatch.setattr(webhooks, "BODY_SECONDS", 0.1)

    answer = webhooks.post(receiver.url, body=b"{}", headers={}, allow=frozenset({receiver.spot}))

    over.set()
    assert (answer.status, answer.text) == (200, "")


def test_post_reads_only_the_beginning_of_an_answer(receiver):
    receiver.says(200, body=b"x" * 5_000_000)

    answer = webhooks.post(receiver.url, body=b"{}", headers={}, allow=frozenset({receiver.spot}))

    assert (answer.status, len(answer.text)) == (200, 1024)


def test_take_lets_no_receiver_that_hangs_keep_others_waiting(receiver, hook, team_hook):
    for _ in range(5):
        events.test(webhook=hook)
    events.test(webhook=team_hook)

    taken = [deliveries._take(failing=False) for _ in range(6)]

    assert [row.webhook_id if row else None for row in taken] == [hook.pk] * 4 + [team_hook.pk, None]
    Webhook.objects.filter(pk=hook.pk).update(failing_since=timezone.now())
    Delivery.objects.update(held_until=None, due_at=timezone.now())
    again = [deliveries._take(failing=failing) for failing in (False, False, True, True)]
    found = [row.webhook_id if row else None for row in again]
    assert found == [team_hook.pk, None, hook.pk, None], "a failing one alone"


def test_deliver_next_asks_receivers_that_do_not_fail_first(receiver, hook, team_hook):
    Webhook.objects.filter(pk=hook.pk).update(failing_since=timezone.now())
    events.test(webhook=hook)
    events.test(webhook=team_hook)

    assert [deliveries.deliver_next() for _ in range(3)] == [True, True, False]
    assert [message.path for message in receiver.messages] == ["/hook/team", "/hook"]


@pytest.mark.django_db(transaction=True)
def test_deliver_next_leaves_half_of_the_hands_to_others_however_many_receivers_fail(
    receiver, hook, team_hook
):
    over, gate = threading.Event(), Barrier(16)
    receiver.before = lambda: over.wait(15)
    for _ in range(16):
        hook.pk = uuid7()
        hook.failing_since = timezone.now()
        hook.save(force_insert=True)
        events.test(webhook=hook)

    def deliver(_: int) -> bool:
        try:
            gate.wait()
            return deliveries.deliver_next()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as hands:
        trying = [hands.submit(deliver, n) for n in range(16)]
        first = [done.result() for done in islice(as_completed(trying), 8)]
        events.test(webhook=team_hook)
        healthy = deliveries._take(failing=False)
        over.set()

    assert first == [False] * 8, "these found all hands that failing receivers may have at work"
    assert [each.result() for each in trying].count(True) == 8
    assert healthy.webhook_id == team_hook.pk


def test_take_leaves_a_receiver_that_has_just_failed_to_the_hands_for_those(hook, test_sent):
    Webhook.objects.update(failing_since=timezone.now())

    assert deliveries._taken(test_sent, failing=False) is None
    assert deliveries._taken(test_sent, failing=True) == test_sent


@pytest.mark.django_db(transaction=True)
def test_take_by_many_hands_at_the_same_moment_keeps_to_the_limit(receiver, hook, team_hook):
    for _ in range(12):
        events.test(webhook=hook)
    events.test(webhook=team_hook)
    gate = Barrier(8)

    def take(_: int) -> object:
        try:
            gate.wait()
            row = deliveries._take(failing=False)
            return row and row.webhook_id
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as hands:
        found = Counter(hands.map(take, range(8)))

    assert found == {hook.pk: 4, team_hook.pk: 1, None: 3}


def test_deliver_next_takes_over_from_a_dead_worker(receiver, test_sent, send):
    assert deliveries._take(failing=False) is not None
    assert not deliveries.deliver_next()

    Delivery.objects.update(held_until=timezone.now(), due_at=timezone.now())
    assert deliveries.deliver_next()

    assert Delivery.objects.get().tries == 2
    assert len(receiver.messages) == 1


def test_deliver_next_tells_a_suspended_person_nothing(receiver, test_sent, bob):
    type(bob).objects.filter(pk=bob.pk).update(is_active=False)

    assert not deliveries.deliver_next()

    assert receiver.messages == []


def test_replay_sends_the_same_id_again(receiver, test_sent, bob, send):
    send()

    deliveries.replay(delivery=test_sent, person=bob)
    send()

    first, second = receiver.messages
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    edit.switch(webhook=test_sent.webhook, person=bob, on=False)
    with pytest.raises(Conflict):
        deliveries.replay(delivery=test_sent, person=bob)


def test_replay_of_what_waits_for_its_next_try_sends_it_now_but_not_while_it_is_sent(
    receiver, test_sent, bob
):
    receiver.says(500, 204)
    deliveries.deliver_next()
    assert not deliveries.deliver_next(), "its next try is in five seconds"

    deliveries.replay(delivery=test_sent, person=bob)
    taken = deliveries._take(failing=True)

    assert taken == test_sent
    with pytest.raises(Conflict):
        deliveries.replay(delivery=test_sent, person=bob)


def test_replay_is_another_try_than_that_of_a_worker_which_was_stopped_for_a_while(test_sent, bob):
    stopped = deliveries._take(failing=False)
    Delivery.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    deliveries.replay(delivery=test_sent, person=bob)
    other = deliveries._take(failing=False)
    assert (stopped.tries, other.tries) == (1, 1)

    deliveries._finish(stopped, deliveries.Came(status=204))
    deliveries._drop(stopped)
    assert Delivery.objects.under_way().get() == other
    deliveries._finish(other, deliveries.Came(status=204))

    assert Delivery.objects.get().state == DeliveryState.DELIVERED


def test_replay_failed_sends_what_failed_and_nothing_else(receiver, hook, bob, send):
    events.test(webhook=hook)
    send()
    events.test(webhook=hook)
    receiver.says(410)
    send()
    edit.switch(webhook=hook, person=bob, on=True)
    events.test(webhook=hook)
    receiver.says(500, 204)
    deliveries.deliver_next()

    assert deliveries.replay_failed(webhook=hook, person=bob) == 2
    assert [deliveries.deliver_next() for _ in range(3)] == [True, True, False]


def test_deliver_next_without_our_keys_says_that_the_secret_is_unreadable(receiver, test_sent):
    Webhook.objects.update(sealed="nothing")

    deliveries.deliver_next()

    assert DeliveryTry.objects.get().problem == "secret_unreadable"
    assert receiver.messages == []


def test_forget_deletes_what_is_thirty_days_old(hook, test_sent):
    Delivery.objects.create(pk=id_at(timezone.now() - timedelta(days=31)), webhook=hook, kind="webhook.test")

    deliveries.forget()

    assert list(Delivery.objects.all()) == [test_sent]


def test_add_keeps_the_secret_encrypted_and_neither_it_nor_the_address_in_the_audit(receiver, bob):
    row, secret = edit.add(
        person=bob, url=receiver.url + "?token=abc", kinds=["webhook.test", "generation.failed"]
    )

    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert secret not in row.sealed
    assert row.kinds == ["generation.failed"]
    said = json.dumps(AuditEntry.objects.get(action="webhook.made").detail)
    assert "abc" not in said
    assert secret not in said


def test_after_restore_sends_nothing_by_itself(receiver, test_sent):
    restoration.after_restore()

    assert not deliveries.deliver_next()
    assert Delivery.objects.get().state == DeliveryState.FAILED
