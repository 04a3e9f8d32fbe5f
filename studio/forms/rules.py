"""Parses what an administrator writes into a rule."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from studio.forms import TextField
from studio.models import Act, Rule
from studio.services.moderation.rules import FACTS

LINES, LINE = 1000, 300
"""Lines of a rule, and characters of a line, at most."""


class LinesField(TextField):
    """Something on each line: trimmed, none empty, none twice."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        lines = (line.strip() for line in super().to_python(value).split("\n"))
        return "\n".join(dict.fromkeys(filter(None, lines)))

    def validate(self, value: str) -> None:
        super().validate(value)
        lines = value.split("\n")
        if len(lines) > LINES:
            raise ValidationError(f"At most {LINES:,} lines; these are {len(lines):,}. Make a second rule.")
        if long := next((line for line in lines if len(line) > LINE), ""):
            raise ValidationError(f"A line has at most {LINE} characters: “{long[:40]}…” has {len(long)}.")


class RuleForm(forms.Form):
    """Everything of a rule but its place; `on` is the button that was pressed."""

    name = TextField(label="Name", max_length=80, error_messages={"required": "Give the rule a name."})
    act = forms.TypedChoiceField(
        label="What happens",
        choices=Act.choices,
        coerce=Act,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what happens."},
    )
    words = LinesField(
        label="Words and phrases",
        required=False,
        help_text="One on each line. Case, accents, look-alikes, d1sguises and s p a c e d letters are found too.",
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
    )
    patterns = LinesField(
        label="Patterns",
        required=False,
        help_text="One RE2 expression on each line, found anywhere in the text, whatever its case.",
        widget=forms.Textarea(
            attrs={"rows": 2, "spellcheck": "false", "autocomplete": "off", "class": "mono"}
        ),
    )
    sentence = TextField(
        label="What the writer reads",
        max_length=300,
        required=False,
        help_text="Empty: the studio says it in its own words.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    in_prompt = forms.BooleanField(label="Prompt", required=False)
    in_negative = forms.BooleanField(label="Negative prompt", required=False)
    in_names = forms.BooleanField(
        label="Names, tags and comments",
        required=False,
        help_text="What it would hold or block there is refused: nothing of it waits for a moderator.",
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, rule: Rule | None = None) -> None:
        start = (
            {name: getattr(rule, name) for name in FACTS} if rule else {"act": Act.HOLD, "in_prompt": True}
        )
        super().__init__(data, initial=start)
        self.label_suffix = ""

    @property
    def facts(self) -> dict[str, Any]:
        """What `services.moderation.rules` takes."""
        return {name: self.cleaned_data[name] for name in FACTS}

    @property
    def on(self) -> bool | None:
        """Whether the rule is to be on; None leaves it as it is."""
        return {"1": True, "0": False}.get(str(self.data.get("on")))
