"""What people tell moderators."""

from typing import Any

from django import forms

from studio.forms import TextField
from studio.services.moderation import reasons


class ReportForm(forms.Form):
    """Why, and a few words more."""

    reason = forms.ChoiceField(
        label="What is wrong?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a reason.", "invalid_choice": "Choose one of the reasons."},
    )
    note = TextField(
        label="Anything moderators should know",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": "This is longer than 1,000 characters."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["reason"].choices = list(reasons.offered(to_report=True).items())  # type: ignore[attr-defined]
