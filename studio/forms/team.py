"""What administrators decide for the whole team, as it is typed."""

from typing import Any

from django import forms

from studio.forms import TextField
from studio.models import Installation
from studio.models.installation import Review

UNDECIDED = ("", "as the environment says")
SHARED = (UNDECIDED, ("1", "the team"), ("0", "only the person who makes them"))

MOST_WAITING = 10_000
PLAIN = ("retention_days", "queue_member", "queue_moderator", "queue_administrator", "message")
"""Choices that are shown as they are kept."""


def _shared(text: str) -> bool:
    return text == "1"


def _queue(who: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=f"Images {who} may have waiting",
        help_text="Empty: as the environment says.",
        min_value=1,
        max_value=MOST_WAITING,
        required=False,
    )


class ChoicesForm(forms.Form):
    """Choices that hold within two seconds."""

    shared = forms.TypedChoiceField(
        label="New pictures are seen by", choices=SHARED, coerce=_shared, empty_value=None, required=False
    )
    review = forms.ChoiceField(
        label="Pictures that a moderator looks at before the team sees them",
        help_text="Their owners have them at once. What is shared already stays so.",
        choices=(UNDECIDED, *Review.choices),
        required=False,
    )
    retention_days = forms.IntegerField(
        label="Pictures go to the trash after days",
        help_text="Empty: never. Favourites of anybody stay; the trash keeps 30 days more.",
        min_value=7,
        max_value=30_000,
        required=False,
    )
    queue_member = _queue("a member")
    queue_moderator = _queue("a moderator")
    queue_administrator = _queue("an administrator")
    message = TextField(
        label="Message of the day",
        help_text="Stands above the prompt box for everybody.",
        max_length=300,
        required=False,
    )

    @classmethod
    def opened(cls, row: Installation) -> "ChoicesForm":
        shared = "" if row.shared is None else str(int(row.shared))
        return cls(
            initial={
                "shared": shared,
                "review": row.review,
                **{name: getattr(row, name) for name in PLAIN},
            }
        )

    @property
    def choices(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("shared", "review", *PLAIN)}


class StopForm(forms.Form):
    """Why nothing is drawn."""

    why = TextField(label="Why, for everybody to read", max_length=300, required=False)


class AnnouncementForm(forms.Form):
    """What everybody shall read, and until when."""

    text = TextField(label="What everybody reads", max_length=500, required=False)
    ends_at = forms.DateTimeField(
        label="Until",
        help_text="Empty: until you take it back.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        required=False,
    )
