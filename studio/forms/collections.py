"""Parses what is said of a collection, and which picture of it is meant."""

from typing import Any

from django import forms

from studio.forms import TextField
from studio.models import Audience, Collection
from studio.words import Reason

DESCRIPTION_LENGTH = 1_000


class CollectionForm(forms.Form):
    """Name, description and who sees it."""

    name = TextField(
        label="Name",
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": Reason("collection_wants_a_name").said(),
            "max_length": "A name has at most 80 letters.",
        },
    )
    description = TextField(
        label="What it is for",
        required=False,
        max_length=DESCRIPTION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": f"At most {DESCRIPTION_LENGTH:,} characters."},
    )
    audience = forms.ChoiceField(
        label="Who sees it",
        choices=Audience.choices,
        initial=Audience.PRIVATE,
        help_text="Pictures in it that are private stay so: only their person sees them there.",
        error_messages={"invalid_choice": "Choose from this list.", "required": "Choose from this list."},
    )

    def __init__(self, data: Any = None, *, collection: Collection | None = None) -> None:
        names = ("name", "description", "audience")
        facts = {name: getattr(collection, name) for name in names} if collection else {}
        super().__init__(data, initial=facts, label_suffix="")


class PlaceForm(forms.Form):
    """Which picture of a collection is meant, and below which other one it goes; without one, on top."""

    image = forms.UUIDField()
    below = forms.UUIDField(required=False)
