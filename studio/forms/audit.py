"""Parses what is looked for in the audit."""

import datetime
from typing import Any

from django import forms
from django.utils import timezone

from studio.models.audit import AuditEntry, AuditQuerySet


class Day(forms.DateInput):
    """A calendar where the browser has one."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class AuditForm(forms.Form):
    """`?q=` words, `?who=` a name or address, `?action=` how it begins, `?object=` an id, and days."""

    q = forms.CharField(label="Words", required=False, max_length=200)
    who = forms.CharField(label="Who", required=False, max_length=200)
    action = forms.CharField(label="Action", required=False, max_length=60)
    object = forms.CharField(label="Object", required=False, max_length=80)
    since = forms.DateField(label="From", required=False, widget=Day)
    until = forms.DateField(label="To", required=False, widget=Day)

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        since, until = found.get("since"), found.get("until")
        if since and until and until < since:
            self.add_error("until", "This is before the first day.")
        return found

    @property
    def is_used(self) -> bool:
        return any(self.cleaned_data.values())

    def rows(self) -> AuditQuerySet:
        """Return the entries that are looked for; none while what was typed is no search."""
        rows = AuditEntry.objects.all()
        if not self.is_valid():
            return rows.none()
        asked = self.cleaned_data
        rows = rows.about(asked["q"]) if asked["q"] else rows
        rows = rows.by(asked["who"]) if asked["who"] else rows
        rows = rows.filter(action__startswith=asked["action"]) if asked["action"] else rows
        rows = rows.filter(subject=asked["object"]) if asked["object"] else rows
        rows = rows.filter(at__gte=_midnight(asked["since"])) if asked["since"] else rows
        after = asked["until"] and _midnight(asked["until"] + datetime.timedelta(days=1))
        return rows.filter(at__lt=after) if after else rows


def _midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))
