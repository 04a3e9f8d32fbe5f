"""Why an administrator opens something private."""

from django import forms

from studio.forms import TextField


class OpeningForm(forms.Form):
    """The reason, which the owner reads."""

    why = TextField(
        label="Why do you open it?",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write why: the owner reads it."},
    )
