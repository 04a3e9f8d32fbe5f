"""What every table that is read by the dozen shares."""

from collections.abc import Collection, Iterable
from typing import Any, Self

from django.db import models
from django.db.models.base import ModelState


class QuickRow(models.Model):
    """A row that is made of what was read without the detours for what is written in Python.

    A page is made of two hundred objects: Django's own way sends two signals and asks each of forty fields for each of
    them. Nobody listens here, and no field keeps its value elsewhere than in the object.
    """

    class Meta:
        abstract = True

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Iterable[Any], *, fetch_mode: Any = None
    ) -> Self:
        row = cls.__new__(cls)
        row._state = ModelState()
        row._state.adding = False
        row._state.db = db
        if fetch_mode is not None:
            row._state.fetch_mode = fetch_mode
        row.__dict__.update(zip(field_names, values, strict=True))
        return row
