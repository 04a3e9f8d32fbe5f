"""Parses the search over the prompts and the place in the list."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from studio.forms import TextField
from studio.models import History
from studio.relays.settings import TEXT_LENGTH

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Place:
    """Where a page of the history begins: behind the prompt that ran at this moment and has this id."""

    moment: datetime
    pk: UUID

    def __str__(self) -> str:
        return f"{(self.moment - _EPOCH) // _MICROSECOND}-{self.pk}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` wrote; raises ValueError."""
        micros, _, pk = text.partition("-")
        try:
            return cls(_EPOCH + int(micros) * _MICROSECOND, UUID(pk))
        except OverflowError:
            raise ValueError(text) from None


class PlaceField(forms.CharField):
    def clean(self, value: str | None) -> Place | None:
        text = super().clean(value)
        try:
            return Place.parse(text) if text else None
        except ValueError:
            raise ValidationError("No such page.") from None


class SearchForm(forms.Form):
    """`?view=` whose prompts, `?q=` words to find, `?before=` the place to go on from."""

    view = forms.TypedChoiceField(
        choices=History.choices, coerce=History, empty_value=History.TEAM, required=False
    )
    q = forms.CharField(required=False, max_length=200)
    before = PlaceField(required=False)


class WrittenForm(forms.Form):
    """What is being written, as rules read it."""

    prompt = TextField(required=False, max_length=TEXT_LENGTH)
    negative_prompt = TextField(required=False, max_length=TEXT_LENGTH)

    @property
    def texts(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self.fields}
