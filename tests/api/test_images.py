"""POST /v1/images/generations and its tasks: the same rules as on the page, and no call is paid for twice."""

import base64
import json
from contextlib import ExitStack
from datetime import timedelta
from hashlib import sha256

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from studio.api import errors, listing, waiting
from studio.api.answers import address_of
from studio.models import Allowance, AuditEntry, Call, Generation, State, Token
from studio.services import budgets, calls, images, tokens
from studio.services.people import suspensions
from tests.factories import make_comparison, make_generation, make_image
from tests.routes import body_of
from tests.services.screening.test_gate import make_rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def lake(model) -> dict:
    return {"model": model.model_id, "prompt": "A lake at dawn"}


def done(token: Token, model, **facts) -> Generation:
    """A generation with one picture that an earlier call had asked for."""
    row = make_generation(token.person, model, state=State.DONE, **facts)
    make_image(token.person, model, generation=row, content=b"picture")
    return row


def called(token: Token, row: Generation, body: dict, **facts) -> Call:
    raw = json.dumps(body).encode()
    return Call.objects.create(token=token, generation=row, digest=calls.digest_of(raw), **facts)


def test_images_async_is_a_task_of_the_person(post, get, bob, lake):
    answer = post("images/generations", lake | {"async": True, "n": 2})

    row = Generation.objects.get()
    assert answer.status_code == 202
    assert answer["Location"].endswith(f"/v1/images/generations/{row.pk}")
    assert answer["Retry-After"] == "2"
    task = answer.json()
    assert (task["status"], task["progress"]) == ("queued", {"done": 0, "total": 2})
    assert (row.owner, row.n, row.state) == (bob, 2, State.QUEUED)
    assert get(f"images/tasks/{row.pk}").json() == get(f"images/generations/{row.pk}").json()


def test_images_audit_names_the_token(post, token, lake):
    post("images/generations", lake | {"async": True})

    assert AuditEntry.objects.get(action="generation.submitted").token == str(token.pk)


def test_t21_images_no_token_and_a_wrong_one_are_401(secret, lake):
    for headers in ({}, {"Authorization": "Bearer sk-lightfast-no"}, {"Authorization": f"Basic {secret}"}):
        answer = Client().post(
            "/v1/images/generations", lake, content_type="application/json", headers=headers
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "token_refused")
        none = "Bearer" not in str(headers)
        assert ("No token came" in answer.json()["error"]["message"]) == none
        assert answer["WWW-Authenticate"] == "Bearer"


def test_t13_images_by_a_suspended_persons_token_are_401_and_say_why(post, bob, alice, lake):
    suspensions.suspend(person=bob, actor=alice, reason="logo")

    answer = post("images/generations", lake)

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "account_suspended")
    assert "Your account is suspended. Contact an administrator." in answer.json()["error"]["message"]


def _expired(token) -> None:
    Token.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))


def _revoked(token) -> None:
    tokens.revoke(token=token, actor=token.person)


@pytest.mark.parametrize("end", [_expired, _revoked])
def test_t21_models_by_a_token_that_is_over_are_401(get, token, end):
    end(token)

    assert (get("models").status_code, get("models").json()["error"]["code"]) == (401, "token_refused")


def test_t21_models_by_a_token_in_the_address_or_in_a_cookie_are_401(secret, as_bob):
    as_bob.cookies["token"] = as_bob.cookies["Authorization"] = secret

    for query in ({"api_key": secret}, {"token": secret}, {"access_token": secret}, {}):
        answer = as_bob.get("/v1/models", query)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "token_refused")


def test_t21_make_keeps_a_digest_and_the_last_signs_alone(token, secret):
    [row] = Token.objects.values()

    assert secret.startswith("sk-lightfast-")
    assert row["digest"] == sha256(secret.encode()).hexdigest()
    assert secret not in str(row)


@pytest.mark.parametrize("name", ["x-api-key", "api-key"])
def test_t21_models_other_headers_carry_the_token_too(name, secret, model):
    answer = Client().get("/v1/models", headers={name: secret})

    assert [row["id"] for row in answer.json()["data"]] == [model.model_id]


def test_t21_images_reading_token_draws_nothing(bob, lake):
    _row, secret = tokens.make(person=bob, name="Reader", scope="read")
    headers = {"Authorization": f"Bearer {secret}"}

    answer = Client().post("/v1/images/generations", lake, content_type="application/json", headers=headers)

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "insufficient_scope")
    assert Generation.objects.count() == 0


def test_images_same_key_is_the_same_generation_and_other_words_are_refused(post, lake):
    first = post("images/generations", lake | {"async": True}, Idempotency_Key="one")
    again = post("images/generations", lake | {"async": True}, Idempotency_Key="one")
    other = post("images/generations", lake | {"async": True, "n": 3}, Idempotency_Key="one")

    assert first.json()["id"] == again.json()["id"]
    assert other.status_code == 422
    assert Generation.objects.count() == 1


def test_images_replay_of_a_finished_call_says_so_and_brings_the_picture(post, token, model, lake):
    row = done(token, model)
    called(token, row, lake, key="one")

    answer = post("images/generations", lake, Idempotency_Key="one")

    said = answer.json()
    assert answer["Idempotent-Replayed"] == "true"
    assert base64.b64decode(said["data"][0]["b64_json"]) == b"picture"
    assert said["lightfast"]["generation_id"] == str(row.pk)
    picture = Client().get(said["data"][0]["url"].removeprefix("http://127.0.0.1:8000"))
    assert body_of(picture) == b"picture"


def test_images_library_that_tries_again_joins_and_a_deliberate_repeat_does_not(post, token, model, lake):
    row = done(token, model)
    called(token, row, lake)

    joined = post("images/generations", lake, X_Stainless_Retry_Count="1")
    new = post("images/generations", lake | {"async": True}, X_Stainless_Retry_Count="0")

    assert joined.json()["lightfast"]["generation_id"] == str(row.pk)
    assert new.json()["id"] != str(row.pk)


def test_images_call_that_was_left_gives_its_picture_to_the_next_one(post, token, model, lake):
    row = done(token, model)
    call = called(token, row, lake, left_at="2026-01-01T00:00Z")

    assert post("images/generations", lake).json()["lightfast"]["generation_id"] == str(row.pk)

    call.refresh_from_db()
    assert call.left_at is None


@pytest.mark.django_db(transaction=True)
def test_images_longer_than_the_client_waits_is_504_and_says_where_to_look(post, lake):
    answer = post("images/generations", lake, X_Stainless_Read_Timeout="6")

    row = Generation.objects.get()
    assert answer.status_code == 504
    assert answer["x-should-retry"] == "false"
    assert answer["Location"].endswith(str(row.pk))
    assert answer.json()["lightfast"]["generation_id"] == str(row.pk)
    assert Call.objects.get().left_at is not None


@pytest.mark.parametrize(
    ("delivers", "asked", "found"),
    [
        ("both", None, {"url", "b64_json"}),
        ("both", "url", {"url"}),
        ("both", "b64_json", {"b64_json"}),
        ("data", None, {"b64_json"}),
        ("address", None, {"url"}),
        ("data", "url", {"url"}),
    ],
)
def test_images_pictures_come_as_they_are_asked_for(delivers, asked, found, post, token, model, lake):
    Token.objects.update(delivers=delivers)
    body = lake | ({"response_format": asked} if asked else {})
    called(token, done(token, model), body, key="one")

    (picture,) = post("images/generations", body, Idempotency_Key="one").json()["data"]

    assert picture.keys() - {"revised_prompt"} == found


@pytest.mark.parametrize(
    ("change", "param", "code"),
    [
        ({"prompt": ""}, "prompt", "required"),
        ({"n": 99}, "n", None),
        ({"model": "no-such"}, "model", "model_not_found"),
        ({"n": "many"}, "n", "invalid_value"),
        ({"prompt": 5}, "prompt", "invalid_value"),
        ({"response_format": "gif"}, "response_format", "invalid_value"),
        ({"size": "12x12x12"}, "size", None),
    ],
)
def test_images_wrong_value_names_its_field(change, param, code, post, lake):
    answer = post("images/generations", lake | change)

    error = answer.json()["error"]
    assert answer.status_code == 400
    assert error["param"] == param
    assert code in (None, error["code"])
    assert param in error["message"] or code != "invalid_value"
    assert answer["x-should-retry"] == "false"
    assert Generation.objects.count() == 0


@pytest.mark.parametrize(
    ("size", "said"),
    [
        ("1000x1000", "The nearest is size 1024x1024."),
        ("3000x1000", "The nearest is size 1792x1024."),
        ("enormous", "It takes 1024x1024, 1792x1024, 1024x1792."),
    ],
)
def test_images_size_that_the_model_does_not_draw_is_refused_with_the_nearest(size, said, post, lake, model):
    model.accepts = {"size": ["1024x1024", "1792x1024", "1024x1792"]}
    model.save()

    error = post("images/generations", lake | {"size": size}).json()["error"]

    assert (error["param"], error["message"].endswith(said)) == ("size", True), error["message"]
    assert Generation.objects.count() == 0


def test_images_word_that_the_model_does_not_take_is_refused_with_those_it_does(post, lake, model):
    model.accepts = {"quality": ["low", "high"]}
    model.save()

    error = post("images/generations", lake | {"quality": "ultra"}).json()["error"]

    assert (error["param"], error["message"].endswith("It takes low, high.")) == ("quality", True)


@pytest.mark.parametrize("body", ["", "no json", "[1]", '"text"', "{}", b'{"prompt": "\xff"}'])
def test_images_body_that_says_nothing_is_a_sentence(body, post, model):
    answer = post("images/generations", body)

    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


def test_images_unknown_fields_are_named_and_a_strict_token_refuses_them(post, token, model, lake):
    body = lake | {"input_fidelity": "high", "style": None, "user": "u-1"}
    called(token, done(token, model), body, key="one")

    lenient = post("images/generations", body, Idempotency_Key="one")
    Token.objects.update(strict=True)
    strict = post("images/generations", body)

    assert lenient.json()["lightfast"]["ignored"] == ["input_fidelity"]
    assert lenient["x-lightfast-ignored"] == "input_fidelity"
    assert (strict.status_code, strict.json()["error"]["code"]) == (400, "unknown_parameter")
    assert strict.json()["error"]["param"] == "input_fidelity"


def test_images_unknown_fields_of_any_name_cost_no_answer(post, token, model, lake):
    body = (
        lake | {"a\r\nSet-Cookie: b": 1, "ü𐀀": 2, "x" * 5000: 3} | {f"y{number}": 4 for number in range(500)}
    )
    called(token, done(token, model), body, key="one")

    answer = post("images/generations", body, Idempotency_Key="one")

    assert answer.status_code == 200
    assert answer["x-lightfast-ignored"].startswith("a%0D%0ASet-Cookie%3A%20b, " + "x" * 60 + ", y0, ")
    assert len(answer["x-lightfast-ignored"]) < 2000
    assert len(answer.json()["lightfast"]["ignored"]) == 503


def test_images_over_budget_is_402_and_never_tried_again(post, bob, lake):
    budgets.allowance(person=bob)
    Allowance.objects.update(cap=0)

    answer = post("images/generations", lake)

    assert (answer.status_code, answer.json()["error"]["code"]) == (402, "insufficient_quota")
    assert answer["x-should-retry"] == "false"


def test_images_blocked_prompt_is_400_and_a_held_one_waits(post, alice, lake):
    make_rule(alice, words="dawn", act="block", sentence="No dawns here.")
    blocked = post("images/generations", lake | {"async": True})
    make_rule(alice, words="dusk", act="hold")
    held = post("images/generations", lake | {"async": True, "prompt": "A lake at dusk"})

    again = post("images/generations", lake | {"async": True, "prompt": "A lake at dusk"})

    assert (blocked.status_code, blocked.json()["error"]["code"]) == (400, "moderation_blocked")
    assert held.json()["status"] == "held"
    assert (again.status_code, again["x-should-retry"], Generation.objects.count()) == (400, "false", 1)


def test_images_when_all_places_are_taken_is_429_before_anything_is_asked(post, lake, settings):
    with ExitStack() as stack:
        for _ in range(settings.API_AT_ONCE):
            stack.enter_context(waiting.place())
        answer = post("images/generations", lake)

    assert (answer.status_code, answer["x-should-retry"], answer["Retry-After"]) == (429, "true", "2")
    assert Generation.objects.count() == 0


def test_images_stream_is_events_with_the_picture(post, token, model, lake):
    row = done(token, model)
    called(token, row, lake | {"stream": True}, key="one")

    answer = post("images/generations", lake | {"stream": True}, Idempotency_Key="one")

    text = body_of(answer).decode()
    assert answer["Content-Type"] == "text/event-stream"
    event = json.loads(text[text.index("data: ") + 6 :])
    assert event["type"] == "image_generation.completed"
    assert base64.b64decode(event["b64_json"]) == b"picture"


@pytest.mark.django_db(transaction=True)
def test_images_stream_whose_client_left_gives_its_pictures_to_the_next_one(post, token, model, lake):
    answer = post("images/generations", lake | {"stream": True})
    pieces = iter(answer.streaming_content)
    next(pieces)

    answer.close()

    assert Call.objects.get().left_at is not None
    again = post("images/generations", lake | {"stream": True})
    assert again["Idempotent-Replayed"] == "true"
    again.close()
    assert Generation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_images_stream_longer_than_anybody_waits_says_where_to_look(post, lake, monkeypatch):
    monkeypatch.setattr(waiting, "PING", 0.01)
    monkeypatch.setattr(waiting, "LONGEST", 0.03)

    text = body_of(post("images/generations", lake | {"stream": True})).decode()

    assert text.count(": ping") == 3
    told = json.loads(text[text.index("data: ") + 6 :])
    assert told["error"]["code"] == "still_drawing"
    assert told["lightfast"]["generation_id"] == str(Generation.objects.get().pk)
    assert Call.objects.get().left_at is not None


def test_images_stream_and_task_name_what_was_not_used(post, token, model, lake):
    called(token, done(token, model), lake | {"stream": True, "tempo": 3}, key="one")
    stream = post("images/generations", lake | {"stream": True, "tempo": 3}, Idempotency_Key="one")
    text = body_of(stream).decode()
    task = post("images/generations", lake | {"async": True, "tempo": 3})

    assert stream["x-lightfast-ignored"] == task["x-lightfast-ignored"] == "tempo"
    assert json.loads(text[text.index("data: ") + 6 :])["lightfast"]["ignored"] == ["tempo"]


def test_images_async_replayed_says_so(post, lake):
    first, again = (
        post("images/generations", lake | {"async": True}, Idempotency_Key="one") for _ in range(2)
    )

    assert again.json()["id"] == first.json()["id"]
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"


@pytest.mark.django_db(transaction=True)
def test_images_prefer_wait_waits_so_long_for_the_task(post, token, model, lake):
    called(token, done(token, model), lake, key="one")
    ended = post("images/generations", lake, Prefer="respond-async, wait=20", Idempotency_Key="one")
    waits = post("images/generations", lake, Prefer='Wait="1", Respond-Async')  # no case matters (RFC 7240)

    assert (ended.status_code, len(ended.json()["data"])) == (200, 1)
    assert (waits.status_code, waits.json()["status"]) == (202, "queued")


def test_images_failure_is_an_error_that_is_not_tried_again(post, token, model, lake):
    row = make_generation(token.person, model, state=State.REFUSED, reason="refused_by_relay")
    called(token, row, lake, key="one")

    answer = post("images/generations", lake, Idempotency_Key="one")

    assert (answer.status_code, answer["x-should-retry"]) == (400, "false")
    assert answer.json()["error"]["code"] == "moderation_blocked"
    assert answer.json()["lightfast"]["generation_id"] == str(row.pk)


def test_task_says_its_place_by_turns(post, get, charlie, model, lake):
    for _ in range(3):
        make_generation(charlie, model)
    mine = post("images/generations", lake | {"async": True}).json()

    assert (
        mine["queue_position"] == 1
    )  # charlie's first, then bob's: the other two of charlie's wait for their turn


def test_task_of_a_blind_comparison_names_no_model(get, token, model):
    columns = make_comparison(token.person, [model, model], blind=True, cost=7, settled_at=timezone.now())
    row = columns.generations.first()

    task = get(f"images/generations/{row.pk}").json()

    told = ("model", "estimated_seconds", "completed_at", "cost")
    assert [task[name] for name in told] == [None] * 4
    assert model.model_id not in json.dumps(task)


def test_task_of_another_is_404_and_of_ones_own_can_be_cancelled(post, get, charlie, model, lake):
    theirs = make_generation(charlie, model, shared=True)
    mine = post("images/generations", lake | {"async": True}).json()

    assert get(f"images/generations/{theirs.pk}").status_code == 404
    assert post(f"images/generations/{theirs.pk}/cancel", {}).status_code == 404
    assert post(f"images/generations/{mine['id']}/cancel", {}).json()["status"] == "cancelled"
    assert Generation.objects.get(pk=theirs.pk).state == State.QUEUED


def test_task_that_is_being_drawn_cannot_be_cancelled(post, token, model):
    row = make_generation(token.person, model, state=State.SENT)

    answer = post(f"images/generations/{row.pk}/cancel", {})

    assert answer.status_code == 400
    assert "may still be charged" in answer.json()["error"]["message"]


def test_task_that_has_ended_cannot_be_cancelled_and_expects_nothing_more(post, get, token, model):
    row = done(token, model)

    error = post(f"images/generations/{row.pk}/cancel", {}).json()["error"]

    assert error["code"] == "already_ended"
    assert get(f"images/generations/{row.pk}").json()["estimated_seconds"] is None


def test_picture_kept_back_or_in_the_trash_is_gone_at_its_lasting_address(token, model):
    row = done(token, model)
    image = row.images.get()
    url = address_of(image).removeprefix("http://127.0.0.1:8000")
    assert body_of(Client().get(url)) == b"picture"

    images.trash(images=[image.pk], person=token.person)

    assert Client().get(url).status_code == 404
    assert Client().get(url[:-1] + ("a" if url[-1] != "a" else "b")).status_code == 404


def test_models_only_those_the_person_may_use(get, model):
    assert [row["id"] for row in get("models").json()["data"]] == [model.model_id]
    (row,) = get("models").json()["data"]
    assert (row["mode"], row["supported_endpoint_types"]) == ("image_generation", ["image-generation"])

    model.least_role = "administrator"
    model.save()

    assert get("models").json()["data"] == []


def test_key_says_what_is_left(get, token, bob):
    data = get("key").json()["data"]

    assert (data["label"], data["scope"], data["person"]) == ("Scripts", "draw", "Bob")
    assert data["limit_remaining"] == data["limit"] - data["usage"]


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "images/generations", "method_not_allowed"),
        ("POST", "models", "method_not_allowed"),
        ("POST", "openapi.json", "method_not_allowed"),
        ("DELETE", "media/01a21b75-30be-75e5-982a-fafbe363c7cc/x", "method_not_allowed"),
        ("GET", "nowhere", "not_found"),
        ("GET", "", "not_found"),
    ],
)
def test_v1_other_addresses_and_methods_are_errors_in_json(method, path, code, secret):
    answer = Client().generic(method, f"/v1/{path}", headers={"Authorization": f"Bearer {secret}"})

    assert (answer.status_code, answer["Content-Type"]) == (
        405 if "method" in code else 404,
        "application/json",
    )
    assert answer.json()["error"]["code"] == code
    assert ("Allow" in answer) == ("method" in code)
    assert all(each in answer.json()["error"]["message"] for each in answer.get("Allow", "").split(", "))


@pytest.mark.parametrize("path", ["models", "key", "openapi.json"])
def test_v1_head_is_what_get_says_without_its_body(path, get, secret, model):
    answer = Client().head(f"/v1/{path}", headers={"Authorization": f"Bearer {secret}"})

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["Content-Type"] == get(path)["Content-Type"]


def test_v1_answers_are_nobodys_to_keep_in_the_process_for_programs_too(rf, secret, model):
    """There no middleware says so of every answer."""
    found = listing.models(rf.get("/v1/models", headers={"Authorization": f"Bearer {secret}"}))

    assert found["Cache-Control"] == errors.nowhere("/v1/x")["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(("method", "again"), [("get", "true"), ("post", "false")])
def test_v1_while_the_database_is_busy_is_503_in_json(method, again, get, post, monkeypatch):
    def busy(**_: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(tokens, "find", busy)

    answer = get("models") if method == "get" else post("images/generations", {})

    assert (answer.status_code, answer["x-should-retry"], answer["Retry-After"]) == (503, again, "5")
    assert answer.json()["error"]["code"] == "unavailable"
