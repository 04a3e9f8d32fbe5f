"""What a program may use: the models, and what is left of the limits of its own key."""

from django.http import HttpResponse

from studio.api import answers, bodies, errors
from studio.api.bearer import ProgramRequest, program
from studio.api.shapes import KeyAnswer, KeyFacts, ModelFacts, ModelList
from studio.models import ImageModel, Token
from studio.words import Reason


@program("GET")
def models(request: ProgramRequest) -> HttpResponse:
    """List the models that this person may use, so that every client's filter finds those that draw."""
    return errors.in_json(ModelList(data=[_model(row, name) for name, row in _listed(request.token).items()]))


@program("GET")
def model(request: ProgramRequest, model: str) -> HttpResponse:
    """Show one of these, by the name of the list or by another under which it may be asked for."""
    listed = _listed(request.token)
    other = (name for name, row in listed.items() if model in bodies.names_of(row))
    name = model if model in listed else next(other, None)
    if name is None:
        said = Reason("api_no_model", model=model).said()
        return errors.failure(404, said, code="model_not_found", param="model")
    return errors.in_json(_model(listed[name], name))


def _listed(token: Token) -> dict[str, ImageModel]:
    """Return the models that may be used by the names that tell them apart."""
    found: dict[str, ImageModel] = {}
    for row in ImageModel.objects.offered():
        if token.may_use(row):
            own = row.alias or row.model_id
            found[own if own not in found else f"{row.relay.name}/{row.model_id}"] = row
    return found


@program("GET")
def key(request: ProgramRequest) -> HttpResponse:
    """Say whose token this is, and what is left of the tightest of its limits."""
    limits = answers.limits_of(request.token)
    tightest = min(limits, key=lambda each: each.remaining / each.limit if each.limit else 0.0)
    data = KeyFacts(
        label=request.token.name,
        scope=request.token.scope,
        person=request.user.name,
        limit=tightest.limit,
        usage=tightest.usage,
        limit_remaining=tightest.remaining,
        limit_reset=tightest.reset,
        limit_unit=tightest.unit,
        limits=limits,
        expires_at=request.token.expires_at,
    )
    return errors.in_json(KeyAnswer(data))


def _model(row: ImageModel, name: str) -> ModelFacts:
    return ModelFacts(
        id=name,
        created=int(row.relay.created_at.timestamp()),
        owned_by=row.relay.name,
        name=row.label,
        supported_sizes=row.accepted.named("size"),
        supported_parameters=row.accepted.asked,
        max_n=row.max_n,
    )
