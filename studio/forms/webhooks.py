"""What a person says of a webhook: where it is, and what it is to be told."""

from typing import Any

from django import forms

from studio.models import WebhookKind

WRONG = "This is not an address. It looks like https://example.com/hook."


class WebhookForm(forms.Form):
    """The address and the events."""

    url = forms.CharField(
        label="Address",
        max_length=2000,
        help_text="It must be reachable from here and begin with https://.",
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": "Give it an address.",
            "max_length": "An address has at most 2,000 signs.",
        },
    )
    kinds = forms.TypedMultipleChoiceField(
        label="It is told when",
        coerce=WebhookKind,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one event."},
    )

    def __init__(self, data: Any = None, *, team: bool, **more: Any) -> None:
        super().__init__(data, label_suffix="", **more)
        offered = [(kind.value, kind.label) for kind in WebhookKind.offered(team=team)]
        self.fields["kinds"].choices = offered  # type: ignore[attr-defined]

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if not url.isprintable() or " " in url or not url.startswith(("https://", "http://")):
            raise forms.ValidationError(WRONG)
        return url
