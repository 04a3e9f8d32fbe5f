"""Django's admin: people through the services, and a plain look at tables; no prompt, no way past the audit."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin, messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator

from studio.errors import StudioError
from studio.http import StudioRequest
from studio.models import AuditEntry, Generation, ImageModel, LedgerEntry, Relay, User
from studio.services import accounts, generations


@secure_admin_login
def _inside(request: HttpRequest) -> HttpResponse:
    """Lead an administrator who is signed in already to the first page."""
    return redirect("admin:index")


class Site(admin.AdminSite):
    """Knows the studio's own tables alone: other apps' pages change people past the audit."""

    site_header = site_title = "Lightfast"

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Send everyone to the one sign-in page, where tries are counted (SAFETY T16)."""
        return _inside(request)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]
        """Send people to the studio's own page, where tries are counted and the change is written down."""
        return redirect("accounts.password")


site = Site(name="admin")


class LookOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows are changed by services alone, so that every change is checked and in the audit log."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Only by what the list offers: a filter by words would read them letter by letter."""
        return lookup.partition("__")[0] in self.get_list_filter(request)


@admin.register(Relay, site=site)
class RelayAdmin(LookOnly):
    list_display = ["name", "dialect", "base_url", "enabled", "paused_at", "synced_at"]
    exclude = ["sealed_key"]


@admin.register(ImageModel, site=site)
class ImageModelAdmin(LookOnly):
    list_display = ["label", "relay", "model_id", "max_n", "enabled", "draws", "gone_at"]
    list_filter = ["relay", "enabled", "draws"]


@admin.register(User, site=site)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Adds and changes people as the services do it: checked, and in the audit."""

    list_display = ["name", "email", "role", "is_active"]
    fields = accounts.FACTS

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: StudioRequest, obj: User, form: Any, change: bool) -> None:  # type: ignore[override]
        facts: dict[str, Any] = {name: form.cleaned_data[name] for name in accounts.FACTS}
        if change:
            accounts.edit(person=obj, administrator=request.user, **facts)
        else:
            obj.pk = accounts.add(administrator=request.user, **facts).pk


@admin.register(Generation, site=site)
class GenerationAdmin(LookOnly):
    """Says how each stands; what was asked is the person's own, and is opened elsewhere, with a reason."""

    list_display = ["id", "owner", "model", "state", "error_kind", "created_at"]
    list_filter = ["state", "error_kind"]
    fields = ["owner", "model", "via", "n", "state", "error_kind", "trace_id", "attempts"]
    fields += ["created_at", "sent_at", "received_at", "settled_at"]
    actions = ["mark_not_charged"]

    @admin.action(description="Mark as not charged", permissions=["view"])
    def mark_not_charged(self, request: StudioRequest, queryset: QuerySet[Generation]) -> None:
        for row in queryset:
            try:
                generations.forgive(generation=row, administrator=request.user)
            except StudioError as error:
                self.message_user(request, f"{row.pk}: {error.sentence}", messages.WARNING)


@admin.register(AuditEntry, site=site)
class AuditEntryAdmin(LookOnly):
    """Read like any table; to search and export it, administration has a page of its own."""

    list_display = ["seq", "at", "actor", "action", "subject"]
    list_select_related = ["actor"]
    ordering = ["-seq"]


@admin.register(LedgerEntry, site=site)
class LedgerEntryAdmin(LookOnly):
    list_display = ["at", "person", "generation", "source", "target", "amount", "unit", "month"]
    list_filter = ["unit", "source", "target", "month"]
    ordering = ["-at"]
