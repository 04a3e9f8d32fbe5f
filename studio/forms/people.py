"""What administrators say about people, and what people say who join."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone

from studio.forms import TextField
from studio.forms.accounts import WelcomeForm
from studio.models import Invitation, Role, Standing, User
from studio.words import Reason

AT_MOST = timedelta(days=3660)
MOST_IMAGES = 1_000_000
HOW_MANY = f"from 0 to {MOST_IMAGES:,}"
DAYS = [("1", "A day"), ("7", "A week"), ("30", "A month")]
BAD_ADDRESS = {"required": "Enter an email address.", "invalid": "This is not an email address."}


class PeopleForm(forms.Form):
    """`?q=` part of a name or an address, `?role=`, `?state=`, `?after=` the person to go on from."""

    q = forms.CharField(required=False, max_length=100)
    role = forms.ChoiceField(required=False, choices=[("", "Every role"), *Role.choices])
    state = forms.ChoiceField(required=False, choices=[("", "Every state"), *Standing.choices])
    after = forms.UUIDField(required=False)


class InvitationForm(forms.Form):
    """Whom a link lets in: which role, until when, how many, or just one address."""

    role = forms.ChoiceField(label="Role", choices=Role.choices, initial=Role.MEMBER)
    days = forms.TypedChoiceField(label="Good for", choices=DAYS, initial="7", coerce=int)
    uses = forms.IntegerField(
        label="People who may join by it",
        min_value=1,
        max_value=100,
        initial=1,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), "Write a whole number from 1 to 100."
        ),
    )
    email = forms.EmailField(
        label="Only for this address",
        required=False,
        max_length=254,
        error_messages=BAD_ADDRESS,
        help_text="Then it is for one person, who cannot choose another address.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")


class JoinForm(WelcomeForm):
    """Name, address and password of whoever joins; an address the invitation is bound to stays as it is."""

    def __init__(self, data: Any = None, *, invitation: Invitation) -> None:
        super().__init__(data, initial={"email": invitation.email})
        if invitation.email:
            self.fields["email"].disabled = True
            self.fields["email"].help_text = "The invitation is for this address."


class PersonForm(forms.Form):
    """Who a person is and what they may do."""

    name = TextField(label="Name", max_length=80, error_messages={"required": "Enter a name."})
    email = forms.EmailField(label="Email", max_length=254, error_messages=BAD_ADDRESS)
    role = forms.ChoiceField(label="Role", choices=Role.choices)

    def __init__(self, data: Any = None, *, person: User) -> None:
        facts = {name: getattr(person, name) for name in ("name", "email", "role")}
        super().__init__(data, initial=facts, label_suffix="")


class BudgetForm(forms.Form):
    """How many images this month, and how many a month begins with; `was` is what this month had when it was shown."""

    was = forms.IntegerField(min_value=0, max_value=MOST_IMAGES)
    cap = forms.IntegerField(
        label="Images this month",
        min_value=0,
        max_value=MOST_IMAGES,
        help_text="Less than they have used takes nothing back: it stops what is not reserved yet.",
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), f"Write a whole number {HOW_MANY}."
        ),
    )
    monthly = forms.IntegerField(
        label="Later months begin with",
        required=False,
        min_value=0,
        max_value=MOST_IMAGES,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), f"Write a whole number {HOW_MANY}, or leave it empty."
        ),
    )

    def __init__(self, data: Any = None, *, person: User, cap: int | None = None) -> None:
        super().__init__(data, initial={"cap": cap, "monthly": person.monthly_images}, label_suffix="")
        usual = f"{settings.MONTHLY_IMAGES:,}"
        self.fields["monthly"].help_text = f"Empty: as many as everybody, {usual}."

    def clean(self) -> dict[str, Any] | None:
        """Say beside the number what is wrong with the one nobody sees."""
        if self.errors.pop("was", None) and "cap" not in self.errors:
            self.add_error("cap", "This page is too old. Look at the number again, and save once more.")
        return self.cleaned_data


class SuspensionForm(forms.Form):
    """Until when, and why; an empty date is for good."""

    until = forms.DateTimeField(
        label="Until",
        required=False,
        help_text="Empty: until an administrator restores them.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": "Write a date and a time."},
    )
    reason = TextField(
        label="Reason",
        max_length=500,
        help_text="The person reads it.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why: the person reads it."},
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")

    def clean_until(self) -> datetime | None:
        until: datetime | None = self.cleaned_data["until"]
        if until and until > timezone.now() + AT_MOST:
            raise forms.ValidationError("That is more than ten years away: leave it empty.")
        return until


class ErasureForm(forms.Form):
    """The address of whoever is to be erased, typed once more."""

    email = forms.CharField(
        label="Type their address",
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": Reason("not_their_address").said()},
    )

    def __init__(self, data: Any = None, *, person: User) -> None:
        self.person = person
        super().__init__(data, label_suffix="")
        self.fields["email"].help_text = f"It is {person.email}."

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if email.strip().lower() != self.person.email:
            raise forms.ValidationError(Reason("not_their_address").said())
        return email


class SessionForm(forms.Form):
    """Which session ends; none means all of them."""

    session = forms.IntegerField(required=False)


class HeirForm(forms.Form):
    """Who goes on with what somebody who leaves shares: saved prompts and collections."""

    heir = forms.ModelChoiceField(
        queryset=User.objects.none(),
        label="Hand their saved prompts and collections over to",
        required=False,
        empty_label="Nobody: they stay under their name",
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(is_active=True).exclude(pk=person.pk).order_by("name")
        self.fields["heir"].queryset = people  # type: ignore[attr-defined]
