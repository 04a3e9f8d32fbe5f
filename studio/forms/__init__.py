"""Forms parse and validate; they never save. `TextField` is the one way in for a person's text."""

from typing import Any

from django import forms

from studio.cleaning import clean_text


class TextField(forms.CharField):
    """A person's words, cleaned before anything looks at them."""

    def to_python(self, value: Any) -> str:
        return super().to_python(clean_text(str(value or ""))) or ""


def put_cursor(form: forms.BaseForm) -> None:
    """Open the page with the cursor in the first field that is wrong, or in the first of all."""
    names = [name for name in form.fields if name in form.errors] or list(form.fields)
    form.fields[names[0]].widget.attrs["autofocus"] = True
