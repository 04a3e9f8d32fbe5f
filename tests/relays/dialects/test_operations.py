"""The seam of further operations: a dialect that edits is a path and a body of another kind, and nothing else."""

from pathlib import Path

import pytest

from studio.relays import DIALECTS
from studio.relays.dialects.base import DrawRequest, Kind, RelayClient, RelayError
from studio.relays.dialects.openai import OpenAIClient
from studio.relays.shapes import Encoding, Input, Operation, Outgoing
from tests.relays.chaos import Chaos, answers_json
from tests.relays.conftest import KEY, draw


class Editor(OpenAIClient):
    """A dialect that also changes pictures, as OpenAI's does."""

    paths = {**OpenAIClient.paths, Operation.EDIT: "images/edits"}

    def build(self, request: DrawRequest) -> Outgoing:
        outgoing = super().build(request)
        if request.operation is Operation.EDIT:
            return Outgoing(
                path=outgoing.path, fields=outgoing.fields, encoding=Encoding.FORM, files=request.inputs
            )
        return outgoing


def test_send_edit_is_a_form_with_its_pictures_and_its_own_path(spool: Path, tmp_path: Path) -> None:
    original = tmp_path / "a person's words.png"
    original.write_bytes(b"\x89PNG original")
    picture = Input(role="image", path=original, media_type="image/png")
    request = draw(
        operation=Operation.EDIT, inputs=(picture,), settings={"size": "1x1"}, accepts=frozenset({"size"})
    )

    with Chaos(answers_json(200, {"data": []})) as chaos:
        relay = Editor(base_url=f"{chaos.url}/v1", api_key=KEY, allow=frozenset({chaos.spot}))
        answer = relay.send(request, spool=spool, before_send=lambda: None)

    head, _, body = chaos.requests[0].partition(b"\r\n\r\n")
    assert answer.status == 200
    assert head.startswith(b"POST /v1/images/edits HTTP/1.1\r\n")
    assert b"Content-Type: multipart/form-data; boundary=" in head
    assert b'name="prompt"\r\n\r\nA garden\r\n' in body
    assert b'name="size"\r\n\r\n1x1\r\n' in body
    assert b'name="image"; filename="image"\r\nContent-Type: image/png\r\n\r\n\x89PNG original\r\n' in body
    assert b"words" not in body


@pytest.mark.parametrize("dialect", DIALECTS)
def test_send_operation_that_a_dialect_does_not_know_never_leaves(spool: Path, dialect: str) -> None:
    relay: RelayClient = DIALECTS[dialect](base_url="https://relay.example/v1", api_key=KEY)

    with pytest.raises(RelayError) as caught:
        relay.send(draw(operation=Operation.EDIT), spool=spool, before_send=lambda: pytest.fail("it left"))

    assert (caught.value.kind, caught.value.code) == (Kind.INVALID, "unknown_operation")
