"""The rules that screen prompts: moderators read them, administrators write, try, order and switch them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.cards import rules as rule_cards
from studio.errors import StudioError
from studio.forms.relays import StepForm
from studio.forms.rules import RuleForm
from studio.http import StudioRequest
from studio.models import Rule, RuleChange
from studio.services.moderation import rules, starters, trial
from studio.views.fetch import fetch_or_404
from studio.views.page import SeeOther, render_page
from studio.views.roles import administrators_only, moderators_only

CHANGES = 12


@moderators_only
@require_safe
def index(request: StudioRequest) -> HttpResponse:
    """Show all rules in their order, the latest changes, and lists to start from."""
    return render_page(request, "rules/index.html", _index(request), partial="rules")


@moderators_only
@require_safe
def detail(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Show one rule to who may not change it."""
    rule = _rule(request, pk)
    return render_page(request, "rules/detail.html", _of(request, rule) | {"form": RuleForm(rule=rule)})


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: StudioRequest) -> HttpResponse:
    """Write a rule; POST tries it, or keeps it, in use or not."""
    form = RuleForm(request.POST or None)
    if "try" in request.POST:
        return _tried(request, form)
    if form.is_valid():
        try:
            rule = rules.add(administrator=request.user, on=bool(form.on), **form.facts)
        except StudioError as error:
            _tell(form, error)
        else:
            messages.success(request, f"{rule.name}: saved{' and in use' if rule.is_on else ', not in use'}.")
            return _to(rule)
    return _page(request, form, None)


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Change a rule; POST tries what is written without keeping it, or keeps it."""
    rule = _rule(request, pk)
    form = RuleForm(request.POST or None, rule=rule)
    if "try" in request.POST:
        return _tried(request, form, rule)
    if form.is_valid():
        facts = form.facts | ({} if form.on is None else {"is_on": form.on})
        try:
            rule = rules.edit(rule=rule, administrator=request.user, **facts)
        except StudioError as error:
            _tell(form, error)
        else:
            messages.success(request, f"{rule.name}: saved{' and in use' if rule.is_on else ', not in use'}.")
            return _to(rule)
    return _page(request, form, rule)


@administrators_only
@require_POST
def switch(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Turn a rule on or off (`on` says which)."""
    rule = rules.edit(
        rule=_rule(request, pk), administrator=request.user, is_on=request.POST.get("on") == "1"
    )
    messages.success(request, f"{rule.name} is {'on' if rule.is_on else 'off'}.")
    return _to(rule)


@administrators_only
@require_POST
def position(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Move a rule one place up or down."""
    rule, form = _rule(request, pk), StepForm(request.POST)
    if form.is_valid():
        rules.move(rule=rule, administrator=request.user, step=form.cleaned_data["step"])
    if request.htmx:
        return render_page(request, "rules/index.html", _index(request), partial="rules")
    return SeeOther(f"{reverse('rules.index')}#rule-{rule.pk}")


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def deletion(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Ask before a rule is deleted; POST deletes it."""
    rule = _rule(request, pk)
    if request.method == "POST":
        rules.remove(rule=rule, administrator=request.user)
        messages.success(request, f"{rule.name} is deleted.")
        return SeeOther(reverse("rules.index"))
    return render_page(request, "rules/deletion.html", {"section": "rules", "rule": rule})


@administrators_only
@require_POST
def starter(request: StudioRequest) -> HttpResponse:
    """Take one of the lists to start from; it is off."""
    rule = starters.take(key=request.POST.get("list", ""), administrator=request.user)
    messages.success(request, f"{rule.name} is here, and off. Read it, try it, then turn it on.")
    return _to(rule)


def _rule(request: StudioRequest, pk: UUID) -> Rule:
    return fetch_or_404(request, Rule.objects.select_related("changed_by"), pk)


def _to(rule: Rule) -> HttpResponse:
    return SeeOther(reverse("rules.edit", args=[rule.pk]))


def _tell(form: RuleForm, error: StudioError) -> None:
    form.add_error(error.param if error.param in form.fields else None, error.sentence)


def _list(request: StudioRequest) -> dict[str, Any]:
    found = list(Rule.objects.in_order().with_hits(timezone.localdate()))
    rows = [rule_cards.row_of(rule, request.user) for rule in found]
    return {"section": "rules", "rules": rows, "starters": rule_cards.starters_of(found)}


def _index(request: StudioRequest) -> dict[str, Any]:
    changes = RuleChange.objects.newest_first().select_related("actor")[:CHANGES]
    return _list(request) | {"changes": [rule_cards.change_of(change) for change in changes]}


def _of(request: StudioRequest, rule: Rule | None) -> dict[str, Any]:
    """Return what the page of one rule shows beside its form; a rule that is being written has no history."""
    if rule is None:
        return _list(request)
    changes = rule.changes.newest_first().select_related("actor")[:CHANGES]
    return _list(request) | {"rule": rule, "changes": [rule_cards.change_of(change) for change in changes]}


def _page(request: StudioRequest, form: RuleForm, rule: Rule | None, **more: Any) -> HttpResponse:
    status = 422 if form.is_bound and form.errors else 200
    context = _of(request, rule) | {"form": form} | more
    return render_page(request, "rules/detail.html", context, partial="sheet", status=status)


def _tried(request: StudioRequest, form: RuleForm, rule: Rule | None = None) -> HttpResponse:
    """Try what is written on the latest prompts; nothing of it is kept."""
    if not form.is_valid():
        return _page(request, form, rule)
    written = Rule(**form.facts)
    try:
        rules.check(written)
    except StudioError as error:
        _tell(form, error)
        return _page(request, form, rule)
    found = trial.try_out(rule=written, person=request.user, saved=rule)
    return _page(request, form, rule, trial=rule_cards.trial_of(found, written, rule))
