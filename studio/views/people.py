"""People, for administrators: who is here, who may do what, who may sign in."""

from typing import Any
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.cards import people as cards
from studio.errors import StudioError
from studio.forms.people import BudgetForm, PeopleForm, PersonForm, SessionForm, SuspensionForm
from studio.forms.queue import WaitingForm
from studio.http import StudioRequest
from studio.models import Invitation, Strike, User
from studio.models.paging import page_of
from studio.services import accounts, queue
from studio.services.people import factors, figures, grants, passwords, sessions, suspensions
from studio.views import once
from studio.views.fetch import fetch_or_404
from studio.views.page import SeeOther, render_page
from studio.views.roles import administrators_only

PAGE = 50
ENTRIES = 20
INVITATIONS = 10
SECTION = {"section": "people"}


@administrators_only
@require_safe
def index(request: StudioRequest) -> HttpResponse:
    """Show everybody by name, or those who are looked for."""
    form = PeopleForm(request.GET)
    if not form.is_valid():
        raise Http404
    q, role, state, after = (form.cleaned_data[name] for name in ("q", "role", "state", "after"))
    found = User.objects.called(q).standing(state).in_role(role).by_name()
    last = User.objects.filter(pk=after).first() if after else None
    page = page_of(found.after(last) if last else found, PAGE)
    rows = cards.rows_of(page.rows, figures.months(page.rows))
    context = SECTION | {
        "form": form,
        "q": q,
        "narrowed": bool(q or role or state),
        "people": rows,
        "costs": any(row.cost for row in rows),
        "older": page.older and page.older.pk,
        "total": User.objects.count(),
        "invited": Invitation.objects.open().count(),
    }
    return render_page(request, "people/index.html", context, partial="people")


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Show a person, and change their name, address or role."""
    person = _person(request, pk)
    if request.method != "POST":
        return _detail(request, person)
    form = PersonForm(request.POST, person=person)
    if form.is_valid():
        try:
            accounts.edit(person=person, administrator=request.user, **form.cleaned_data)
        except StudioError as error:
            form.add_error(error.param or None, error.sentence)
            return _detail(request, person, status=error.status, form=form)
        messages.success(request, "Saved.")
        return _to(person)
    return _detail(request, person, status=422, form=form)


@administrators_only
@require_POST
def budget(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Give a person more or fewer images."""
    person = _person(request, pk)
    form = BudgetForm(request.POST, person=person)
    if form.is_valid():
        try:
            month = grants.change(person=person, administrator=request.user, **form.cleaned_data)
        except StudioError as error:
            form.add_error(error.param or None, error.sentence)
            return _detail(request, person, status=error.status, budget_form=form)
        messages.success(request, "Saved." if month.left else "Saved. Nothing is left of this month.")
        return _to(person)
    return _detail(request, person, status=422, budget_form=form)


@administrators_only
@require_POST
def waiting(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Let a person have more or fewer images waiting than others of their role."""
    person = _person(request, pk)
    form = WaitingForm(request.POST, person=person)
    if not form.is_valid():
        return _detail(request, person, status=422, waiting_form=form)
    queue.limit(person=person, administrator=request.user, images=form.cleaned_data["images"])
    messages.success(request, "Saved.")
    return _to(person)


@administrators_only
@require_POST
def suspension(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Suspend a person at once."""
    person = _person(request, pk)
    form = SuspensionForm(request.POST)
    if form.is_valid():
        try:
            suspensions.suspend(person=person, actor=request.user, **form.cleaned_data)
        except StudioError as error:
            form.add_error(error.param or None, error.sentence)
            return _detail(request, person, status=error.status, suspension_form=form)
        return _to(person)
    return _detail(request, person, status=422, suspension_form=form)


@administrators_only
@require_POST
def restoration(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Let a suspended person in again."""
    person = _person(request, pk)
    suspensions.restore(person=person, actor=request.user)
    return _to(person)


@administrators_only
@require_POST
def reset_link(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Make a link by which the person chooses a new password; it is shown once."""
    person = _person(request, pk)
    token = passwords.make_link(person=person, administrator=request.user)
    once.put(request, link=passwords.url_of(token), person=str(pk))
    return _to(person)


@administrators_only
@require_POST
def factors_removal(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Take the second factor off somebody who has lost it."""
    person = _person(request, pk)
    factors.take_off(person=person, administrator=request.user)
    return _to(person)


@administrators_only
@require_POST
def end_sessions(request: StudioRequest, pk: UUID) -> HttpResponse:
    """End one session of a person, or all of them."""
    person = _person(request, pk)
    form = SessionForm(request.POST)
    if not form.is_valid():
        raise Http404
    end_some(person, form.cleaned_data["session"], actor=request.user)
    return _to(person, "#sessions")


def end_some(person: User, pk: int | None, *, actor: User) -> None:
    """End the session with this id, if it is the person's; all of them for none."""
    if pk is None:
        return sessions.end_all(person=person, actor=actor)
    session: UserSession | None = sessions.of(person).filter(pk=pk).first()
    if session:  # else it has ended by itself
        sessions.end(session=session, actor=actor)


def _person(request: StudioRequest, pk: UUID) -> User:
    return fetch_or_404(request, User.objects.select_related("invitation__made_by"), pk)


def _to(person: User, place: str = "") -> HttpResponse:
    return SeeOther(reverse("people.detail", args=[person.pk]) + place)


def _detail(request: StudioRequest, person: User, *, status: int = 200, **more: Any) -> HttpResponse:
    """Show the page of one person, with what was typed into its forms."""
    shown = once.take(request) if status == 200 else {}
    month = figures.months([person])[person.pk]
    strikes = Strike.objects.of(person).counting().latest_first()
    invited = person.invitations_made.newest_first()[:INVITATIONS]
    context = SECTION | {
        "person": person,
        "card": cards.row_of(person, month),
        "month": cards.month_of(month),
        "form": PersonForm(person=person),
        "budget_form": BudgetForm(person=person, cap=month.cap),
        "waiting_form": WaitingForm(person=person),
        "suspension_form": SuspensionForm(),
        "factors": factors.of(person),
        "link": shown.get("link") if shown.get("person") == str(person.pk) else "",
        "sessions": [cards.session_of(row) for row in sessions.of(person)],
        "strikes": [cards.strike_of(row, request.user) for row in strikes],
        "points": sum(row.points for row in strikes),
        "invitations": [cards.invitation_of(row) for row in invited],
        "entries": [cards.entry_of(row) for row in figures.done_to(person, many=ENTRIES)],
    }
    return render_page(request, "people/detail.html", context | more, status=status)
