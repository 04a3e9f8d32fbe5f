"""What is said of something that waits, and of how much may wait."""

from typing import Any

from django import forms

from studio.forms import TextField
from studio.forms.team import MOST_WAITING
from studio.models import User, installation
from studio.services import queue


class MoveForm(forms.Form):
    """Where something that waits is put."""

    to = forms.ChoiceField(choices=[(place, place) for place in queue.PLACES])


class CancellationForm(forms.Form):
    """Why somebody else's picture is not drawn."""

    why = TextField(
        label="Reason",
        max_length=300,
        required=False,
        help_text="Its person reads it.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class WaitingForm(forms.Form):
    """How many images of one person may wait."""

    images = forms.IntegerField(
        label="Images that may wait at once",
        required=False,
        min_value=1,
        max_value=MOST_WAITING,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"),
            f"Write a whole number from 1 to {MOST_WAITING:,}, or leave it empty.",
        ),
    )

    def __init__(self, data: Any = None, *, person: User) -> None:
        super().__init__(data, initial={"images": person.queue_images}, label_suffix="")
        usual = installation().queue_of(person.role)
        self.fields["images"].help_text = f"Empty: as many as everybody of their role, {usual:,}."
