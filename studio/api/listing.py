"""What a program may use: the models, and what is left of the limits of its own key."""

from django.http import HttpResponse

from studio.api import answers, errors
from studio.api.bearer import ProgramRequest, program
from studio.api.shapes import KeyAnswer, KeyFacts, ModelFacts, ModelList
from studio.models import ImageModel


@program("GET")
def models(request: ProgramRequest) -> HttpResponse:
    """List the models that this person may use, so that every client's filter finds those that draw."""
    rows = [row for row in ImageModel.objects.offered() if request.token.may_use(row)]
    seen: set[str] = set()
    data = []
    for row in rows:
        own = row.alias or row.model_id
        name = own if own not in seen else f"{row.relay.name}/{row.model_id}"
        seen.add(name)
        data.append(_model(row, name))
    return errors.in_json(ModelList(data=data))


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
