"""A dialect in plain words, for relays whose pages say little about how they refuse."""

from studio.sandbox.dialects import Model, Refused, SandboxDialect, masked


class Simple(SandboxDialect):
    """Refuses with a status and a sentence; a subclass gives them its own shape, and models their rows."""

    def bad(self, message: str, param: str) -> Refused:
        """Return what someone hears whose body is wrong."""
        return Refused(400, message, code="invalid_request", param=param)

    def drawer(self, model_id: object, *, by_chat: bool = False) -> Model:
        """Return the model of this id if it draws this way; else a 404."""
        model = self.models.get(str(model_id))
        if model is None or model.by_chat != by_chat:
            raise Refused(404, f"The model '{model_id}' does not exist.", code="model_not_found")
        return model

    def headers(self, *, trace_id: str) -> dict[str, str]:
        """Return the header that carries the trace id."""
        return {"x-request-id": trace_id}

    def unauthorized(self, *, key: str) -> Refused:
        """Return the 401."""
        return Refused(401, f"Invalid API key {masked(key)}.", type="authentication_error")

    def rate_limited(self) -> Refused:
        """Return a 429 that says when to come back."""
        return Refused(
            429,
            "Too many requests.",
            type="rate_limit_error",
            code="rate_limit",
            headers={"Retry-After": "2"},
        )

    def out_of_funds(self) -> Refused:
        """Return the 402."""
        return Refused(402, "Insufficient balance.", type="insufficient_quota")

    def blocked(self) -> Refused:
        """Return a policy refusal."""
        return Refused(400, "The prompt was rejected because it violates the content policy.")

    def failed(self, status: int) -> Refused:
        """Return a failure of the relay itself."""
        words = {
            500: "Internal error.",
            502: "The provider failed.",
            503: "Overloaded.",
            504: "The provider is late.",
        }
        return Refused(status, words[status], type="server_error")
