"""What every dialect of the sandbox has in common: an order is read, answered, or refused in the dialect's own words.

A dialect raises `Refused` with what its real counterpart says; the view turns it into an answer with `Dialect.error`.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

PROMPT_LIMIT = 32_000


class Refused(Exception):
    """The relay answers with an error instead of pictures."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.type = status, message, type
        self.answered = status  # what the answer's first line says; 200 for an error in disguise
        self.code, self.param, self.headers = code, param, dict(headers or {})


@dataclass(frozen=True, kw_only=True)
class Model:
    """One model of the sandbox: its sizes (the first is the default; none: any) and the settings it takes."""

    id: str
    name: str
    sizes: tuple[str, ...] = ()
    qualities: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    price: float = 0.0
    style: str = ""  # words added to every prompt: what this model draws like
    marks: Mapping[str, object] = field(default_factory=dict)  # what its row says besides
    by_chat: bool = False
    inline: bool = False  # answers base64 whatever was asked


def any_seed() -> int:
    """Return a seed nobody asked for."""
    return secrets.randbelow(2**31)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A request that passed its dialect's checks."""

    model: Model
    prompt: str
    n: int
    size: str
    quality: str
    seed: int = field(default_factory=any_seed)
    negative_prompt: str = ""
    inline: bool = False  # pictures travel as base64 inside the answer
    by_chat: bool = False
    format: str = "png"

    @property
    def width(self) -> int:
        return int(self.size.partition("x")[0])

    @property
    def height(self) -> int:
        return int(self.size.partition("x")[2])


class SandboxDialect:
    """One dialect: subclasses read the body and shape answers and errors."""

    name: ClassVar[str]
    models: ClassVar[dict[str, Model]]
    revises: ClassVar[bool] = False  # answers say how the prompt was understood

    def read(self, body: object) -> Wish:
        """Return the order in a body sent to images/generations; raise Refused as the real relay does."""
        raise self.no_such_path()

    def read_chat(self, body: object) -> Wish:
        """Return the order in a body sent to chat/completions."""
        raise self.no_such_path()

    def no_such_path(self) -> Refused:
        """Return what someone hears who asks where nobody answers."""
        return Refused(404, "There is nothing at this path.")

    def not_open(self) -> Refused:
        """Return what a key is told that may not use the model."""
        return Refused(403, "This model is not included in your plan.", type="permission_error")

    def over_budget(self) -> Refused:
        """Return what a key is told whose budget is used up."""
        message = "Budget has been exceeded! Current cost: 1.02, Max budget: 1.0"
        return Refused(422, message, type="budget_exceeded", code="422")

    def model_rows(self) -> dict[str, object]:
        """Return the answer of GET /models."""
        raise NotImplementedError

    def answer(self, order: Wish, *, pictures: list[dict[str, object]], created: int) -> dict[str, object]:
        """Return the body of a 200; each picture already has its `url` or `b64_json`."""
        raise NotImplementedError

    def error(self, refused: Refused, *, trace_id: str) -> tuple[dict[str, object], dict[str, str]]:
        """Return body and headers of an error."""
        raise NotImplementedError

    def headers(self, *, trace_id: str) -> dict[str, str]:
        """Return the headers of a 200."""
        return {}

    def unauthorized(self, *, key: str) -> Refused:
        """Return what a missing or wrong key is told."""
        raise NotImplementedError

    def rate_limited(self) -> Refused:
        """Return what someone in a hurry is told."""
        raise NotImplementedError

    def out_of_funds(self) -> Refused:
        """Return what an empty account is told."""
        raise NotImplementedError

    def blocked(self) -> Refused:
        """Return what a prompt against the policy is told."""
        raise NotImplementedError

    def failed(self, status: int) -> Refused:
        """Return what the relay says when it fails itself (500, 502, 503, 504)."""
        raise NotImplementedError


def is_integer(value: object) -> bool:
    """Say whether JSON Schema calls the value an integer: 4 and 4.0 are, true is not."""
    return (isinstance(value, int) and not isinstance(value, bool)) or (
        isinstance(value, float) and value.is_integer()
    )


def is_number(value: object) -> bool:
    """Say whether JSON Schema calls the value a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_a(value: object, kind: str) -> bool:
    """Say whether the value is of one of JSON Schema's kinds."""
    match kind:
        case "string":
            return isinstance(value, str)
        case "integer":
            return is_integer(value)
        case "number":
            return is_number(value)
        case "boolean":
            return isinstance(value, bool)
        case "object":
            return isinstance(value, dict)
        case "array":
            return isinstance(value, list)
        case _:
            return value is None


def masked(key: str) -> str:
    """Return a key as vendors echo it: only its last four characters."""
    return "*" * 8 + key[-4:] if len(key) > 8 else "*" * 8
