"""Parses what is typed into the library."""

from django import forms

from studio.forms import TextField
from studio.models import Stock
from studio.models.library import TITLE_LENGTH, WHY_LENGTH
from studio.relays.settings import TEXT_LENGTH

FIELDS_HELP = (
    "Braces make a field: {subject} is written into, of {style:oil|watercolour|photo} one is chosen."
)


class ShelfForm(forms.Form):
    """`?view=` which part of the library, `?q=` words to find, `?tag=`."""

    view = forms.TypedChoiceField(choices=Stock.choices, coerce=Stock, empty_value=Stock.ALL, required=False)
    q = forms.CharField(required=False, max_length=200)
    tag = forms.CharField(required=False, max_length=40)


class TextForm(forms.Form):
    """The words of a version, and why it was written; `seen` is the version that its writer had before them."""

    text = TextField(
        label="Prompt",
        max_length=TEXT_LENGTH,
        help_text=FIELDS_HELP,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write the prompt."},
    )
    why = TextField(label="Why (for the others)", max_length=WHY_LENGTH, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1, required=False)


class BackForm(forms.Form):
    """Why an earlier version is the newest again; `seen` is the newest that its writer had before them."""

    why = TextField(label="Why (for the others)", max_length=WHY_LENGTH, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class AboutForm(forms.Form):
    """What stands around the text."""

    title = TextField(label="Title", max_length=TITLE_LENGTH, error_messages={"required": "Give it a title."})
    tags = TextField(label="Tags, between commas", max_length=300, required=False)
    shared = forms.BooleanField(label="The team sees it", required=False)


class SaveForm(AboutForm, TextForm):
    """A prompt on its way into the library."""

    seen = None  # type: ignore[assignment]
    field_order = ("title", "text", "tags", "shared", "why")


class FileForm(forms.Form):
    """A file of saved prompts."""

    file = forms.FileField(label="JSON or CSV", error_messages={"required": "Choose a file."})
