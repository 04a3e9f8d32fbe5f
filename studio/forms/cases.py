"""What moderators look for, and what they decide."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.utils import timezone

from studio.forms import TextField
from studio.models import Case, Queue
from studio.models.cases import CaseQuerySet
from studio.search.cases import search
from studio.services.moderation import reasons
from studio.services.moderation.decisions import Decision

MOST = 100
"""Cases that are decided in one go."""


@dataclass(frozen=True)
class Wanted:
    """Which cases a moderator goes through: one queue, narrowed by words and to one person."""

    tab: Queue = Queue.ALL
    q: str = ""
    person: UUID | None = None
    select: bool = False

    @property
    def rows(self) -> CaseQuerySet:
        """The cases one goes through, in their order."""
        if self.tab.is_open:
            return self.of(Case.objects.open()).most_urgent_first()
        return self.of(Case.objects.decided()).newest_decision_first()

    def of(self, rows: CaseQuerySet) -> CaseQuerySet:
        """Return those of the rows that are wanted."""
        rows = search(rows.in_queue(self.tab), self.q)
        return rows.filter(person=self.person) if self.person else rows

    def query(self, **changes: Any) -> str:
        """Return the part of an address that says all of this, or something else instead."""
        facts = {"tab": self.tab.value, "q": self.q, "person": self.person, "select": int(self.select)}
        given = {name: value for name, value in (facts | changes).items() if value and value != Queue.ALL}
        return f"?{urlencode(given)}" if given else ""


class WantedForm(forms.Form):
    """`?tab=` which queue, `?q=` words, `?person=` whose, `?select=1` to choose several, `?after=` a place in it."""

    tab = forms.TypedChoiceField(choices=Queue.choices, coerce=Queue, empty_value=Queue.ALL, required=False)
    q = TextField(required=False, max_length=200)
    person = forms.UUIDField(required=False)
    select = forms.BooleanField(required=False)
    after = forms.RegexField(r"\A\d{1,9}-[0-9a-f-]{36}\Z", required=False)
    shown = forms.BooleanField(required=False)

    @property
    def wanted(self) -> Wanted:
        return Wanted(*(self.cleaned_data[name] for name in ("tab", "q", "person", "select")))

    @property
    def place(self) -> tuple[int, UUID] | None:
        """Return the weight and the key of the case after which the queue is to begin."""
        weight, _, pk = self.cleaned_data["after"].partition("-")
        try:
            return (int(weight), UUID(pk)) if pk else None
        except ValueError:
            return None


class SeveralForm(forms.Form):
    """Several cases as they were seen, and one decision for all of them."""

    verdict = forms.CharField(max_length=12, error_messages={"required": "Choose what to do."})
    reason = forms.CharField(max_length=40, required=False)
    case = forms.CharField(required=False)

    def clean_case(self) -> dict[UUID, int]:
        """Return the version of each chosen case by its key."""
        try:
            chosen = (each.split(":") for each in self.data.getlist("case")[:MOST])  # type: ignore[attr-defined]
            return {UUID(pk): int(version) for pk, version in chosen}
        except ValueError:
            raise forms.ValidationError("These cases could not be read.") from None

    @property
    def decision(self) -> Decision:
        return Decision(verdict=self.cleaned_data["verdict"], reason=self.cleaned_data["reason"])


class DecisionForm(forms.Form):
    """The button that was pressed, why in public, and what stays among moderators."""

    verdict = forms.CharField(max_length=12, error_messages={"required": "Choose what to do."})
    version = forms.IntegerField(min_value=1)
    reason = forms.ChoiceField(
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose one of the reasons."},
    )
    words = TextField(label="Reason", required=False, max_length=500)
    note = TextField(label="Note", required=False, max_length=2000)
    warn = forms.BooleanField(required=False)
    suspend = forms.BooleanField(required=False)
    until = forms.DateField(
        label="Until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "This is not a date."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["reason"].choices = list(reasons.offered().items())  # type: ignore[attr-defined]

    @classmethod
    def of(cls, case: Case, told: list[str]) -> Self:
        """Return the form of a case as it opens: the reason that most people gave is chosen already."""
        usual = max(told, key=told.count) if told else ""
        return cls(initial={"version": case.version, "reason": usual})

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("suspend") and not data.get("until") and "until" not in self.errors:
            self.add_error("until", "Choose a date.")
        return data

    @property
    def decision(self) -> Decision:
        data = self.cleaned_data
        until = data["until"] if data["suspend"] else None
        end = timezone.make_aware(datetime.combine(until, time())) if until else None
        said = {name: data[name] for name in ("verdict", "reason", "words", "note", "warn")}
        return Decision(**said, suspend_until=end)
