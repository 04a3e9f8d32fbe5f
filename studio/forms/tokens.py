"""What a person says of a token that they make."""

from django import forms

from studio.forms import TextField
from studio.models.tokens import Delivers, Scope

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
        label="Pictures come as",
        choices=Delivers.choices,
        initial=Delivers.BOTH,
        help_text="Where a call does not say it.",
    )
    strict = forms.BooleanField(
        label="Strict",
        required=False,
        help_text="Refuse fields that are not known, instead of leaving them out and naming them.",
    )
