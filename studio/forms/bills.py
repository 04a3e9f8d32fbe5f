"""A relay's usage export as it is pasted or sent, and the ways to look at what came of it."""

from datetime import UTC, tzinfo
from typing import Any

from django import forms
from django.db import models
from django.utils import timezone

from studio.models import Relay, Unit

MOST_BYTES = 1_000_000


class View(models.TextChoices):
    """The parts of a bill."""

    STRANGE = "strange", "Billed, unknown here"
    UNBILLED = "unbilled", "Known here, not billed"
    FAILED = "failed", "Billed, though it failed"
    MATCHED = "matched", "Known to both"


def _moment(label: str) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": "Write a date and a time."},
    )


class BillForm(forms.Form):
    """Which relay, its export, and how that is to be read."""

    relay = forms.ModelChoiceField(
        label="Relay",
        queryset=Relay.objects.in_use(),
        empty_label=None,
        error_messages={"required": "Choose a relay."},
    )
    text = forms.CharField(
        label="Usage export (CSV or JSON)",
        required=False,
        strip=False,
        max_length=MOST_BYTES,
        help_text="With its headings. A time is needed, and a trace id or a model; pictures and cost may follow.",
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )
    file = forms.FileField(label="or its file", required=False)
    path = forms.RegexField(
        r"^(?!/)(?!.*(?:\.\.|//))[A-Za-z0-9._~/?=&%+:-]+$",
        label="or the path under the relay’s address at which it gives it",
        required=False,
        max_length=200,
        help_text="The studio asks with its key, for example usage?days=30. Few relays have such an address.",
        error_messages={"invalid": "This is no path under an address. It looks like usage?days=30."},
    )
    unit = forms.ChoiceField(
        label="Amounts are in",
        choices=[unit for unit in Unit.choices if unit[0] != Unit.IMAGES],
        initial=Unit.USD,
    )
    zone = forms.ChoiceField(
        label="Times without a zone are",
        choices=[("utc", "UTC"), ("here", "the studio’s own")],
        initial="utc",
    )
    begins_at = _moment("The export begins")
    ends_at = _moment("and ends")

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, label_suffix="")
        self.fields["ends_at"].help_text = "Empty: with its first and its last line."

    @property
    def tz(self) -> tzinfo:
        return UTC if self.cleaned_data["zone"] == "utc" else timezone.get_current_timezone()

    @property
    def content(self) -> str:
        """The export as text; raises UnicodeDecodeError for a file that is none."""
        file = self.cleaned_data["file"]
        text: str = file.read().decode("utf-8-sig") if file else self.cleaned_data["text"]
        return text
