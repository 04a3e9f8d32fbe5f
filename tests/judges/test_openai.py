"""The official Python library: what it draws, streams and waits for, and which of its exceptions our errors are."""

import asyncio
import base64
from collections.abc import Iterator

import httpx
import pytest
from openai import (
    APIError,
    AsyncOpenAI,
    AuthenticationError,
    BadRequestError,
    InternalServerError,
    NotFoundError,
    OpenAI,
    PermissionDeniedError,
    UnprocessableEntityError,
)

from tests.judges.desk import Desk

PNG = b"\x89PNG"
MODEL = "sandbox-sketch:free"
ASKED = {"model": MODEL, "size": "512x512"}


class Wire(httpx.Client):
    """A client that counts how often the library calls."""

    calls = 0

    def send(self, *args: object, **options: object) -> httpx.Response:
        self.calls += 1
        return super().send(*args, **options)


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire(timeout=120) as client:
        yield client


def test_generate_brings_pictures_at_addresses_that_need_no_key(openai: OpenAI, desk: Desk):
    with desk.counting() as count:
        answer = openai.images.generate(**ASKED, prompt="A red fox in snow", n=2)

    assert len(answer.data) == 2
    assert answer.created
    assert answer.usage.total_tokens == 0
    for picture in answer.data:
        assert base64.b64decode(picture.b64_json) == httpx.get(picture.url).content
        assert httpx.get(picture.url).content[:4] == PNG
    assert answer.lightfast["ignored"] == []
    assert (count.requests, count.generations) == (1, 1)


def test_generate_every_field_of_the_library_is_taken_or_named(openai: OpenAI):
    answer = openai.images.with_raw_response.generate(
        **ASKED, prompt="A lake", moderation="low", output_compression=50, user="u-1", extra_body={"magic": 1}
    )

    assert answer.headers["x-lightfast-ignored"].split(", ") == answer.parse().lightfast["ignored"]
    assert "magic" in answer.parse().lightfast["ignored"]
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize(("asked", "found"), [("url", "url"), ("b64_json", "b64_json")])
def test_generate_response_format_is_one_of_both(asked: str, found: str, openai: OpenAI):
    (picture,) = openai.images.generate(**ASKED, prompt="A pear", response_format=asked).data

    assert [name for name in ("url", "b64_json") if getattr(picture, name)] == [found]


def test_generate_streams_an_event_for_each_picture(openai: OpenAI):
    events = list(openai.images.generate(**ASKED, prompt="A fox", n=2, stream=True, partial_images=0))

    assert [event.type for event in events] == ["image_generation.completed"] * 2
    assert [event.size for event in events] == ["512x512"] * 2
    assert all(base64.b64decode(event.b64_json)[:4] == PNG for event in events)


def test_generate_stream_that_fails_is_an_exception(openai: OpenAI, desk: Desk):
    with desk.counting() as count, pytest.raises(APIError) as wrong:
        list(openai.images.generate(**ASKED, prompt="A fox [refuse]", stream=True))

    assert wrong.value.code == "moderation_blocked"
    assert count.requests == 1


def test_generate_async_over_extra_body_is_a_task_to_look_at(openai: OpenAI, desk: Desk):
    with desk.counting() as count:
        task = openai.images.generate(**ASKED, prompt="A boat", n=2, extra_body={"async": True})
        found = openai.get(f"/images/generations/{task.id}?wait=55", cast_to=object)

    assert (task.object, task.status) == ("image.generation", "queued")
    assert (found["status"], found["progress"]) == ("completed", {"done": 2, "total": 2})
    assert httpx.get(found["data"][1]["url"]).content[:4] == PNG
    assert count.requests == 1


@pytest.mark.parametrize(
    ("change", "kind", "code"),
    [
        ({"prompt": "A fox [refuse]"}, BadRequestError, "moderation_blocked"),
        ({"prompt": "A fox [empty]"}, BadRequestError, "moderation_blocked"),
        ({"size": "7x7"}, BadRequestError, None),
        ({"model": "dall-e-9"}, BadRequestError, "model_not_found"),
        ({"n": 99}, BadRequestError, None),
        ({"prompt": "A fox [504]"}, InternalServerError, "unknown_outcome"),
        ({"prompt": "A fox [drop]"}, InternalServerError, None),
        ({"prompt": "A fox [401]"}, InternalServerError, "relay_failed"),
        ({"prompt": "A fox [html]"}, InternalServerError, "unusable_answer"),
    ],
)
def test_generate_error_is_the_right_exception_and_is_tried_once(change, kind, code, desk: Desk, wire: Wire):
    body = {**ASKED, "prompt": "A fox"} | change
    client = OpenAI(base_url=desk.base_url, api_key=desk.token, http_client=wire)

    with desk.counting() as count, pytest.raises(kind) as wrong:
        client.images.generate(**body)

    assert type(wrong.value) is kind
    assert code in (None, wrong.value.code)
    assert wrong.value.message
    assert wrong.value.response.headers["x-should-retry"] == "false"
    assert wire.calls == 1
    assert count.requests == (1 if "[" in body["prompt"] else 0)


def test_generate_other_doors_are_the_right_exceptions(desk: Desk):
    reader = desk.make_token("--scope", "read")
    with OpenAI(base_url=desk.base_url, api_key="sk-wrong") as nobody, pytest.raises(AuthenticationError):
        nobody.images.generate(**ASKED, prompt="A fox")
    with OpenAI(base_url=desk.base_url, api_key=reader) as only:
        assert MODEL in [row.id for row in only.models.list()]
        assert [only.models.retrieve(row.id) for row in only.models.list()] == only.models.list().data
        with pytest.raises(NotFoundError) as none:
            only.models.retrieve("dall-e-9")
        with pytest.raises(PermissionDeniedError):
            only.images.generate(**ASKED, prompt="A fox")
        with pytest.raises(NotFoundError):
            only.chat.completions.create(model=MODEL, messages=[])
    assert (none.value.code, none.value.param) == ("model_not_found", "model")


def test_generate_key_used_for_other_words_is_unprocessable(openai: OpenAI, desk: Desk):
    key = {"Idempotency-Key": "the-same"}
    with desk.counting() as count:
        first = openai.images.generate(**ASKED, prompt="A fox", extra_headers=key)
        again = openai.images.generate(**ASKED, prompt="A fox", extra_headers=key)
    with pytest.raises(UnprocessableEntityError):
        openai.images.generate(**ASKED, prompt="A hare", extra_headers=key)

    assert first.lightfast["generation_id"] == again.lightfast["generation_id"]
    assert count.requests == 1


def test_generate_longer_than_the_library_waits_says_where_to_look_and_is_found_again(desk: Desk, wire: Wire):
    client = OpenAI(base_url=desk.base_url, api_key=desk.token, http_client=wire, timeout=8)

    with desk.counting() as count:
        with pytest.raises(InternalServerError) as late:
            client.images.generate(**ASKED, prompt="A glacier [slow 5]")
        found = client.images.generate(**ASKED, prompt="A glacier [slow 5]", timeout=60)

    assert (late.value.status_code, wire.calls) == (504, 2)
    assert late.value.response.headers["location"].endswith(found.lightfast["generation_id"])
    assert (count.requests, count.generations) == (1, 1)


async def _four(desk: Desk) -> list:
    async with AsyncOpenAI(base_url=desk.base_url, api_key=desk.token) as client:
        asked = [client.images.generate(**ASKED, prompt=f"A hill, the {number}.") for number in range(4)]
        return [answer.data[0] for answer in await asyncio.gather(*asked)]


def test_async_library_draws_four_at_once(desk: Desk):
    with desk.counting() as count:
        pictures = asyncio.run(_four(desk))

    assert len({picture.url for picture in pictures}) == 4
    assert count.requests == 4
