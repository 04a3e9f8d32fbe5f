"""What moderators do with cases."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from studio.cards.piles import next_after
from studio.errors import Conflict, StudioError
from studio.forms.cases import DecisionForm, SeveralForm, Wanted
from studio.http import StudioRequest
from studio.models import Case
from studio.services.moderation import decisions, evidence
from studio.views.fetch import fetch_or_404
from studio.views.moderation import desk, wanted_of
from studio.views.page import SeeOther
from studio.views.roles import moderators_only
from studio.words.cases import VERDICTS

SEVERAL = ("Nothing was decided.", "{verdict}: one case.", "{verdict}: {count} cases.")


@moderators_only
@require_POST
def create(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Decide a case and open the next one; whoever comes second is told, and sees the case as it is now."""
    wanted, case = wanted_of(request).wanted, _case(request, pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return desk(request, wanted, case, form=form, trouble=_first_error(form), status=422)
    case.version = form.cleaned_data["version"]
    try:
        decisions.decide(case=case, moderator=request.user, decision=form.decision)
    except StudioError as error:
        return _refused(request, wanted, pk, form, error)
    return _go_on(
        request, wanted, next_after(case, wanted), said=f"{VERDICTS[form.cleaned_data['verdict']]}."
    )


@moderators_only
@require_POST
def several(request: StudioRequest) -> HttpResponse:
    """Decide what was selected in one go, each case by itself; say what could not be decided, and why."""
    wanted, form = wanted_of(request).wanted, SeveralForm(request.POST)
    home = reverse("moderation.index") + wanted.query()
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return SeeOther(home)
    versions = form.cleaned_data["case"]
    rows = list(Case.objects.with_card_data().filter(pk__in=versions).order_by("pk"))
    for row in rows:
        row.version = versions[row.pk]
    done, troubles = decisions.decide_several(cases=rows, moderator=request.user, decision=form.decision)
    messages.success(
        request, SEVERAL[min(done, 2)].format(count=done, verdict=VERDICTS.get(form.decision.verdict, ""))
    )
    for sentence, count in troubles.items():
        messages.error(request, sentence if count == 1 else f"{count} times: {sentence}")
    return SeeOther(reverse("moderation.index") + wanted.query(select=0))


@moderators_only
@require_POST
def undo(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Take back what one has just decided."""
    return _take_back(request, pk, decisions.undo, said="Undone.")


@moderators_only
@require_POST
def reopen(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Put a decided case before the moderators again."""
    return _take_back(request, pk, decisions.reopen, said="Open again.")


@moderators_only
@require_POST
def purge(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Ask to have evidence deleted early, or agree to it as the second person."""
    act = evidence.agree if request.POST.get("agree") == "1" else evidence.ask
    return _take_back(request, pk, act, said="Noted.")


def _take_back(request: StudioRequest, pk: UUID, act: decisions.OnCase, *, said: str) -> HttpResponse:
    wanted, case = wanted_of(request).wanted, _case(request, pk)
    try:
        act(case=case, moderator=request.user)
    except Conflict as error:
        return desk(request, wanted, _case(request, pk), trouble=error.sentence, status=error.status)
    return _go_on(request, wanted, _case(request, pk), said=said)


def _case(request: StudioRequest, pk: UUID) -> Case:
    return fetch_or_404(request, Case.objects.with_card_data(), pk)


def _refused(
    request: StudioRequest, wanted: Wanted, pk: UUID, form: DecisionForm, error: StudioError
) -> HttpResponse:
    """Show why nothing was decided: beside the field at fault, or with the case as it is now."""
    if isinstance(error, Conflict):
        return desk(request, wanted, _case(request, pk), trouble=error.sentence, status=error.status)
    if error.param in form.fields:
        form.add_error(error.param, error.sentence)
    status = 422 if error.param else error.status
    return desk(request, wanted, _case(request, pk), form=form, trouble=error.sentence, status=status)


def _first_error(form: DecisionForm) -> str:
    return next(str(errors[0]) for errors in form.errors.values())


def _go_on(request: StudioRequest, wanted: Wanted, case: Case | None, *, said: str) -> HttpResponse:
    """Open a case: at its own address for a plain form, in place for htmx."""
    path = reverse("moderation.detail", args=[case.pk]) if case else reverse("moderation.index")
    url = path + wanted.query()
    if not request.htmx:
        return SeeOther(url)
    response = desk(request, wanted, case, said=said)
    response["HX-Push-Url"] = url
    return response
