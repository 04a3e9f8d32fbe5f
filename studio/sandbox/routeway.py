"""The dialect routeway (RELAYS.md §1.1): a closed schema, 422 for what it does not know, links that live an hour."""

from typing import ClassVar

from studio.sandbox.dialects import Model, Refused, SandboxDialect, Wish, any_seed, is_a

FIELDS = {
    "model": "string",
    "prompt": "string",
    "quality": "string or null",
    "size": "string or null",
    "n": "integer or null",
    "response_format": "string",
    "steps": "integer or null",
    "seed": "integer or null",
    "negative_prompt": "string or null",
    "guidance": "number or null",
    "async": "boolean",
}
REQUIRED = ("model", "prompt")
PER_MODEL = ("quality", "steps", "seed", "negative_prompt", "guidance")
TYPES = {
    401: "authentication_error",
    429: "rate_limit_error",
    402: "insufficient_balance_error",
    422: "validation_error",
}
LINKS = {
    "docs": "https://docs.routeway.ai",
    "support": "https://discord.gg/RjX2CpdPpd",
    "community": {"discord": "https://discord.gg/RjX2CpdPpd"},
}


OTHER_ROWS = (
    {"id": "sandbox-words", "object": "model", "available": True, "endpoints": ["/v1/chat/completions"]},
    {"id": "sandbox-retired", "object": "model", "available": False, "endpoints": ["/v1/images/generations"]},
)


class Routeway(SandboxDialect):
    """Reads and answers as Routeway's OpenAPI document says."""

    name = "routeway"
    revises = True
    models: ClassVar[dict[str, Model]] = {
        "sandbox-flux": Model(
            id="sandbox-flux",
            name="Sandbox Flux (no AI)",
            sizes=("1024x1024", "1792x1024", "1024x1792"),
            qualities=("standard", "hd"),
            parameters=("negative_prompt", "seed", "steps", "guidance", "quality"),
            price=0.02,
        ),
        "sandbox-sketch:free": Model(
            id="sandbox-sketch:free",
            name="Sandbox Sketch (no AI, free)",
            sizes=("1024x1024", "512x512"),
            style="pencil sketch",
        ),
    }

    def read(self, body: object) -> Wish:
        """Return the order; 422 for the schema, 404 for an unknown model, 400 for values the model does not take."""
        if not isinstance(body, dict):
            raise _unprocessable("The request body must be a JSON object.", None)
        _check_schema(body)
        model = self.models.get(body["model"])
        if model is None:
            raise Refused(404, f"Model '{body['model']}' not found.", code="model_not_found", param="model")
        _check_values(body, model)
        given = {key: value for key, value in body.items() if value is not None}
        return Wish(
            model=model,
            seed=int(given["seed"]) if "seed" in given else any_seed(),
            prompt=given["prompt"],
            n=int(given.get("n", 1)),
            size=given.get("size", model.sizes[0]),
            quality=given.get("quality", ""),
            negative_prompt=given.get("negative_prompt", ""),
            inline=given.get("response_format") == "b64_json",
        )

    def model_rows(self) -> dict[str, object]:
        """Return the rows strangers' clients describe (P)."""
        return {"object": "list", "data": [*map(_row, self.models.values()), *OTHER_ROWS]}

    def answer(self, order: Wish, *, pictures: list[dict[str, object]], created: int) -> dict[str, object]:
        """Return `{created, data}`."""
        return {"created": created, "data": pictures}

    def error(self, refused: Refused, *, trace_id: str) -> tuple[dict[str, object], dict[str, str]]:
        """Return the ErrorResponse of the OpenAPI document, the trace id in `error.id`."""
        detail = {
            "message": refused.message,
            "type": refused.type,
            "param": refused.param,
            "code": refused.code,
            "status_code": refused.status,
            "id": trace_id,
            "tip": None,
            **LINKS,
        }
        return {"error": detail}, refused.headers

    def unauthorized(self, *, key: str) -> Refused:
        """Return the 401."""
        return Refused(401, "Invalid or missing API key.", type=TYPES[401], code="invalid_api_key")

    def rate_limited(self) -> Refused:
        """Return a 429 with the headers Routeway documents (D)."""
        limits = {"Limit": "60", "Remaining": "0", "Reset": "2"}
        headers = {"Retry-After": "2"} | {
            f"X-RateLimit-{name}-Minute": value for name, value in limits.items()
        }
        return Refused(
            429, "Rate limit exceeded. Slow down.", type=TYPES[429], code="rate_limit", headers=headers
        )

    def out_of_funds(self) -> Refused:
        """Return a 402."""
        return Refused(
            402, "Insufficient balance. Top up your account.", type=TYPES[402], code="insufficient_balance"
        )

    def blocked(self) -> Refused:
        """Return a policy refusal."""
        message = "The prompt was rejected because it violates the content policy."
        return Refused(400, message, code="content_policy_violation", param="prompt")

    def failed(self, status: int) -> Refused:
        """Return a failure of the relay itself."""
        words = {
            500: "Internal server error.",
            502: "The provider failed.",
            503: "Service unavailable.",
            504: "The provider did not answer in time.",
        }
        return Refused(status, words[status], type="api_error", code=f"error_{status}")


def _unprocessable(message: str, param: str | None) -> Refused:
    return Refused(422, message, type=TYPES[422], code="validation_error", param=param)


def _check_schema(body: dict[str, object]) -> None:
    """Raise 422 for the first missing, unknown or ill-typed key, as `additionalProperties: false` demands."""
    for name in REQUIRED:
        if name not in body:
            raise _unprocessable(f"body.{name}: Field required.", name)
    for name, value in body.items():
        if name not in FIELDS:
            raise _unprocessable(f"body.{name}: Extra inputs are not permitted.", name)
        if not any(is_a(value, kind) for kind in FIELDS[name].split(" or ")):
            raise _unprocessable(f"body.{name}: Input should be a valid {FIELDS[name]}.", name)
    if body.get("response_format", "url") not in ("url", "b64_json"):
        raise _unprocessable("body.response_format: Input should be 'url' or 'b64_json'.", "response_format")


def _check_values(body: dict[str, object], model: Model) -> None:
    """Raise 400 for a value this model cannot take, naming the field."""
    for name in PER_MODEL:
        if body.get(name) is not None and name not in model.parameters:
            raise _bad(f"Model '{model.id}' does not support '{name}'.", name)
    if not str(body["prompt"]).strip():
        raise _bad("The prompt must not be empty.", "prompt")
    if not 1 <= (1 if body.get("n") is None else int(body["n"])) <= 10:  # type: ignore[call-overload]
        raise _bad("n must be between 1 and 10.", "n")
    if body.get("size") not in (None, *model.sizes):
        raise _bad(f"Size '{body['size']}' is not supported. Use one of: {', '.join(model.sizes)}.", "size")
    if body.get("quality") not in (None, *model.qualities):
        raise _bad(
            f"Quality '{body['quality']}' is not supported. Use one of: {', '.join(model.qualities)}.",
            "quality",
        )
    if body.get("async"):
        raise _bad("Asynchronous requests are not available for this model.", "async")


def _bad(message: str, param: str) -> Refused:
    return Refused(400, message, code="invalid_request", param=param)


def _row(model: Model) -> dict[str, object]:
    return {
        "id": model.id,
        "name": model.name,
        "object": "model",
        "available": True,
        "endpoints": ["/v1/images/generations"],
        "supported_sizes": list(model.sizes),
        "supported_parameters": ["prompt", "n", "size", "response_format", *model.parameters],
        "pricing": {"image": model.price},
    }
