"""The studio's own clients against the sandbox over real HTTP: what one sends, the other takes, and says in its way."""

from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image

from studio.relays import DIALECTS, open_relay
from studio.relays.dialects.base import DrawRequest, Kind, RelayClient, RelayError
from studio.sandbox import ledger
from studio.sandbox.views import DIALECTS as SPOKEN
from tests.sandbox.conftest import KEY

DRAWING = [
    ("routeway", "sandbox-sketch:free"),
    ("routeway", "sandbox-flux"),
    ("routmy", "sandbox/canvas"),
    ("relayrouter", "gpt-image-sandbox"),
    ("relayrouter", "sandbox-poster"),
    ("openai", "gpt-image-sandbox"),
    ("openai", "gpt-image-2-sandbox"),
    ("chat", "sandbox/talking-brush"),
    ("chat", "sandbox/plate"),
    ("generic", "sandbox-litho"),
    ("generic", "sandbox-lino"),
    ("generic", "sandbox-mystery"),
]
FIRST = dict(reversed(DRAWING))
VALUES = {
    "size": "512x512",
    "quality": "standard",
    "negative_prompt": "sun",
    "seed": 7,
    "steps": 4,
    "guidance": 3.5,
    "output_compression": 80,
}
KINDS = {
    "401": Kind.AUTH,
    "402": Kind.OUT_OF_FUNDS,
    "403": Kind.NOT_OPEN,
    "403 page": Kind.NOT_OPEN,
    "404": Kind.WRONG_ADDRESS,
    "422 budget": Kind.OUT_OF_FUNDS,
    "429": Kind.RATE_LIMITED,
    "500": Kind.TRANSIENT,
    "503": Kind.TRANSIENT,
    "504": Kind.UNKNOWN,
    "200 error": Kind.BAD_ANSWER,
    "refuse": Kind.BLOCKED,
    "empty": Kind.BLOCKED,
    "html": Kind.BAD_ANSWER,
    "not json": Kind.BAD_ANSWER,
}


def client(url: str, dialect: str, path: str = "") -> RelayClient:
    base_url = f"{url}/sandbox/{path or dialect}/v1"
    allow = frozenset({urlsplit(url).netloc})
    return open_relay(dialect=dialect, base_url=base_url, api_key=KEY, allow=allow)


def everything(relay: RelayClient, model_id: str, prompt: str = "a lake", n: int = 1) -> DrawRequest:
    """Return a request that asks for all a freshly read model takes."""
    info = next(info for info in relay.models() if info.id == model_id)
    accepts = relay.capabilities(info).accepts
    settings = {name: values[0] if values else VALUES.get(name, "x") for name, values in accepts.items()}
    settings.pop("image_only", None)
    return DrawRequest(model=model_id, prompt=prompt, n=n, settings=settings, accepts=frozenset(accepts))


def draw(relay: RelayClient, request: DrawRequest, folder: Path) -> list[Path]:
    spool = folder / "answer"
    relay.send(request, spool=spool, before_send=lambda: None, deadline=30)
    pictures = relay.read(request, spool=spool)
    for picture in pictures:
        relay.collect(picture, spool=spool, into=folder / str(picture.index))
    return [folder / str(picture.index) for picture in pictures]


def look(file: Path) -> tuple[str | None, tuple[int, int]]:
    with Image.open(file) as picture:
        return picture.format, picture.size


def test_sandbox_speaks_every_dialect() -> None:
    assert SPOKEN.keys() == DIALECTS.keys()


@pytest.mark.parametrize(("dialect", "model_id"), DRAWING)
def test_send_everything_a_listed_model_takes_is_drawn(server, tmp_path, dialect, model_id) -> None:
    relay = client(server.url, dialect)
    request = everything(relay, model_id, n=1 if dialect == "chat" else 2)

    files = draw(relay, request, tmp_path)

    assert [look(file)[0] for file in files] == ["PNG"] * request.n
    assert relay.dropped(request) == []
    assert [line["n"] for line in ledger.read()] == [request.n]


def test_send_chat_model_of_rout_my_is_drawn_at_the_same_address(server, tmp_path) -> None:
    relay = client(server.url, "chat", path="routmy")
    request = DrawRequest(
        model="sandbox/talking-brush",
        prompt="a lake",
        n=1,
        settings={"aspect_ratio": "16:9"},
        accepts=frozenset({"aspect_ratio"}),
    )

    (file,) = draw(relay, request, tmp_path)

    assert look(file) == ("PNG", (1360, 768))


def test_cost_and_words_of_a_chat_are_kept(server, tmp_path) -> None:
    relay = client(server.url, "chat")
    draw(relay, everything(relay, "sandbox/talking-brush"), tmp_path)

    (picture,) = relay.read(everything(relay, "sandbox/talking-brush"), spool=tmp_path / "answer")

    assert relay.used(tmp_path / "answer").cost == Decimal("0.038700")
    assert picture.revised_prompt.endswith("(sandbox: no AI)")
    assert "more characters" in relay.raw(tmp_path / "answer")


@pytest.mark.parametrize(
    ("dialect", "draws"),
    [
        ("routeway", {"sandbox-flux": True, "sandbox-sketch:free": True, "sandbox-words": False}),
        (
            "routmy",
            dict.fromkeys(
                ("sandbox/canvas", "sandbox/canvas-pro", "sandbox/talking-brush", "sandbox/words"), None
            ),
        ),
        ("relayrouter", {"gpt-image-sandbox": True, "sandbox-poster": True, "sandbox-words": False}),
        ("openai", {"gpt-image-sandbox": True, "gpt-image-2-sandbox": True, "sandbox-words": None}),
        ("chat", {"sandbox/talking-brush": True, "sandbox/plate": True, "sandbox/words": False}),
        (
            "generic",
            {"sandbox-litho": True, "sandbox-lino": True, "sandbox-mystery": None, "sandbox-words": False},
        ),
    ],
)
def test_models_are_sorted_as_their_rows_tell(server, dialect, draws) -> None:
    found = client(server.url, dialect).models()

    assert {info.id: info.is_image for info in found} == draws
    assert [info.by_chat for info in found] == [False] * len(found)


@pytest.mark.parametrize("word", KINDS)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_read_ordered_failure_has_one_class_in_every_dialect(server, tmp_path, dialect, word) -> None:
    relay = client(server.url, dialect)
    model = FIRST[dialect]
    request = DrawRequest(model=model, prompt=f"a lake [{word}]", n=1)

    with pytest.raises(RelayError) as caught:
        draw(relay, request, tmp_path)

    assert caught.value.kind == KINDS[word]
    if word == "429":
        assert caught.value.retry_after == 2
    if word in ("401", "402"):
        assert len(caught.value.trace_id) >= 12


@pytest.mark.parametrize("dialect", DIALECTS)
def test_read_502_is_tried_again_only_where_the_relays_pages_say_so(server, tmp_path, dialect) -> None:
    relay = client(server.url, dialect)
    model = FIRST[dialect]

    with pytest.raises(RelayError) as caught:
        draw(relay, DrawRequest(model=model, prompt="a lake [502]", n=1), tmp_path)

    retried = dialect in ("routmy", "relayrouter")
    assert caught.value.kind == (Kind.TRANSIENT if retried else Kind.UNKNOWN)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_read_unknown_model_is_gone_in_every_dialect(server, tmp_path, dialect) -> None:
    relay = client(server.url, dialect)

    with pytest.raises(RelayError) as caught:
        draw(relay, DrawRequest(model="flux-9", prompt="a lake", n=1), tmp_path)

    assert caught.value.kind == Kind.MODEL_GONE
