"""What a person says of a token that they make."""

from typing import Any

from django import forms

from studio.forms import TextField
from studio.forms.money import AmountField, parts_of
from studio.models import Period, Unit
from studio.models.tokens import Delivers, Gateway, Reach, Scope
from studio.services.gateways import Named
from studio.services.tokens import OwnBudget

SHARED = ("gateway", "gateway_header", "gateway_key")
TAKEN = ("", "authorization", "cookie", "x-api-key", "api-key")

DAYS = [("30", "A month"), ("90", "Three months"), ("365", "A year"), ("", "Until it is revoked")]


class TokenForm(forms.Form):
    """What the token is called, what it may do, how long, and how its pictures come."""

    name = TextField(
        label="Name",
        max_length=60,
        help_text="What it is for: a script, a machine.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Give it a name.", "max_length": "A name has at most 60 characters."},
    )
    scope = forms.ChoiceField(label="It may", choices=Scope.choices, initial=Scope.DRAW)
    days = forms.TypedChoiceField(
        label="Good for", choices=DAYS, initial="365", required=False, coerce=int, empty_value=None
    )
    delivers = forms.ChoiceField(
        label="Images come as",
        choices=Delivers.choices,
        initial=Delivers.BOTH,
        help_text="Where a call does not say it.",
    )
    reach = forms.ChoiceField(label="Models", choices=Reach.choices, required=False)
    cap = AmountField(
        label="At most",
        required=False,
        help_text="Below your own budget. Leave it empty for no limit of its own.",
    )
    unit = forms.ChoiceField(label="Counted in", choices=Unit.choices, initial=Unit.IMAGES, required=False)
    period = forms.ChoiceField(
        label="Begins anew each", choices=Period.choices, initial=Period.MONTH, required=False
    )
    gateway = forms.ChoiceField(label="Who asks is named by", choices=Gateway.choices, required=False)
    gateway_header = forms.RegexField(
        r"^[A-Za-z0-9-]+$",
        label="Header",
        required=False,
        max_length=60,
        help_text="It names the address of somebody here. Let nobody but the gateway reach the studio with this token.",
        error_messages={"invalid": "A header is made of letters, digits and hyphens."},
    )
    gateway_key = forms.CharField(
        label="Key that signs",
        required=False,
        max_length=400,
        help_text="Open WebUI’s FORWARD_USER_INFO_HEADER_JWT_SECRET.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    strict = forms.BooleanField(
        label="Strict",
        required=False,
        help_text="Refuse fields that are not known, instead of leaving them out and naming them.",
    )

    def __init__(self, data: Any = None, *, administrator: bool = False) -> None:
        super().__init__(data)
        if not administrator:
            for name in SHARED:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Put what makes a budget together, and what makes a shared token."""
        data = dict(self.cleaned_data)
        words = [data.pop(name, "") for name in SHARED]
        data["named"] = Named(Gateway(words[0]), *words[1:]) if words[0] else None
        if words[0] == Gateway.HEADER and words[1].lower() in TAKEN:
            self.add_error("gateway_header", "Name the header that says who asks.")
        cap = data.pop("cap", None)
        unit = Unit(data.pop("unit", "") or Unit.IMAGES)
        period = Period(data.pop("period", "") or Period.MONTH)
        try:
            data["budget"] = None if cap is None else OwnBudget(parts_of(cap, unit), unit, period)
        except forms.ValidationError as error:
            self.add_error("cap", error)
        return data
