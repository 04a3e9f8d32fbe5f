"""What a call says: read leniently, checked by the very form of the page, and what was not used is named."""

import uuid
from dataclasses import dataclass, field
from typing import Any

import msgspec

from studio.api.shapes import ImagesBody
from studio.errors import StudioError
from studio.forms.generations import GenerationForm
from studio.models import ImageModel, Token
from studio.models.tokens import Delivers
from studio.services.orders import Order
from studio.words import NO_REASON, Reason, own_words

OURS = {each.encode_name for each in msgspec.structs.fields(ImagesBody)}
CLIENTS = {"b64_json": Delivers.DATA, "url": Delivers.ADDRESS}


@dataclass(frozen=True)
class ImagesCall:
    """A call that was read: the order, how its pictures are wanted, and which fields were left unused."""

    raw: bytes
    order: Order
    delivers: str
    stream: bool
    runs_async: bool
    ignored: list[str] = field(default_factory=list)


def read(raw: bytes, token: Token) -> ImagesCall:
    """Return what a call asks for; raises StudioError that names the field at fault."""
    said, body = _parse(raw)
    model = _model(body.model, token)
    taken = set(model.accepted.asked)
    settings = {name: value for name, value in said.items() if name in taken and value is not None}
    ignored = sorted(name for name, value in said.items() if name not in taken | OURS and value is not None)
    if settings.get("size") == "auto" and not model.accepted.fits("size", "auto"):
        del settings["size"]  # as good as nothing said
    if ignored and token.strict:
        raise StudioError(Reason("api_unknown", name=ignored[0]), param=ignored[0], code="unknown_parameter")
    return ImagesCall(
        raw=raw,
        order=_order(body, model, settings, token),
        delivers=CLIENTS.get(body.response_format or "", token.delivers),
        stream=bool(body.stream),
        runs_async=bool(body.runs_async),
        ignored=ignored,
    )


def _parse(raw: bytes) -> tuple[dict[str, Any], ImagesBody]:
    try:
        said = _flat(msgspec.json.decode(raw, type=dict[str, Any]))
        known = {name: value for name, value in said.items() if name in OURS and value is not None}
        return said, msgspec.convert(known, ImagesBody, strict=False)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$.")
        name = where.rstrip("`")
        why = Reason("api_wrong_field", name=name, what=what) if name else Reason("api_wrong", what=what)
        param = name or ("prompt" if "prompt" in what else "")
        raise StudioError(why, param=param, code="invalid_value") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise StudioError(Reason("api_no_json"), code="invalid_json") from None


def _flat(said: dict[str, Any]) -> dict[str, Any]:
    """Return a body with what rout.my and OpenRouter put under `image_config` beside the rest."""
    inner = said.get("image_config")
    if not isinstance(inner, dict):
        return said
    return inner | {name: value for name, value in said.items() if name != "image_config"}


def _model(name: str | None, token: Token) -> ImageModel:
    """Return the model a call names, as its relay calls it, as "relay/model" or by its label; else the last choice."""
    rows = list(ImageModel.objects.offered())
    rows = [row for row in rows if token.reaches(row)]
    ready = [row for row in rows if token.may_use(row)]
    if name is None:
        last = str(token.person.last_choice.get("model"))
        found = [row for row in ready if str(row.pk) == last] or ready
    else:
        found = [row for row in ready or rows if name in names_of(row)]
        found = found or [row for row in rows if name in names_of(row)]
    if not found:
        known = Reason("api_no_model", model=name or "")
        raise StudioError(known, param="model", code="model_not_found")
    return min(found, key=lambda row: row.alias != name)  # the administrator's word before a relay's


def names_of(row: ImageModel) -> tuple[str, ...]:
    """Return the names under which a program may ask for a model."""
    names = row.model_id, f"{row.relay.name}/{row.model_id}", row.label
    return (row.alias, *names) if row.alias else names


def _order(body: ImagesBody, model: ImageModel, settings: dict[str, Any], token: Token) -> Order:
    shares = body.shared if body.shared is not None else token.person.shares
    typed = {name: str(value) for name, value in settings.items()}
    typed |= {"submission_id": str(uuid.uuid4()), "model": str(model.pk), "prompt": body.prompt}
    typed |= {"n": str(1 if body.n is None else body.n), "shared": "1" if shares else "0"}
    form = GenerationForm.sent(typed, [model], model, person=token.person)
    if not form.is_valid():
        raise _first_of(form, model)
    return form.order


def _first_of(form: GenerationForm, model: ImageModel) -> StudioError:
    name, (error, *_) = next(iter(form.errors.as_data().items()))
    sentence = next(iter(error.messages))
    if name != "__all__":
        sentence = f"{sentence} {_instead(name, str(form[name].value()), model).said()}".rstrip()
    return StudioError(
        own_words(sentence), param="" if name == "__all__" else name, code=error.code or "invalid_value"
    )


def _instead(name: str, value: str, model: ImageModel) -> Reason:
    """Say which shape is nearest to one that the model does not draw; else what it takes."""
    place, near = model.accepted.nearest(name, value)
    if near:
        return Reason("api_nearest", place=place, shape=near)
    values = ", ".join(model.accepted.named(name))
    return Reason("api_takes", values=values) if values else NO_REASON
