"""What administrators learn, and what relays may never do: rows 11, 15 and 31, T05 and T20."""

import json
import re
import ssl
import warnings
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import trustme
from django.db.models.functions import Now
from django.tasks import default_task_backend
from django.test import Client

from studio import tasks
from studio.models import Generation, ImageModel, Relay, RelayRequest, State
from studio.services import retention
from studio.services.drawing import run
from studio.services.relays import catalogue
from tests.faults import scene as stage
from tests.faults.cases import FUNDS, GONE, KEY, OURS, PAGE, UNREADABLE
from tests.faults.scene import ASKED, Scene, answer, b64, drawn, error, html
from tests.relays.chaos import Chaos, answers, reply
from tests.relays.faraway import World, authority, server_tls

CERTIFICATE = "The relay's certificate is not valid. An administrator was told."
UNREACHED = "The relay could not be reached. Tried 4 times. Nothing was sent, nothing was charged."


# Row 11: refused keys and empty accounts


@pytest.mark.parametrize(
    ("play", "sentence", "why"),
    [
        (error(401, code="invalid_api_key"), KEY, "{} refused the studio's key."),
        (error(403), KEY, "{} refused the studio's key."),
        (error(402), FUNDS, "The studio's balance at {} is used up."),
        (error(429, code="insufficient_quota"), FUNDS, "The studio's balance at {} is used up."),
    ],
)
def test_row_11_third_refusal_in_a_row_pauses_the_relay_and_tells_administrators(
    scene: Scene, administrator: Client, play, sentence: str, why: str
):
    reads, paused = [], []
    for _ in range(3):
        reads.append(scene.reads(scene.drawn(play)))
        paused.append(scene.relay.is_paused)
    waiting = scene.submit()
    scene.step(waiting)

    reason = f"{why.format(scene.key)} That was 3 times in a row."
    assert (reads, paused) == ([html(sentence)] * 3, [False, False, True])
    assert html(f"{scene.key} was paused. {reason}") in administrator.get("/").text
    assert "was paused" not in scene.client.get("/").text
    assert (scene.look(waiting).state, scene.requests(), scene.money(waiting)) == (State.QUEUED, 3, (1, 0, 0))


@pytest.mark.parametrize(
    ("play", "why"),
    [
        (error(403, message="Not in your plan."), "painter is not open to the studio&#x27;s key at {}."),
        (answer(403, PAGE), "Something in front of {} blocked a request."),
        (error(404), "The address of {} seems wrong."),
    ],
)
def test_row_11_what_is_not_about_the_key_never_pauses_the_relay_and_administrators_are_told(
    scene: Scene, administrator: Client, play, why: str
):
    for _ in range(4):
        scene.drawn(play)

    assert not scene.relay.is_paused
    assert why.format(scene.key) in administrator.get("/").text


def test_row_11_answer_in_between_starts_the_count_again(scene: Scene):
    for play in (error(401), error(401), drawn(b64()), error(401), error(401)):
        scene.drawn(play)

    assert not scene.relay.is_paused


def test_row_11_model_that_is_gone_has_the_list_read_again(scene: Scene, administrator: Client):
    lists = [answer(200, {"data": [{"id": name}]}) for name in ("painter", "gpt-image-9")]
    scene.chaos.plan(scene.key, "models", *lists)
    catalogue.sync(relay=scene.relay)
    Relay.objects.filter(pk=scene.relay.pk).update(synced_at=None)
    default_task_backend.clear()

    row = scene.drawn(error(404, code="model_not_found"))
    told = administrator.get("/").text
    [ticket] = [each for each in default_task_backend.results if each.task == tasks.sync_relay]
    tasks.sync_relay.call(*ticket.args)

    assert (row.state, scene.reads(row)) == (State.FAILED, GONE)
    assert f'href="/?from={row.pk}">Choose another model</a>' in scene.page(row)
    assert f"{scene.key} no longer offers painter." in told
    assert scene.requests("models") == 2
    assert ImageModel.objects.get(pk=scene.model.pk).gone_at


# Rows 10, 15 and T20: the relay's own words


def test_row_10_administrator_is_told_that_nothing_may_be_billed_as_well(scene: Scene, administrator: Client):
    row = scene.drawn(answer(200, {"data": [], "usage": {"cost": 0.04}}))

    text = administrator.get(f"/administration/relays/{scene.relay.pk}/").text

    assert "The relay returned no image; it may bill for it all the same (200)." in text
    assert row.relay_requests.get().raw == '{"data": [], "usage": {"cost": 0.04}}'


def test_row_15_answer_is_kept_for_administrators_and_cleared_after_a_week(
    scene: Scene, administrator: Client
):
    text = f'{{"data": [{{"b64_json": "{"QUJD" * 500}"}}], "key": "{stage.KEY}", "took": NaN}}'
    row = scene.drawn(answer(200, text.encode()))
    relay_request = row.relay_requests.get()
    kept = administrator.get(f"/administration/requests/{relay_request.pk}/").text

    RelayRequest.objects.filter(pk=relay_request.pk).update(sent_at=Now() - timedelta(days=7, minutes=1))
    retention.clean_up()
    later = administrator.get(f"/administration/requests/{relay_request.pk}/").text

    raw = re.search(r'<pre class="raw"[^>]*>(.*?)</pre>', kept, re.DOTALL)[1]
    said = (
        '{"data": [{"b64_json": "'
        + "QUJD" * 16
        + '…1,936 more characters…"}], "key": "sk-…wxyz", "took": NaN}'
    )
    assert (scene.reads(row), raw) == (html(UNREADABLE), html(said))
    assert RelayRequest.objects.get(pk=relay_request.pk).raw == ""
    assert "Answers are kept for 7 days. This one is older." in later
    assert scene.client.get(f"/administration/requests/{relay_request.pk}/").status_code == 403


def test_t20_words_of_a_relay_reach_administrators_alone_masked_and_as_text(
    scene: Scene, administrator: Client
):
    words = f"\x1b[31m<script>alert(1)</script> {stage.KEY} Charlie asked for: a secret castle. "
    said = {"message": words + "x" * 2**20, "id": "<b>req</b>", "param": "<i>size</i>", "code": "<u>"}
    row = scene.drawn(answer(400, {"error": said}))

    page = scene.page(row)
    raw = administrator.get(f"/administration/requests/{row.relay_requests.get().pk}/").text

    assert scene.reads(row) == html(OURS)
    for word in ("alert(1)", "castle", "wxyz", "<b>", "<i>", "<u>", "\x1b", "xxxx"):
        assert word not in page
    assert "&lt;b&gt;req&lt;/b&gt;" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; sk-…wxyz" in raw
    assert not [word for word in ("<script>alert", "\x1b", stage.KEY) if word in raw]
    assert len(row.relay_requests.get().raw.encode()) <= 64 * 1024
    assert len(row.error_raw.encode()) <= 2048
    assert stage.KEY not in row.error_raw


# Row 31: nothing is said to a relay whose certificate is not valid


HOST = "relay.example"


def _issued(ca: trustme.CA, *hosts: str, **more: object) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(*hosts, **more).configure_cert(context)
    return context


def _old() -> ssl.SSLContext:
    """A server that speaks nothing newer than TLS 1.0."""
    context = _issued(authority(), HOST)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    return context


TLS = {
    "self-signed": (lambda: _issued(trustme.CA(), HOST), CERTIFICATE),
    "expired": (
        lambda: _issued(authority(), HOST, not_after=datetime.now(UTC) - timedelta(days=1)),
        CERTIFICATE,
    ),
    "wrong-name": (lambda: server_tls("other.example"), CERTIFICATE),
    "tls-1.0": (_old, UNREACHED),
}


@pytest.fixture
def faraway(scene: Scene, monkeypatch) -> World:
    """The scene's relay lives at a name of its own, behind TLS."""
    world = World()
    network = replace(world.network(), connect_limit=0.5)

    def opened(**facts):
        relay = stage.opened(**facts)
        relay.network = network
        return relay

    monkeypatch.setattr(run, "open_relay", opened)
    Relay.objects.filter(pk=scene.relay.pk).update(base_url=f"https://{HOST}/v1")
    return world


def _check_unsent(scene: Scene, world: World, chaos: Chaos, sentence: str) -> Generation:
    world.serve(HOST, "93.184.216.34", chaos)
    row = scene.draw(scene.submit(n=2))

    assert (row.state, scene.reads(row), scene.money(row)) == (State.FAILED, html(sentence), (0, 0, 0))
    assert (chaos.requests, row.relay_requests.count(), len(world.dialled)) == ([], 0, 4)
    return row


@pytest.mark.parametrize("name", TLS)
def test_row_31_bad_certificate_is_never_sent_to(
    scene: Scene, faraway: World, administrator: Client, name: str
):
    make, sentence = TLS[name]

    with Chaos(answers(reply(200, b"{}")), tls=make()) as chaos:
        _check_unsent(scene, faraway, chaos, sentence)

    told = f"The certificate of {scene.key} is not valid." in administrator.get("/").text
    assert told == (sentence == CERTIFICATE)


def test_row_31_old_server_of_these_tests_does_speak_tls_1_0():
    client = ssl.create_default_context()
    authority().configure_trust(client)
    client.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        client.minimum_version = ssl.TLSVersion.TLSv1
    ends = ssl.MemoryBIO(), ssl.MemoryBIO()
    here = client.wrap_bio(*ends, server_hostname=HOST)
    there = _old().wrap_bio(*reversed(ends), server_side=True)

    for _ in range(4):
        for end in (here, there):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue

    assert here.version() == "TLSv1"


def test_row_31_stalled_handshake_is_given_up(scene: Scene, faraway: World):
    with Chaos(lambda sock, chaos: chaos.stopped.wait(9)) as chaos:
        _check_unsent(scene, faraway, chaos, UNREACHED)


# T05: nobody but an administrator can name an address


def _form(scene: Scene, **more: str) -> dict[str, str]:
    return (
        {"submission_id": str(uuid4()), "model": str(scene.model.pk), "prompt": "A lake", "n": "1"}
        | ASKED
        | more
    )


def test_t05_addresses_in_the_form_change_nothing(scene: Scene, settings):
    scene.answers(drawn(b64()))
    with Chaos(answers(reply(200, b"{}"))) as other:
        settings.RELAY_PRIVATE_ALLOW |= {other.spot}
        names = ("base_url", "api_base", "url", "host", "endpoint", "relay", "via")
        form = _form(scene, **dict.fromkeys(names, other.url))
        headers = {
            "X-Forwarded-Host": other.spot,
            "X-Forwarded-Proto": "https",
            "Forwarded": f"host={other.spot}",
        }
        status = scene.client.post("/generations/", form, headers=headers).status_code
        row = scene.draw(Generation.objects.get(owner=scene.person))

    [request] = scene.chaos.ledger(scene.key)
    assert (status, row.state, other.connections) == (303, State.DONE, 0)
    assert f"http://{request['headers']['host']}" == scene.chaos.url
    assert request["headers"]["authorization"] == f"Bearer {stage.KEY}"
    assert json.loads(request["body"]) == {"model": "painter", "prompt": "A lake", "n": 1} | ASKED


@pytest.mark.parametrize("model", ["../../admin", "https://evil.example/v1", "painter", "{}/..", "", "\x00"])
def test_t05_model_that_is_none_is_refused(scene: Scene, model: str):
    response = scene.client.post("/generations/", _form(scene, model=model.format(scene.model.pk)))

    assert response.status_code == 422
    assert not Generation.objects.filter(owner=scene.person).exists()
