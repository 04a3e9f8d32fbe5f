"""Budgets, their purses and pleas for more, in words and bars."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from studio.models import Allowance, Budget, Period, Plea, Purse, Role, Unit, User, Whom
from studio.services import budgets, purses
from studio.words.money import PERIODS, SIGNS, amount, bare

NEARLY = 0.8
"""From this share on a budget is nearly used up."""


@dataclass(frozen=True)
class Gauge:
    """One counter: whose it is, how much of it is gone, and when it will be used up at this pace."""

    name: str
    used: str
    cap: str
    left: str
    still: str
    share: float
    until: str
    pace: str = ""
    key: str = ""
    unit: Unit = Unit.IMAGES

    @property
    def is_nearly(self) -> bool:
        return self.share >= NEARLY


@dataclass(frozen=True)
class BudgetRule:
    """One budget as administrators see it, with its running purses."""

    pk: Any
    name: str
    cap: str
    was: int
    typed: str
    strict: bool
    gauges: list[Gauge] = field(default_factory=list)


def own(person: User) -> list[Gauge]:
    """Return what counts a person's use: the images of their month, then every budget."""
    month = budgets.allowance(person=person)
    return [_of_month(month), *(gauge_of(purse) for purse in purses.of(person=person))]


def _of_month(month: Allowance) -> Gauge:
    return _gauge(
        "Your images",
        Unit.IMAGES,
        (month.reserved + month.spent, month.cap, month.left),
        (month.month, Period.MONTH.end(month.month)),
        key="month",
    )


def gauge_of(purse: Purse, *, name: str = "") -> Gauge:
    """Return the gauge of a purse whose budget is known."""
    budget = purse.budget
    span = purse.start, Period(budget.period).end(purse.start)
    facts = (purse.reserved + purse.spent, purse.cap, purse.left)
    return _gauge(name or own_name(budget), Unit(budget.unit), facts, span, key=str(purse.pk))


def _gauge(name: str, unit: Unit, facts: tuple[int, int, int], span: tuple[date, date], *, key: str) -> Gauge:
    used, cap, left = facts
    return Gauge(
        name=name,
        used=bare(used, unit),
        cap=amount(cap, unit),
        left=amount(left, unit),
        still=f"{bare(left, unit)} of {amount(cap, unit)} left",
        share=round(min(1.0, used / cap), 3) if cap else 1.0,
        until=f"begins anew on {span[1].day} {span[1]:%B}",
        pace=pace(used, left, span),
        key=key,
        unit=unit,
    )


def pace(used: int, left: int, span: tuple[date, date]) -> str:
    """Say when it will be used up at this pace, if that is before it begins anew."""
    today = timezone.localdate()
    gone = (today - span[0]).days + 1
    if not left:
        return "used up"
    if not used:
        return ""
    day = today + timedelta(days=left * gone // used)
    return f"at this pace used up on {day.day} {day:%B}" if day < span[1] else "at this pace it lasts"


def own_name(budget: Budget) -> str:
    """Return what a budget is called to those whom it counts."""
    if not budget.is_shared:
        return "Your budget"
    return (
        "The team’s budget"
        if budget.whom == Whom.TEAM
        else f"All {Role(budget.role).label.lower()}s together"
    )


def rules() -> list[BudgetRule]:
    """Return the budgets in force with their running purses; two statements."""
    rows = list(Budget.objects.of_people().select_related("person"))
    today = timezone.localdate()
    running = Purse.objects.filter(budget__in=rows, start__gte=today - timedelta(days=31)).select_related(
        "person"
    )
    by_budget: dict[Any, list[Purse]] = {}
    for purse in running.order_by("-spent", "pk"):
        by_budget.setdefault(purse.budget_id, []).append(purse)
    return [_rule(row, by_budget.get(row.pk, []), today) for row in rows]


def _rule(row: Budget, purses_of: list[Purse], today: date) -> BudgetRule:
    start = Period(row.period).start(today)
    now = [purse for purse in purses_of if purse.start == start]
    for purse in now:
        purse.budget = row
    return BudgetRule(
        pk=row.pk,
        name=rule_name(row),
        cap=f"{amount(row.cap, row.unit)} a {row.period}",
        was=row.cap,
        typed=typed(row.cap, Unit(row.unit)),
        strict=row.strict,
        gauges=[gauge_of(purse, name=str(purse.person or "Together")) for purse in now[:20]],
    )


def rule_name(row: Budget) -> str:
    """Return whose use a budget counts."""
    if row.whom == Whom.PERSON:
        return str(row.person)
    if row.whom == Whom.TEAM:
        return "Everybody, each on their own" if row.each else "The whole team together"
    role = Role(row.role).label.lower()
    return f"Each {role}" if row.each else f"All {role}s together"


def typed(parts: int, unit: Unit) -> str:
    """Return an amount as it is typed: without its sign."""
    words = amount(parts, unit) if unit.value in SIGNS else str(parts)
    return words.removeprefix(SIGNS.get(unit.value, "")).replace(",", "")


@dataclass(frozen=True)
class PleaCard:
    """One plea for more, with who asks and what for."""

    pk: Any
    person: User
    says: str
    note: str
    at: Any
    state: str


def pleas() -> list[PleaCard]:
    """Return what waits for an answer, the oldest first."""
    return [plea_of(row) for row in Plea.objects.open().with_card_data()[:100]]


def plea_of(row: Plea) -> PleaCard:
    """Return one plea in words."""
    period = row.purse.budget.period if row.purse else Period.MONTH
    whose = f" of {rule_name(row.purse.budget)}".lower() if row.purse and row.purse.budget.is_shared else ""
    says = f"{amount(row.amount, row.unit)} more{whose} {PERIODS[period]}"
    return PleaCard(row.pk, row.person, says, row.note, row.created_at, row.state)
