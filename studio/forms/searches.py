"""The filters of the gallery as fields, and the name of a search that is saved."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from studio.forms.audit import Day
from studio.models import Collection, Gallery, Hue, ImageModel, Outline, Relay, User
from studio.search.asked import LONGEST, Asked, Liking, Misasked
from studio.search.spans import Span

HEARTS = [
    ("", "Anything"),
    (Liking.MINE.value, "Favourites of mine"),
    (Liking.ANYONE.value, "Somebody’s favourite"),
]
STARS = [("", "Any"), *((str(stars), f"{stars} and more") for stars in (2, 3, 4)), ("5", "5 only")]


class SieveForm(forms.Form):
    """All that the gallery can be asked for; its fields are the parts of the address."""

    view = forms.ChoiceField(choices=Gallery.choices, widget=forms.HiddenInput)
    q = forms.CharField(label="Words", required=False, max_length=LONGEST)
    person = forms.ModelChoiceField(User.objects.order_by("name"), required=False, empty_label="Anybody")
    model = forms.ModelChoiceField(ImageModel.objects.none(), required=False, empty_label="Any")
    relay = forms.ModelChoiceField(Relay.objects.all(), required=False, empty_label="Any")
    shape = forms.ChoiceField(choices=[("", "Any"), *Outline.choices], required=False)
    colour = forms.ChoiceField(choices=[("", "Any"), *Hue.choices], required=False)
    since = forms.DateField(label="From", required=False, widget=Day)
    until = forms.DateField(label="To", required=False, widget=Day)
    liked = forms.ChoiceField(label="Favourites", choices=HEARTS, required=False)
    stars = forms.ChoiceField(choices=STARS, required=False)
    cost = forms.CharField(
        label="The generation cost",
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": "0.02–0.10 USD", "autocomplete": "off"}),
    )
    tag = forms.CharField(required=False, max_length=40)
    collection = forms.ModelChoiceField(Collection.objects.none(), required=False, empty_label="Any")

    def __init__(self, person: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        models = ImageModel.objects.select_related("relay")
        self.fields["model"].queryset = models.order_by("label")  # type: ignore[attr-defined]
        self.fields["model"].label_from_instance = _model_name  # type: ignore[attr-defined]
        own = Collection.objects.visible_to(person).order_by("name")
        self.fields["collection"].queryset = own  # type: ignore[attr-defined]

    def clean_cost(self) -> str:
        text: str = self.cleaned_data["cost"]
        try:
            return str(Span.read(text)) if text else ""
        except ValueError:
            raise ValidationError("Write for example 0.02–0.10 USD, -$0.05 or 5000- units.") from None

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        since, until = found.get("since"), found.get("until")
        if since and until and until < since:
            self.add_error("until", "This is before the day in From. Change one of the two.")
        return found


def _model_name(model: ImageModel) -> str:
    return f"{model.label}, {model.relay.name}"


class SavedSearchForm(forms.Form):
    """`name`, `query` as an address has it, and `shared` with the team."""

    name = forms.CharField(max_length=60)
    query = forms.CharField(max_length=2000)
    shared = forms.BooleanField(label="The team sees it", required=False)

    def clean_query(self) -> Asked:
        try:
            return Asked.from_query(QueryDict(self.cleaned_data["query"]))
        except Misasked:
            raise ValidationError("This is no search.") from None
