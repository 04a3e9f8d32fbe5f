"""What a person says against a decision."""

from django import forms

from studio.forms import TextField


class AppealForm(forms.Form):
    """Why it should be looked at again."""

    text = TextField(
        label="Why it should be looked at again",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": "Write why it should be looked at again.",
            "max_length": "This is longer than 2,000 characters.",
        },
    )
