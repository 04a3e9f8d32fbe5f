"""Budgets, pleas for more of them, and prices as they are typed or pasted."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from studio.forms import TextField
from studio.models import Period, Role, Unit, User, Whom
from studio.models.units import in_parts

MOST = Decimal(1_000_000_000)
WRONG = "Write a number, for example 25 or 12.50."
_NUMBER = re.compile(r"\d{1,10}(\.\d{1,6})?", re.ASCII)
WHOSE = {
    "team": (Whom.TEAM, "", False, "The whole team together"),
    "team-each": (Whom.TEAM, "", True, "Everybody, each on their own"),
    "member": (Whom.ROLE, Role.MEMBER, False, "All members together"),
    "member-each": (Whom.ROLE, Role.MEMBER, True, "Each member"),
    "moderator": (Whom.ROLE, Role.MODERATOR, False, "All moderators together"),
    "moderator-each": (Whom.ROLE, Role.MODERATOR, True, "Each moderator"),
    "administrator-each": (Whom.ROLE, Role.ADMINISTRATOR, True, "Each administrator"),
    "person": (Whom.PERSON, "", False, "One person"),
}


def number_of(text: str) -> Decimal | None:
    """Return a plain decimal number: 1,250.50 and 1250.5; None for anything else."""
    bare = re.sub(r"(?<=\d),(?=\d{3}(\D|$))", "", text.strip())
    return Decimal(bare) if _NUMBER.fullmatch(bare) else None


class AmountField(forms.CharField):
    """A number of images, units, or of a currency with its decimals."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "decimal", "autocomplete": "off", "size": 12}
        super().__init__(widget=forms.TextInput(attrs=attrs), error_messages={"required": WRONG}, **kwargs)

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        if not text and not self.required:
            return None
        number = number_of(text)
        if number is None or number > MOST:
            raise ValidationError(WRONG)
        return number


def parts_of(number: Decimal, unit: Unit) -> int:
    """Return an amount in smallest parts; a part of an image is refused."""
    if unit.parts == 1 and number != number.to_integral_value():
        raise ValidationError("Write a whole number: nothing is smaller than one of these.")
    return in_parts(number, unit)


class RuleOfBudgetForm(forms.Form):
    """Whose budget, for how long, of what, and how much."""

    whose = forms.ChoiceField(label="Whose", choices=[(key, row[3]) for key, row in WHOSE.items()])
    person = forms.ModelChoiceField(
        label="Which person",
        queryset=User.objects.none(),
        required=False,
        empty_label="Nobody",
        help_text="Only for a budget of one person.",
    )
    period = forms.ChoiceField(label="Begins anew each", choices=Period.choices)
    unit = forms.ChoiceField(label="Counted in", choices=Unit.choices)
    cap = AmountField(label="How much")
    strict = forms.BooleanField(label="Refuse models without a known price in this unit", required=False)

    def __init__(self, data: Any = None) -> None:
        start = {"whose": "team", "period": Period.MONTH, "unit": Unit.USD}
        super().__init__(data, initial=start, label_suffix="")
        self.fields["person"].queryset = User.objects.filter(is_active=True).order_by("name")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("whose") == "person" and not data.get("person") and "person" not in self.errors:
            self.add_error("person", "Choose whose budget it is.")
        if "cap" in data and "unit" in data:
            try:
                data["cap"] = parts_of(data["cap"], Unit(data["unit"]))
            except ValidationError as error:
                self.add_error("cap", error)
        return data

    @property
    def asked(self) -> dict[str, Any]:
        """What `services.budget_rules.add` needs."""
        data = self.cleaned_data
        whom, role, each, _label = WHOSE[data["whose"]]
        person = data["person"] if whom == Whom.PERSON else None
        facts = {"whom": whom, "role": role, "each": each, "person": person}
        facts |= {"period": Period(data["period"]), "unit": Unit(data["unit"])}
        return facts | {"cap": data["cap"], "strict": data["strict"]}


class CapForm(forms.Form):
    """Another amount for a budget; `was` is the one that was seen."""

    was = forms.IntegerField(min_value=0)
    cap = AmountField(label="How much")

    def __init__(self, data: Any = None, *, unit: Unit) -> None:
        super().__init__(data, label_suffix="")
        self.unit = unit

    def clean_cap(self) -> int:
        return parts_of(self.cleaned_data["cap"], self.unit)

    def clean(self) -> dict[str, Any]:
        if self.errors.pop("was", None) and "cap" not in self.errors:
            self.add_error("cap", "This page is too old. Look at the number again, and save once more.")
        return self.cleaned_data


class PleaForm(forms.Form):
    """Of which budget, how much more, and why."""

    of = forms.ChoiceField(label="Of which budget")
    amount = AmountField(label="How much more")
    note = TextField(
        label="What for",
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="The administrators read it.",
    )

    def __init__(self, data: Any = None, *, budgets: dict[str, tuple[str, Unit]], tightest: str) -> None:
        super().__init__(data, initial={"of": tightest}, label_suffix="")
        self.budgets = budgets
        self.fields["of"].choices = [(key, label) for key, (label, _) in budgets.items()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if "amount" in data and "of" in data:
            try:
                data["amount"] = parts_of(data["amount"], self.budgets[data["of"]][1])
            except ValidationError as error:
                self.add_error("amount", error)
            if data.get("amount") == 0:
                self.add_error("amount", "Ask for more than nothing.")
        return data
