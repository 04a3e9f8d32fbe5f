"""Django's admin for relays and models, until the studio has its own pages for them."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from studio.errors import StudioError
from studio.http import StudioRequest
from studio.models import Generation, ImageModel, Relay, User
from studio.relays.addresses import Refused
from studio.relays.base import check_base_url
from studio.relays.connector import NotConnected
from studio.services import generations

admin.site.site_header = admin.site.site_title = "Lightfast"


class RelayForm(forms.ModelForm):  # type: ignore[type-arg]
    """The key goes in and never comes out."""

    new_key = forms.CharField(
        label="Key", required=False, strip=True, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )

    class Meta:
        model = Relay
        fields = ["name", "dialect", "base_url", "enabled"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ending = self.instance.key_ending
        self.fields["new_key"].help_text = f"Ends in …{ending}. Leave empty to keep it." if ending else ""

    def clean_base_url(self) -> str:
        """Refuse an address that the connector would refuse (SAFETY T06)."""
        url: str = self.cleaned_data["base_url"]
        try:
            check_base_url(url, allow=settings.RELAY_PRIVATE_ALLOW)
        except (Refused, NotConnected):
            raise forms.ValidationError(
                "Private addresses are off. Set RELAY_PRIVATE_ALLOW to allow this exact host and port."
            ) from None
        return url

    def save(self, commit: bool = True) -> Relay:
        if self.cleaned_data["new_key"]:
            self.instance.api_key = self.cleaned_data["new_key"]
        return super().save(commit)


@admin.register(Relay)
class RelayAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = RelayForm
    list_display = ["name", "dialect", "base_url", "enabled"]
    readonly_fields = ["sandbox"]


@admin.register(ImageModel)
class ImageModelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["label", "relay", "model_id", "max_n", "enabled"]
    list_filter = ["relay", "enabled"]


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "email", "role", "is_active"]
    fields = ["name", "email", "role", "is_active"]


@admin.register(Generation)
class GenerationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["id", "owner", "model", "state", "error_kind", "created_at"]
    list_filter = ["state", "error_kind"]
    actions = ["mark_not_charged"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Generation | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Generation | None = None) -> bool:
        return False

    @admin.action(description="Mark as not charged", permissions=["view"])
    def mark_not_charged(self, request: StudioRequest, queryset: QuerySet[Generation]) -> None:
        for row in queryset:
            try:
                generations.forgive(generation=row, administrator=request.user)
            except StudioError as error:
                self.message_user(request, f"{row.pk}: {error.sentence}", messages.WARNING)
