"""Parses what administrators say about relays."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django import forms
from django.urls import reverse

from studio.errors import StudioError
from studio.models import Dialect, Relay
from studio.models.relays import IS_ADDRESS
from studio.services.relays import rules
from studio.services.relays.defaults import USUAL_URLS
from studio.words import Reason

KEY_LENGTH = 500
FIXED = ("name", "dialect", "base_url", "api_key", "enabled")
"""What the studio itself decides about the sandbox, each time it starts."""


def _limit(label: str) -> forms.IntegerField:
    wrong = f"{label}: write a whole number from 1 to 10,000, or nothing for no limit."
    return forms.IntegerField(
        label=label,
        min_value=1,
        max_value=10_000,
        required=False,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), wrong),
    )


class RelayForm(forms.Form):
    """Name, dialect, address, key, limits and switches of one relay; the key goes in and never comes out."""

    name = forms.CharField(label="Name", max_length=60, error_messages={"required": "Give the relay a name."})
    dialect = forms.ChoiceField(label="Dialect", choices=Dialect.choices)
    base_url = forms.CharField(
        validators=[IS_ADDRESS],
        label="Base URL",
        max_length=300,
        help_text="Where its paths begin, usually in /v1.",
        widget=forms.URLInput(attrs={"list": "base-urls", "autocomplete": "off"}),
        error_messages={"required": "Enter the address of its API."},
    )
    api_key = forms.CharField(
        label="Key",
        max_length=KEY_LENGTH,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    at_once = _limit("Requests at once")
    per_minute = _limit("Requests per minute")
    retries = forms.BooleanField(
        label="Try again when the relay fails",
        required=False,
        help_text="At most twice, and only where the relay itself answered that it failed.",
    )
    enabled = forms.BooleanField(
        label="Offer its models", required=False, help_text="Off hides them from everyone."
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        relay: Relay | None = None,
        typed: Mapping[str, Any] | None = None,
    ) -> None:
        self.relay = relay
        super().__init__(data, initial=_facts(relay) | (_filled(typed) if typed else {}))
        self.label_suffix = ""
        self.fields["dialect"].widget.attrs |= {
            "hx-post": reverse("relays.new"),
            "hx-vals": '{"fill": "1"}',
            "hx-include": "closest form",
            "hx-target": "#address",
            "hx-swap": "outerHTML",
        }
        self.fields["name"].required = "test" not in self.data
        self.fields["api_key"].required = relay is None
        self.fields["api_key"].error_messages["required"] = "Enter the relay's key."
        if relay and relay.sealed_key:
            ending = f"Ends in …{relay.key_ending}." if relay.key_ending else "A key is kept."
            self.fields["api_key"].help_text = f"{ending} Leave empty to keep it."
        if relay and relay.sandbox:
            for name in FIXED:
                self.fields[name].disabled = True
            self.fields["api_key"].help_text = "The studio makes the sandbox's key itself."

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        with _as_error_of_the_form():
            rules.check_name(name, relay=self.relay)
        return name

    def clean_api_key(self) -> str:
        key: str = self.cleaned_data["api_key"]
        with _as_error_of_the_form():
            return rules.usable_key(key) if key else key

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if self.relay and "base_url" in data:
            with _as_error_of_the_form("api_key"):
                rules.check_kept_key(self.relay, base_url=data["base_url"], api_key=data.get("api_key"))
        return data

    @property
    def leads_elsewhere(self) -> bool:
        """Whether another list of models may be found there now than before."""
        return bool({"api_key", "base_url", "dialect"} & set(self.changed_data))

    @property
    def asked(self) -> dict[str, Any]:
        """What the services take; an empty key becomes None, which keeps the one there is."""
        facts = dict(self.cleaned_data)
        return facts | {"api_key": facts["api_key"] or None}


def _facts(relay: Relay | None) -> dict[str, Any]:
    if relay is None:
        first = Dialect.ROUTEWAY
        return {"dialect": first, "base_url": USUAL_URLS[first], "retries": True, "enabled": True}
    names = ("name", "dialect", "base_url", "at_once", "per_minute", "retries", "enabled")
    return {name: getattr(relay, name) for name in names}


def _filled(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed, with the dialect's usual address unless there is one of the person's own."""
    facts = {name: typed.get(name, "") for name in ("name", "dialect", "base_url", "at_once", "per_minute")}
    if not facts["base_url"].strip() or facts["base_url"].strip().rstrip("/") in USUAL_URLS.values():
        facts["base_url"] = USUAL_URLS.get(facts["dialect"], "")
    return facts | {name: bool(typed.get(name)) for name in ("retries", "enabled")}


@contextmanager
def _as_error_of_the_form(field: str | None = None) -> Iterator[None]:
    """Turn what the services refuse into an error of a field: the one that is being cleaned, or the named one."""
    try:
        yield
    except StudioError as error:
        raise forms.ValidationError({field: error.sentence} if field else error.sentence) from None


class PauseForm(forms.Form):
    """Why a relay is paused; everyone who would have used it reads the reason."""

    reason = forms.CharField(
        label="Why?",
        max_length=200,
        error_messages={"required": Reason("pause_wants_a_reason").said()},
    )


class StepForm(forms.Form):
    """One place up or down."""

    step = forms.TypedChoiceField(choices=[("-1", "Up"), ("1", "Down")], coerce=int)
