"""What people say when they make a link to the outside, and what visitors say who come by it."""

from typing import Any

from django import forms

from studio.forms import TextField
from studio.models import Opinion
from studio.services.outside import SHORTEST_PASSWORD
from studio.words import Reason

DAYS = [("1", "A day"), ("7", "A week"), ("30", "A month"), ("90", "Three months")]
TOO_LONG = {"max_length": "This is longer than 1,000 characters."}


class TargetForm(forms.Form):
    """What a link is to lead to."""

    image = forms.UUIDField(required=False)
    comparison = forms.UUIDField(required=False)
    collection = forms.UUIDField(required=False)


class OutsideLinkForm(forms.Form):
    """What the link is called, until when it is good, and what visitors may do."""

    title = TextField(
        label="Title",
        required=False,
        max_length=80,
        help_text="Visitors read it. They see no prompt and no names.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    days = forms.TypedChoiceField(label="Good for", choices=DAYS, initial="7", coerce=int)
    password = forms.CharField(
        label="Password",
        required=False,
        max_length=200,
        strip=False,
        help_text=f"If you want one: at least {SHORTEST_PASSWORD} characters. Tell it to them on another way.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    reviews = forms.BooleanField(
        label="Visitors may answer",
        required=False,
        help_text="Yes, maybe or no to each picture, with a note.",
    )
    gives_originals = forms.BooleanField(
        label="Visitors may download the originals",
        required=False,
        help_text="Originals may hold their prompt. Without this visitors see copies of at most 1,920 pixels.",
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")


class UnlockForm(forms.Form):
    """The password of a link."""

    password = forms.CharField(
        label="Password",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Type the password."},
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")


class VisitorForm(forms.Form):
    """Who answers."""

    name = TextField(
        label="Your name",
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": Reason("outside_name_missing").said()},
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")


class MarkForm(forms.Form):
    """What a visitor says of a picture; nothing at all takes back what was said."""

    answer = forms.ChoiceField(
        required=False,
        choices=[("", "No answer"), *Opinion.choices],
        error_messages={"invalid_choice": "Opinion yes, maybe or no."},
    )
    note = TextField(
        label="Note",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages=TOO_LONG,
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
