"""Parses how the outside classifier is asked."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from studio.forms.rules import LinesField
from studio.models import Classifier, WhenDown
from studio.models.relays import IS_ADDRESS

LIKE = "Write each as “category 0.8”, a score from 0 to 1."


class ThresholdsField(LinesField):
    """A category and its score on each line."""

    def clean(self, value: Any) -> dict[str, float]:
        pairs = (line.rsplit(None, 1) for line in super().clean(value).splitlines())
        return dict(map(_threshold, pairs))


def _threshold(words: list[str]) -> tuple[str, float]:
    try:
        name, score = words[0].rstrip(":=").strip(), float(words[1].replace(",", "."))
    except (IndexError, ValueError):
        raise ValidationError(f"“{' '.join(words)}” is no threshold. {LIKE}") from None
    if not name or not 0 <= score <= 1:
        raise ValidationError(f"“{' '.join(words)}” is no threshold. {LIKE}")
    return name, score


class ClassifierForm(forms.Form):
    """Address, key, model, thresholds, patience, and what happens while it is down."""

    is_on = forms.BooleanField(label="Ask it before each prompt is sent", required=False)
    base_url = forms.CharField(
        label="Base URL",
        max_length=300,
        validators=[IS_ADDRESS],
        help_text="Where its paths begin, usually in /v1; /moderations is added.",
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Enter the address of its API."},
    )
    api_key = forms.CharField(
        label="Key",
        max_length=500,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    model = forms.CharField(
        label="Model", max_length=120, required=False, help_text="Empty: the service's own choice."
    )
    thresholds = ThresholdsField(
        label="Hold from these scores on",
        required=False,
        help_text=LIKE,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "placeholder": "sexual/minors 0.1"}),
    )
    otherwise = forms.FloatField(
        label="Every other category from",
        required=False,
        min_value=0,
        max_value=1,
        help_text="Empty: other categories are let through.",
    )
    seconds = forms.IntegerField(label="Seconds to wait for it", min_value=1, max_value=30)
    when_down = forms.ChoiceField(label="When it does not answer", choices=WhenDown.choices)

    def __init__(self, data: Mapping[str, Any] | None = None, *, classifier: Classifier) -> None:
        names = ("is_on", "base_url", "model", "otherwise", "seconds", "when_down")
        start = {name: getattr(classifier, name) for name in names}
        start["thresholds"] = "\n".join(f"{name} {score:g}" for name, score in classifier.thresholds.items())
        super().__init__(data, initial=start)
        self.label_suffix = ""
        kept = f"Ends in {classifier.key_ending}. " if classifier.key_ending else ""
        self.fields["api_key"].help_text = f"{kept}Empty keeps it." if classifier.sealed_key else ""

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if (
            data.get("is_on")
            and not data.get("thresholds")
            and data.get("otherwise") is None
            and not self.errors
        ):
            self.add_error("thresholds", "Without a threshold nothing would ever be held. Write one.")
        return data
