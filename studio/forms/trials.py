"""A call that a person tries out on the page, as a program would send it."""

from django import forms

from studio.forms import TextField
from studio.models import Token, User
from studio.models.tokens import Scope


class TokenChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Tokens by name and ending: several may have one name."""

    def label_from_instance(self, token: Token) -> str:
        return f"{token.name}, …{token.ending}"


class TrialForm(forms.Form):
    """By which token of one's own, and the body."""

    token = TokenChoice(
        Token.objects.none(),
        label="Token",
        empty_label=None,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose one of your tokens that draws."),
    )
    body = TextField(
        label="Body",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 7, "spellcheck": "false"}),
        error_messages={"required": "Write what a program would send: a JSON object."},
    )

    def __init__(self, *args: object, person: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        mine = Token.objects.open().owned_by(person).filter(scope=Scope.DRAW).newest_first()
        self.fields["token"].queryset = mine  # type: ignore[attr-defined]
