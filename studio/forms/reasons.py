"""The team's own reasons."""

from django import forms

from studio.forms import TextField


class NewReasonForm(forms.Form):
    """A reason in a few words."""

    words = TextField(
        label="A reason of your own",
        max_length=80,
        error_messages={"required": "Write the reason.", "max_length": "A reason has at most 80 characters."},
    )
