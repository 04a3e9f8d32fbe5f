"""Parses what somebody brings in: files, a table, where they go and who sees them."""

from typing import Any

from django import forms

from studio.forms import TextField
from studio.models import Collection
from studio.models.collections import NAME_LENGTH

MOST_FILES = 100
"""Files of one upload; more of them come as a ZIP."""


class ManyFiles(forms.ClearableFileInput):
    """Lets several files be chosen at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Some files; each is cleaned as one would be."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        if not given:
            raise forms.ValidationError(self.error_messages["required"])
        return [super(FilesField, self).clean(each, initial) for each in given]


class ImportForm(forms.Form):
    """What is brought in, and what becomes of it."""

    pictures = FilesField(
        label="Pictures, or one ZIP of them",
        widget=ManyFiles(attrs={"accept": ".zip,.png,.jpg,.jpeg,.webp,.csv"}),
        help_text=f"Up to {MOST_FILES} files at once; a ZIP holds thousands. PNG, JPEG and WebP.",
        error_messages={"required": "Choose a ZIP, or some pictures.", "empty": "One of the files is empty."},
    )
    table = forms.FileField(
        label="Prompts (CSV), if they are not in the files",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv"}),
        help_text="Columns file and prompt; negative_prompt, model, seed, steps, guidance, made_at and alt may follow.",
        error_messages={"empty": "The table is empty."},
    )
    collection = forms.ModelChoiceField(
        label="Into a collection",
        queryset=Collection.objects.none(),
        required=False,
        empty_label="None",
        error_messages={"invalid_choice": "This collection is gone. Choose another."},
    )
    name = TextField(
        label="Or into a new one, named",
        required=False,
        max_length=NAME_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": f"A name has at most {NAME_LENGTH} letters."},
    )
    shared = forms.BooleanField(label="The team sees them, with their prompts", required=False)

    def __init__(self, data: Any = None, files: Any = None, *, collections: Any, shared: bool) -> None:
        super().__init__(data, files, label_suffix="", initial={"shared": shared})
        field = self.fields["collection"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = collections
