"""What the first administrator enters."""

from typing import Any

from django import forms

from studio.forms import TextField


class WelcomeForm(forms.Form):
    """Name, address and password of the first administrator; the service judges the password."""

    name = TextField(
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
        error_messages={"required": "Enter your name."},
    )
    email = forms.EmailField(
        label="Email",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        error_messages={"required": "Enter your email address.", "invalid": "This is not an email address."},
    )
    password = forms.CharField(
        max_length=200,
        strip=False,
        help_text="At least 10 characters. A few words are easy to remember.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Choose a password."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
