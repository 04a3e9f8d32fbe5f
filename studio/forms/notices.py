"""Parses what a person wants to hear of."""

from typing import Any

from django import forms

from studio.models import NoticeKind


class KindsForm(forms.Form):
    """The kinds that are ticked."""

    digest = forms.BooleanField(required=False)
    wanted = forms.TypedMultipleChoiceField(coerce=NoticeKind, required=False)

    def __init__(self, *args: Any, kinds: list[NoticeKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["wanted"].choices = [(kind.value, kind.label) for kind in kinds]  # type: ignore[attr-defined]
