"""Drawing one prompt with several models at once, and picking the best."""

import random
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError
from django.db.models.functions import Now

from studio.db import write_transaction
from studio.errors import Conflict, OverBudget, StudioError
from studio.models import Comparison, Generation, ImageModel, User
from studio.models.comparisons import MODELS
from studio.services import audit, budgets, generations, presets, prompts
from studio.services.orders import Order
from studio.services.screening import gate
from studio.services.screening.gate import Findings
from studio.words import Reason


def start(
    *,
    person: User,
    submission_id: UUID,
    models: Iterable[ImageModel],
    text: str,
    settings: dict[str, Any],
    n: int,
    shared: bool,
    blind: bool = False,
    own: Mapping[UUID, dict[str, Any]] | None = None,
    acknowledged: str = "",
    parent: UUID | None = None,
    saved: UUID | None = None,
) -> Comparison:
    """Submit the prompt to each model, all of them or none; each takes what fits of the settings and the count.

    `own` holds further settings for single models, by their ids: what one calls a size another calls a ratio.
    The prompt is screened once for all of them (`acknowledged` as for `generations.submit`).
    Raises Conflict if the submission id was used for something else, and whatever `generations.submit` raises.
    """
    chosen = list({model.pk: model for model in models}.values())
    least, most = MODELS
    if not least <= len(chosen) <= most:
        raise StudioError(Reason("compare_how_many", least=least, most=most), param="models")
    n = min([n, *(model.max_n for model in chosen)]) if blind else n  # a short column would tell its model
    orders = [
        Order(
            model=model,
            text=text,
            n=min(n, model.max_n),
            shared=shared,
            settings=model.accepted.fitting(settings | (own or {}).get(model.pk, {})),
            parent=parent,
            saved=saved,
        )
        for model in chosen
    ]
    orders = [presets.keep_to(presets.obliged(order, person=person)) for order in orders]
    try:
        findings = gate.let_through(gate.texts_of(text, settings), acknowledged=acknowledged)
        with write_transaction():
            found = _earlier(person, submission_id, orders, blind)
            return found or _write(person, submission_id, orders, blind, findings)
    except (IntegrityError, StudioError) as error:  # its twin may have been committed a moment before
        found = _earlier(person, submission_id, orders, blind)
        if found is None:
            total = sum(order.n for order in orders)
            over = isinstance(error, OverBudget) and error.code != "over_budget"
            raise _over(person, total) if over else error from None
        return found


def _over(person: User, total: int) -> OverBudget:
    """Count all of them: the reservation that failed was that of one model, and the others are free again."""
    month = budgets.allowance(person=person)
    if month.left <= 0:
        return OverBudget(Reason("quota_used_up", used=month.cap - month.left, cap=month.cap))
    facts = {"left": month.left, "cap": month.cap, "total": total}
    return OverBudget(Reason("comparison_over_quota", **facts), param="n")


def _write(
    person: User, submission_id: UUID, orders: list[Order], blind: bool, findings: Findings
) -> Comparison:
    budgets.stand_in_line(person=person)
    prompt = prompts.remember(author=person, text=orders[0].text, shared=orders[0].shared)
    row = Comparison.objects.create(owner=person, prompt=prompt, submission_id=submission_id, blind=blind)
    for order in random.sample(orders, len(orders)) if blind else orders:  # the sequence tells nothing
        column = uuid5(submission_id, str(order.model.pk))
        generations.submit(
            person=person, submission_id=column, order=order, comparison=row, findings=findings
        )
    audit.record(actor=person, action="comparison.started", subject=row.pk, models=len(orders), blind=blind)
    return row


def _earlier(person: User, submission_id: UUID, orders: list[Order], blind: bool) -> Comparison | None:
    found = Comparison.objects.owned_by(person).submitted_as(submission_id)
    row = found.select_related("prompt").first()
    if row is None:
        return None
    columns = {column.model_id: column for column in row.generations.select_related("prompt")}
    same = row.blind == blind and columns.keys() == {order.model.pk for order in orders}
    if not same or not all(order.is_that_of(columns[order.model.pk]) for order in orders):
        raise Conflict(Reason("form_sent_otherwise"))
    return row


def pick(*, comparison: Comparison, generation: Generation, person: User) -> None:
    """Record the better one; a blind comparison shows its models from now on. A pick stands."""
    with write_transaction():
        mine = Comparison.objects.owned_by(person).filter(pk=comparison.pk, picked_at=None)
        if not generation.images.kept().exists():
            raise StudioError(Reason("nothing_to_pick"))
        if generation.comparison_id != comparison.pk or not mine.update(picked=generation, picked_at=Now()):
            raise Conflict(Reason("picked_already"))
        for row in comparison.generations.all():
            Generation.objects.filter(pk=row.pk).touch()
        model = generation.model.model_id
        audit.record(actor=person, action="comparison.picked", subject=comparison.pk, model=model)
