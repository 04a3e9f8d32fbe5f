"""The values and errors that pass between a relay and its callers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from studio.relays.settings import IMAGES_AT_ONCE

MIB = 1024 * 1024
PICTURE_LIMIT = 40 * MIB
MESSAGE_LIMIT = 2048

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]+")
_CONTROL_INSIDE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]+")
_KEY = re.compile(r"\b((?:sk|rk|pk|key|rw|rtw)[-_])[A-Za-z0-9_\-]{4,}([A-Za-z0-9_\-]{4})")
_BEARER = re.compile(r"\b(Bearer\s+)[A-Za-z0-9._~+/\-]{4,}([A-Za-z0-9._~+/\-]{4}=*)", re.IGNORECASE)


class Kind(StrEnum):
    """What a failed request means for money and for trying again (RELAYS.md §2.8)."""

    OUT_OF_FUNDS = "out_of_funds"
    BLOCKED = "blocked"
    RATE_LIMITED = "rate_limited"
    NOT_OPEN = "not_open"
    AUTH = "auth"
    MODEL_GONE = "model_gone"
    WRONG_ADDRESS = "wrong_address"
    INVALID = "invalid"
    NOT_SENT = "not_sent"
    TRANSIENT = "transient"
    UNKNOWN = "unknown"
    BAD_ANSWER = "bad_answer"


class Operation(StrEnum):
    """What a relay is asked to do; a dialect has a path for each that it knows."""

    DRAW = "draw"
    EDIT = "edit"


class Encoding(StrEnum):
    """How the body of a request travels: FORM is multipart/form-data, for pictures that go along."""

    JSON = "json"
    FORM = "form"


@dataclass(frozen=True, kw_only=True)
class Input:
    """A picture that goes along with a request, under the name of the part it plays (image, mask)."""

    role: str
    path: Path
    media_type: str


@dataclass(frozen=True, kw_only=True)
class DrawRequest:
    """What a relay is asked for, in the studio's own words: a dialect builds what is sent from it, and nothing else.

    `settings` holds what was asked, `accepts` what the model takes, `inputs` the pictures that it starts from.
    """

    model: str
    prompt: str
    n: int
    operation: Operation = Operation.DRAW
    settings: Mapping[str, str | int | float] = field(default_factory=dict)
    accepts: frozenset[str] = frozenset()
    inputs: tuple[Input, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """What leaves for a relay: where to below its base URL, how it travels, and what it holds."""

    path: str
    fields: Mapping[str, object]
    encoding: Encoding = Encoding.JSON
    files: tuple[Input, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One picture in an answer: a web address, or (offset, length) of its base64 text in the spool.

    `dies_at` is when the address will be gone, if the answer says so; `links.death` asks the address itself.
    """

    index: int
    revised_prompt: str = ""
    url: str | None = None
    dies_at: datetime | None = None
    payload: tuple[int, int] | None = None


@dataclass(frozen=True)
class Usage:
    """What an answer says that it used: its cost in USD, and tokens of `text`, `image` and `output`."""

    cost: Decimal | None = None
    tokens: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ModelInfo:
    """One row of a relay's model list; `is_image` is None when the relay does not say.

    `by_chat` marks a model that draws through chat although its relay's own dialect does not, `image_only` one that
    writes no text beside; `multiplier` is what its relay multiplies the quota of one image by, `price` what it asks
    for one in USD.
    """

    id: str
    label: str
    is_image: bool | None
    sizes: list[str] = field(default_factory=list)
    parameters: list[str] = field(default_factory=list)
    multiplier: Decimal | None = None
    price: Decimal | None = None
    by_chat: bool = False
    image_only: bool = False


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What a model takes: its fields with their values ([] = any), images a person may ask for, and per request."""

    accepts: dict[str, list[str]]
    max_n: int = IMAGES_AT_ONCE
    per_call: int = IMAGES_AT_ONCE


@dataclass
class Answer:
    """The head of a complete HTTP answer; its body waits in the spool."""

    status: int
    headers: dict[str, str]
    trace_id: str


class RelayError(Exception):
    """A request that brought no pictures; `message` is the relay's own text, for administrators."""

    def __init__(
        self,
        kind: Kind,
        *,
        status: int | None = None,
        code: str = "",
        message: str = "",
        param: str = "",
        trace_id: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{kind}: {status or '-'} {code} {message}".rstrip())
        self.kind = kind
        self.status = status
        self.code = code
        self.message = message
        self.param = param
        self.trace_id = trace_id
        self.retry_after = retry_after


class PictureError(Exception):
    """One picture that could not be had: `state` is how its slot ends, `rule` says why, `host` is safe to log.

    `passes_within` says how many seconds after the answer it may still pass by itself: 0 is final, infinity is as
    long as the link lives. `retry_after` is what the image's host asks us to wait.
    """

    def __init__(
        self,
        state: str,
        *,
        rule: str,
        host: str = "",
        passes_within: float = 0.0,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{state}: {rule} {host}".rstrip())
        self.state = state
        self.rule = rule
        self.host = host
        self.passes_within = passes_within
        self.retry_after = retry_after

    def may_pass(self, age: float) -> bool:
        """Say whether it is worth asking again for a link that is `age` seconds old."""
        return max(age, 0.0) < self.passes_within


def mask(text: str, secret: str = "") -> str:
    """Return `text` with the relay's key and everything that looks like one cut down to its ends."""
    if len(secret) >= 4:
        ends = f"{secret[:3]}…{secret[-4:]}" if len(secret) >= 12 else "…"
        text = text.replace(secret, ends)
    text = _KEY.sub(r"\1…\2", text)
    return _BEARER.sub(r"\1…\2", text)


def paragraph(text: str) -> str:
    """Return `text` without control characters, its line breaks and tabs kept."""
    return _CONTROL_INSIDE.sub("", text).strip()


def plain(text: str, limit: int = MESSAGE_LIMIT) -> str:
    """Return `text` on one line, without control or direction characters, in at most `limit` UTF-8 bytes."""
    line = _CONTROL.sub(" ", text[: limit * 4]).strip()
    return line.encode("utf-8", "replace")[:limit].decode("utf-8", "ignore")
