"""What people enter about themselves."""

from typing import Any

from django import forms

from studio.forms import TextField
from studio.models import Colour, User


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


class NewPasswordForm(forms.Form):
    """A new password, twice; the service judges it."""

    new = forms.CharField(
        label="New password",
        max_length=200,
        strip=False,
        help_text="At least 10 characters. A few words are easy to remember.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Choose a new password."},
    )
    again = forms.CharField(
        label="New password again",
        max_length=200,
        strip=False,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if "new" in data and data["new"] != data.get("again"):
            self.add_error("again", "This is not the same as the new password above.")
        return data


class PasswordForm(NewPasswordForm):
    """The password one has, and the new one twice; the service judges both."""

    field_order = ("current", "new", "again")
    current = forms.CharField(
        label="Current password",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Enter the password you have now."},
    )

    @property
    def asked(self) -> dict[str, str]:
        """What the service takes."""
        return {name: self.cleaned_data[name] for name in ("current", "new")}


class ForgottenForm(forms.Form):
    """The address to which a link for a new password is mailed."""

    email = forms.EmailField(
        label="Email",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        error_messages={"required": "Enter your email address.", "invalid": "This is not an email address."},
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")


class OwnForm(forms.Form):
    """One's name, and the colour of one's mark."""

    name = TextField(label="Name", max_length=80, error_messages={"required": "Enter your name."})
    colour = forms.ChoiceField(
        label="Colour", choices=Colour.choices, required=False, widget=forms.RadioSelect
    )

    def __init__(self, data: Any = None, *, person: User) -> None:
        super().__init__(data, initial={"name": person.name, "colour": person.colour}, label_suffix="")


class AddressForm(forms.Form):
    """The address one signs in with, and the password as a proof."""

    email = forms.EmailField(
        label="Email",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        error_messages={"required": "Enter your email address.", "invalid": "This is not an email address."},
    )
    password = forms.CharField(
        label="Your password",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Enter your password: it proves that it is you."},
    )

    def __init__(self, data: Any = None, *, person: User) -> None:
        super().__init__(data, initial={"email": person.email}, label_suffix="", auto_id="id_own_%s")


class AudienceForm(forms.Form):
    """Whether what is made next is shared with the team."""

    shared = forms.TypedChoiceField(choices=[("1", ""), ("0", "")], coerce=lambda value: value == "1")
