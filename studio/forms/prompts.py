"""Parses the search over the prompts and the place in the list."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from studio.forms import TextField
from studio.models import Sort
from studio.relays.settings import TEXT_LENGTH

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
LARGEST = 2**53
"""Beyond any moment, and within every column."""


@dataclass(frozen=True)
class Place:
    """Where a page of the history begins: behind the prompt with this value (a moment as microseconds) and this id."""

    value: int
    pk: UUID

    def __str__(self) -> str:
        return f"{self.value}-{self.pk}"

    @classmethod
    def of(cls, value: datetime | int, pk: UUID) -> Self:
        """Return the place of a row by what it is in order by."""
        return cls((value - _EPOCH) // _MICROSECOND if isinstance(value, datetime) else value, pk)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` wrote; raises ValueError."""
        value, _, pk = text.partition("-")
        place = cls(int(value), UUID(pk))
        if not -LARGEST < place.value < LARGEST:
            raise ValueError(text)
        return place

    @property
    def moment(self) -> datetime:
        return _EPOCH + self.value * _MICROSECOND

    def within(self, sort: Sort) -> datetime | int:
        """Return the value as the column of an order has it."""
        return self.moment if sort == Sort.NEWEST else self.value


class PlaceField(forms.CharField):
    def clean(self, value: str | None) -> Place | None:
        text = super().clean(value)
        try:
            return Place.parse(text) if text else None
        except ValueError:
            raise ValidationError("No such page.") from None


class ReadingForm(forms.Form):
    """`?sort=` in which order the prompts are read, `?before=` the place to go on from."""

    sort = forms.TypedChoiceField(choices=Sort.choices, coerce=Sort, empty_value=Sort.NEWEST, required=False)
    before = PlaceField(required=False)


class WrittenForm(forms.Form):
    """What is being written, as rules read it."""

    prompt = TextField(required=False, max_length=TEXT_LENGTH)
    negative_prompt = TextField(required=False, max_length=TEXT_LENGTH)

    @property
    def texts(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self.fields}
