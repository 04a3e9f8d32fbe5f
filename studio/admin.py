"""Django's admin: people, and a plain look at the tables; relays and models are changed on the studio's own pages."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from studio.errors import StudioError
from studio.http import StudioRequest
from studio.models import Generation, ImageModel, Relay, User
from studio.services import generations

admin.site.site_header = admin.site.site_title = "Lightfast"


class LookOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows are changed by services alone, so that every change is checked and in the audit log."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Relay)
class RelayAdmin(LookOnly):
    list_display = ["name", "dialect", "base_url", "enabled", "paused_at", "synced_at"]
    exclude = ["sealed_key"]


@admin.register(ImageModel)
class ImageModelAdmin(LookOnly):
    list_display = ["label", "relay", "model_id", "max_n", "enabled", "draws", "gone_at"]
    list_filter = ["relay", "enabled", "draws"]


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "email", "role", "is_active"]
    fields = ["name", "email", "role", "is_active"]


@admin.register(Generation)
class GenerationAdmin(LookOnly):
    list_display = ["id", "owner", "model", "state", "error_kind", "created_at"]
    list_filter = ["state", "error_kind"]
    actions = ["mark_not_charged"]

    @admin.action(description="Mark as not charged", permissions=["view"])
    def mark_not_charged(self, request: StudioRequest, queryset: QuerySet[Generation]) -> None:
        for row in queryset:
            try:
                generations.forgive(generation=row, administrator=request.user)
            except StudioError as error:
                self.message_user(request, f"{row.pk}: {error.sentence}", messages.WARNING)
