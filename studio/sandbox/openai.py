"""The dialect openai for gpt-image models (RELAYS.md §1.4): base64 only, `response_format` refused, usage in tokens."""

from typing import ClassVar

from studio.sandbox.dialects import PROMPT_LIMIT, Model, Refused, SandboxDialect, Wish, is_integer, masked
from studio.sandbox.sizes import is_free, sides_of

STRINGS: dict[str, tuple[str, ...]] = {
    "background": ("auto", "opaque"),
    "output_format": ("png", "jpeg", "webp"),
    "moderation": ("auto", "low"),
    "user": (),
}
INTEGERS = {"n": (1, 10), "output_compression": (0, 100)}
QUALITIES = ("auto", "low", "medium", "high")
OTHER_ROWS = ({"id": "sandbox-words", "object": "model", "created": 1_700_000_000, "owned_by": "sandbox"},)
KNOWN = {"model", "prompt", "size", "quality", *STRINGS, *INTEGERS}
# Output tokens per picture by quality: square, portrait, landscape, as OpenAI prices gpt-image-1.
TOKENS = {"low": (272, 408, 400), "medium": (1056, 1584, 1568), "high": (4160, 6240, 6208)}


class OpenAI(SandboxDialect):
    """Reads and answers as OpenAI does for its gpt-image models."""

    name = "openai"
    models: ClassVar[dict[str, Model]] = {
        "gpt-image-sandbox": Model(
            id="gpt-image-sandbox",
            name="gpt-image-sandbox",
            sizes=("1024x1024", "1536x1024", "1024x1536", "auto"),
            qualities=QUALITIES,
        ),
        "gpt-image-2-sandbox": Model(
            id="gpt-image-2-sandbox", name="gpt-image-2-sandbox", qualities=QUALITIES
        ),
    }

    def read(self, body: object) -> Wish:
        """Return the order; 400 with `param` for a bad field, 404 for an unknown model."""
        if not isinstance(body, dict):
            raise Refused(400, "We could not parse the JSON body of your request.")
        for name in body:
            if name not in KNOWN:
                raise _bad(f"Unknown parameter: '{name}'.", name, "unknown_parameter")
        model = self._model(body)
        prompt = _prompt(body)
        for name in INTEGERS:
            _check_integer(body, name)
        for name, allowed in {"size": model.sizes, "quality": model.qualities, **STRINGS}.items():
            _check_choice(body, name, allowed)
        size = body.get("size", "auto")
        if not model.sizes and size != "auto":
            _check_rules(size)
        return Wish(
            model=model,
            prompt=prompt,
            n=int(body.get("n", 1)),
            size="1024x1024" if size == "auto" else size,
            quality=body.get("quality", "auto"),
            inline=True,
            format=body.get("output_format", "png"),
        )

    def _model(self, body: dict[str, object]) -> Model:
        if "model" not in body:
            raise _bad("Missing required parameter: 'model'.", "model", "missing_required_parameter")
        model = self.models.get(str(body["model"]))
        if model is None:
            message = f"The model '{body['model']}' does not exist or you do not have access to it."
            raise Refused(404, message, code="model_not_found")
        return model

    def model_rows(self) -> dict[str, object]:
        """Return rows without a modality, as OpenAI's are."""
        rows = [
            {"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "sandbox"}
            for name in self.models
        ]
        return {"object": "list", "data": [*rows, *OTHER_ROWS]}

    def answer(self, order: Wish, *, pictures: list[dict[str, object]], created: int) -> dict[str, object]:
        """Return the pictures with what was applied and the usage."""
        quality = "medium" if order.quality == "auto" else order.quality
        shape = 0 if order.width == order.height else 1 if order.width < order.height else 2
        text, image = max(len(order.prompt) // 4, 1), TOKENS[quality][shape] * len(pictures)
        usage = {
            "input_tokens": text,
            "input_tokens_details": {"text_tokens": text, "image_tokens": 0},
            "output_tokens": image,
            "total_tokens": text + image,
        }
        applied = {
            "background": "opaque",
            "output_format": order.format,
            "quality": quality,
            "size": order.size,
        }
        return {"created": created, **applied, "data": pictures, "usage": usage}

    def error(self, refused: Refused, *, trace_id: str) -> tuple[dict[str, object], dict[str, str]]:
        """Return OpenAI's four keys, the trace id in the header."""
        detail = {
            "message": refused.message,
            "type": refused.type,
            "param": refused.param,
            "code": refused.code,
        }
        return {"error": detail}, refused.headers | self.headers(trace_id=trace_id)

    def headers(self, *, trace_id: str) -> dict[str, str]:
        """Return the header that carries the trace id."""
        return {"x-request-id": trace_id}

    def unauthorized(self, *, key: str) -> Refused:
        """Return the 401."""
        if not key:
            return Refused(401, "You didn't provide an API key.")
        return Refused(401, f"Incorrect API key provided: {masked(key)}.", code="invalid_api_key")

    def rate_limited(self) -> Refused:
        """Return a 429 that may be retried."""
        headers = {"Retry-After": "2", "retry-after-ms": "2000", "x-ratelimit-reset-requests": "2s"}
        message = "Rate limit reached for images per minute. Please try again in 2s."
        return Refused(429, message, type="requests", code="rate_limit_exceeded", headers=headers)

    def out_of_funds(self) -> Refused:
        """Return an exhausted quota."""
        message = "You exceeded your current quota, please check your plan and billing details."
        return Refused(402, message, type="insufficient_quota", code="insufficient_quota")

    def blocked(self) -> Refused:
        """Return a refusal of the safety system."""
        message = "Your request was rejected by the safety system. safety_violations=[sandbox]."
        return Refused(400, message, type="image_generation_user_error", code="moderation_blocked")

    def failed(self, status: int) -> Refused:
        """Return a failure of the relay itself."""
        words = {
            500: "The server had an error while processing your request. Sorry about that!",
            502: "Bad gateway.",
            503: "The engine is currently overloaded, please try again later.",
            504: "Gateway timeout.",
        }
        return Refused(status, words[status], type="server_error")


def _bad(message: str, param: str, code: str) -> Refused:
    return Refused(400, message, code=code, param=param)


def _prompt(body: dict[str, object]) -> str:
    prompt = body.get("prompt")
    if prompt is None:
        raise _bad("Missing required parameter: 'prompt'.", "prompt", "missing_required_parameter")
    if not isinstance(prompt, str):
        raise _bad("Invalid type for 'prompt': expected a string.", "prompt", "invalid_type")
    if not prompt.strip():
        raise _bad("Invalid 'prompt': string too short.", "prompt", "string_below_min_length")
    if len(prompt) > PROMPT_LIMIT:
        raise _bad("Invalid 'prompt': string too long.", "prompt", "string_above_max_length")
    return prompt


def _check_integer(body: dict[str, object], name: str) -> None:
    low, high = INTEGERS[name]
    value = body.get(name, low)
    if not is_integer(value):
        raise _bad(f"Invalid type for '{name}': expected an integer.", name, "invalid_type")
    if int(value) < low:  # type: ignore[call-overload]
        message = f"Invalid '{name}': integer below minimum value. Expected a value >= {low}, but got {value} instead."
        raise _bad(message, name, "integer_below_min_value")
    if int(value) > high:  # type: ignore[call-overload]
        message = f"Invalid '{name}': integer above maximum value. Expected a value <= {high}, but got {value} instead."
        raise _bad(message, name, "integer_above_max_value")


def _check_rules(size: str) -> None:
    """Refuse a size that a model of free sizes does not draw."""
    sides = sides_of(size)
    if sides is None or not is_free(*sides):
        message = (
            f"Invalid size '{size}'. Width and height must be divisible by 16, within 3:1 and 3840x2160."
        )
        raise _bad(message, "size", "invalid_value")


def _check_choice(body: dict[str, object], name: str, allowed: tuple[str, ...]) -> None:
    value = body.get(name, allowed[0] if allowed else "")
    if not isinstance(value, str):
        raise _bad(f"Invalid type for '{name}': expected a string.", name, "invalid_type")
    if allowed and value not in allowed:
        choices = ", ".join(f"'{choice}'" for choice in allowed)
        raise _bad(f"Invalid value: '{value}'. Supported values are: {choices}.", name, "invalid_value")
