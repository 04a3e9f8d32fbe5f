"""One relay: send a request, read its answer, collect its pictures.

RelayError        the whole request failed; `kind` says what that means
  NOT_SENT        raised before `before_send` was called: nothing was spent
  UNKNOWN         raised after it: never to be repeated without a person's decision
PictureError      one picture of a good answer could not be had
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar

import httpx

from studio.relays.answers import payload, raw
from studio.relays.answers.classify import classify, trace_id
from studio.relays.answers.reading import IMAGES, TEXT_LIMIT, AnswerShape, read_pictures, used
from studio.relays.answers.room import NoRoom, reserved
from studio.relays.answers.spool import TooLarge, take_cut, write
from studio.relays.dialects import model_lists
from studio.relays.dialects.known_models import Values, by_name, draws_singly, through_chat
from studio.relays.network.addresses import parse_url, spot
from studio.relays.network.call import clock, exchange, kept, lost, parsed, prepare, whole
from studio.relays.network.connector import Network
from studio.relays.network.fetch import Pace, fetch
from studio.relays.settings import IMAGES_AT_ONCE
from studio.relays.shapes import (
    MIB,
    PICTURE_LIMIT,
    Answer,
    Capabilities,
    DrawRequest,
    Kind,
    ModelInfo,
    Operation,
    Outgoing,
    Picture,
    PictureError,
    RelayError,
    Usage,
)

__all__ = [
    "Answer",
    "Capabilities",
    "DrawRequest",
    "Kind",
    "ModelInfo",
    "Picture",
    "PictureError",
    "RelayClient",
    "RelayError",
]

ALWAYS = frozenset({"model", "prompt", "n"})
WORDS = frozenset({"prompt", "messages"})
LIST_LIMIT = 4 * MIB
ROW_LIMIT = 5000


class RelayClient:
    """What every dialect shares; a dialect says which fields it takes and how its model list reads.

    `fields` are the studio's own names; `renamed` says where one lands in the body instead ("object.key"). `withheld`
    are fields of the relay's documents that are never sent, `ticked` those a model has only from an administrator.
    """

    dialect: ClassVar[str]
    fields: ClassVar[frozenset[str]]
    renamed: ClassVar[Mapping[str, str]] = {}
    withheld: ClassVar[frozenset[str]] = frozenset()
    ticked: ClassVar[frozenset[str]] = frozenset()
    paths: ClassVar[Mapping[Operation, str]] = {Operation.DRAW: "images/generations"}
    models_path: ClassVar[str] = "models"
    shape: ClassVar[AnswerShape] = IMAGES
    retries_502: ClassVar[bool] = False

    def __init__(self, *, base_url: str, api_key: str, allow: frozenset[str] = frozenset()) -> None:
        self.base_url = base_url.strip().rstrip("/")
        self.api_key = api_key.strip()
        self.network = Network(allow=own_spot(self.base_url, allow))
        self.pace = Pace()

    def takes(self, name: str, request: DrawRequest) -> bool:
        """Say whether this dialect and the request's model both take a field."""
        return name in self.fields and name in request.accepts

    def build(self, request: DrawRequest) -> Outgoing:
        """Return what is sent for a request; RelayError for an operation that this dialect has no path for."""
        path = self.paths.get(request.operation)
        if path is None:
            raise RelayError(
                Kind.INVALID, code="unknown_operation", message=f"{self.dialect}: {request.operation}"
            )
        return Outgoing(path=path, fields=self.body(request))

    def body(self, request: DrawRequest) -> dict[str, object]:
        """Return the fields to send: only what the dialect and the model take, nothing that is unset."""
        body = self.start(request)
        for name, value in _asked(request):
            is_default = name == "response_format" and value == "url"
            if self.takes(name, request) and not is_default:
                _put(body, self.renamed.get(name, name), value)
        return body

    def start(self, request: DrawRequest) -> dict[str, object]:
        """Return what every request of this dialect holds."""
        return {"model": request.model, "prompt": request.prompt, "n": request.n}

    def sent(self, request: DrawRequest) -> dict[str, object]:
        """Return the body without the words of the prompt, for the receipt."""
        return {name: value for name, value in self.body(request).items() if name not in WORDS}

    def dropped(self, request: DrawRequest) -> list[str]:
        """Return the settings that were asked for and are not sent, in the order they were asked."""
        return [name for name, _ in _asked(request) if not self.takes(name, request)]

    def send(
        self, request: DrawRequest, *, spool: Path, before_send: Callable[[], None], deadline: float = 660.0
    ) -> Answer:
        """Send one request on one fresh connection, calling `before_send` once, right before its first byte.

        The answer, whatever its status, is durable in `spool` when this returns. Seconds of wall clock.
        """
        if request.n < 1:
            raise ValueError("an empty request may cost money and brings nothing")
        limit = request.n * PICTURE_LIMIT * 4 // 3 + MIB
        body = self.build(request)
        url = f"{self.base_url}/{body.path}"
        try:
            with ExitStack() as files:
                call = prepare(
                    "POST", url, key=self.api_key, allow=self.network.allow, body=body, files=files
                )
                timer = clock(deadline)
                timer.on_send = before_send
                files.enter_context(reserved(spool.with_suffix(".part"), limit))
                with exchange(call, network=self.network, clock=timer, secret=self.api_key) as response:
                    return self._store(response, spool=spool, limit=limit)
        except NoRoom:
            message = "There is no room for the answer."
            raise RelayError(Kind.NOT_SENT, code="storage_full", message=message) from None

    def read(self, request: DrawRequest, *, spool: Path) -> list[Picture]:
        """Return the pictures of a complete answer in order, at most n + 2 of them by URL; loads no payload."""

        def judge(status: int, headers: Mapping[str, str], body: Mapping[str, Any], text: str) -> RelayError:
            return self._judge(status, headers=headers, body=body, text=text, model=request.model)

        return read_pictures(spool, shape=self.shape, urls=request.n + 2, judge=judge)

    def collect(
        self,
        picture: Picture,
        *,
        spool: Path,
        into: Path,
        is_whole: Callable[[Path], bool] = lambda _: False,
    ) -> None:
        """Put the bytes of one picture into the file `into`, from the spool or from the web.

        What broke off on the web is taken all the same if `is_whole` says that nothing of the picture is missing.
        """
        if picture.payload:
            payload.decode(spool, place=picture.payload, into=into, limit=self.pace.limit)
        elif picture.url:
            fetch(picture.url, into=into, network=self.network, pace=self.pace, is_whole=is_whole)
        else:
            raise PictureError("unusable", rule="empty")

    def raw(self, spool: Path, limit: int = raw.LIMIT) -> str:
        """Return a complete answer as text for an administrator: no payloads, no keys, no control characters."""
        return raw.text(spool, limit=limit, secret=self.api_key)

    def used(self, spool: Path) -> Usage:
        """Return what the answer says of its cost and its tokens."""
        return used(spool)

    def models(self, *, deadline: float = 30.0) -> list[ModelInfo]:
        """Return the models this key may use; those the relay calls unavailable are left out."""
        response, text = self._get(self.models_path, deadline)
        value = parsed(text)
        body = value if isinstance(value, dict) else {}
        found = body.get("data")
        if response.status_code != 200 or not isinstance(found, list):
            headers = kept(response.headers)
            raise self._judge(response.status_code, headers=headers, body=body, text=text[:TEXT_LIMIT])
        return [
            self.model(row)
            for row in found[:ROW_LIMIT]
            if isinstance(row, dict) and model_lists.is_usable(row)
        ]

    def usage(self, path: str, *, deadline: float = 30.0) -> str:
        """Return the relay's own account of what it drew, as it gives it at a path under its address."""
        response, text = self._get(path, deadline)
        if response.status_code != 200:
            raise self._judge(
                response.status_code, headers=kept(response.headers), body={}, text=text[:TEXT_LIMIT]
            )
        return text

    def _get(self, path: str, deadline: float) -> tuple[httpx.Response, str]:
        call = prepare("GET", f"{self.base_url}/{path}", key=self.api_key, allow=self.network.allow)
        with exchange(call, network=self.network, clock=clock(deadline), secret=self.api_key) as response:
            return response, whole(response, LIST_LIMIT).decode("utf-8-sig", "replace")

    def model(self, row: Mapping[str, Any]) -> ModelInfo:
        """Return one row of the relay's model list in our words."""
        return ModelInfo(
            id=row["id"],
            label=model_lists.label(row),
            is_image=model_lists.draws(row),
            sizes=model_lists.names(row.get("supported_sizes")),
            parameters=model_lists.names(row.get("supported_parameters")),
            price=model_lists.price(row),
            by_chat=model_lists.draws_by_chat(row),
            image_only=model_lists.outputs(row) == ["image"],
        )

    def capabilities(self, info: ModelInfo) -> Capabilities:
        """Return what a model takes as far as its row and the relay's documents tell."""
        if info.by_chat:
            return through_chat(info)
        per_call = 1 if draws_singly(info.id) else IMAGES_AT_ONCE
        accepts = {name: list(values) for name, values in self.usual(info).items() if name in self.fields}
        return Capabilities(accepts=accepts, per_call=per_call)

    def usual(self, info: ModelInfo) -> Values:
        """Return the settings a model of this relay takes, with their values; those it has no field for are cut off."""
        known = by_name(info.id)
        usual = {"size": info.sizes or known.get("size", []), "quality": known.get("quality", [])}
        return usual if usual["quality"] else {"size": usual["size"]}

    def _judge(self, status: int, **said: Any) -> RelayError:
        return classify(status, retries_502=self.retries_502, secret=self.api_key, **said)

    def _store(self, response: httpx.Response, *, spool: Path, limit: int) -> Answer:
        """Stream the answer into the spool; from here on the request may have been charged."""
        headers = kept(response.headers)
        status, trace = response.status_code, trace_id(headers, {}, self.api_key)
        try:
            head = {"status": status, "headers": headers}
            write(spool, head=head, chunks=response.iter_raw(), limit=limit)
        except httpx.TransportError as error:
            if not take_cut(spool):
                raise lost(error, secret=self.api_key, status=status, trace_id=trace) from error
        except TooLarge:
            raise RelayError(Kind.BAD_ANSWER, status=status, code="too_large", trace_id=trace) from None
        except OSError as error:
            message = f"The answer could not be stored: {error.strerror}"
            raise RelayError(
                Kind.UNKNOWN, status=status, code="storage", message=message, trace_id=trace
            ) from error
        return Answer(status=status, headers=headers, trace_id=trace)


def own_spot(base_url: str, allow: frozenset[str]) -> frozenset[str]:
    """Keep only the relay's own host and port of those opened on purpose: no relay reaches another."""
    try:
        url = httpx.URL(base_url)
        port = url.port or (443 if url.scheme == "https" else 80)
        return frozenset({spot(url.raw_host.decode("ascii"), port)}) & frozenset(map(str.lower, allow))
    except (httpx.InvalidURL, ValueError):
        return frozenset()


def check_base_url(base_url: str, *, allow: frozenset[str] = frozenset()) -> None:
    """Raise ForbiddenAddress for a base URL that may never be called, NotConnected for a name without an address."""
    own = own_spot(base_url, allow)
    url = parse_url(base_url, allow=own)
    Network(allow=own).vet(url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80))


def _asked(request: DrawRequest) -> list[tuple[str, str | int | float]]:
    """Return the settings that hold something; empty text, None and booleans are never sent."""
    return [
        (name, value)
        for name, value in request.settings.items()
        if name not in ALWAYS and value not in ("", None) and not isinstance(value, bool)
    ]


def _put(body: dict[str, object], place: str, value: object) -> None:
    """Set a value at "key" or at "object.key"."""
    outer, dot, inner = place.partition(".")
    if not dot:
        body[place] = value
        return
    found = body.setdefault(outer, {})
    if isinstance(found, dict):
        found[inner] = value
