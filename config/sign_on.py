"""Reads STUDIO_SSO: the services that people may sign in with, and whom each of them lets in."""

import json
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

NEEDED: dict[str, type] = {"id": str, "name": str, "server": str, "client_id": str, "client_secret": str}
RULES: dict[str, type] = {
    "domains": list,
    "groups": list,
    "claim": str,
    "roles": dict,
    "email_is_verified": bool,
}
ROLES = {"member", "moderator", "administrator"}


def services(text: str) -> list[dict[str, Any]]:
    """Return the list that the variable holds, checked; [] when it is empty."""
    try:
        found = json.loads(text or "[]")
    except ValueError as error:
        raise ImproperlyConfigured(f"STUDIO_SSO is not JSON: {error}.") from None
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise ImproperlyConfigured("STUDIO_SSO must be a list of objects.")
    for each in found:
        _check(each)
    names = [each["id"] for each in found]
    if len(names) != len(set(names)):
        raise ImproperlyConfigured("STUDIO_SSO names one id twice.")
    return found


def _check(service: dict[str, Any]) -> None:
    where = f"STUDIO_SSO, {service.get('id', 'a service without an id')!r}"
    for name, kind in (NEEDED | RULES).items():
        if name in NEEDED and not service.get(name):
            raise ImproperlyConfigured(f"{where}: {name} is missing.")
        if name in service and not isinstance(service[name], kind):
            raise ImproperlyConfigured(f"{where}: {name} must be a {kind.__name__}.")
    if unknown := sorted(set(service) - set(NEEDED | RULES)):
        raise ImproperlyConfigured(f"{where}: {', '.join(unknown)} means nothing.")
    if not service["id"].replace("-", "").isalnum():
        raise ImproperlyConfigured(f"{where}: the id may have letters, digits and hyphens.")
    if unknown := sorted(set(service.get("roles", {})) - ROLES):
        raise ImproperlyConfigured(f"{where}: there is no role {', '.join(unknown)}.")
    if urlsplit(service["server"]).scheme not in {"https", "http"}:
        raise ImproperlyConfigured(f"{where}: server must be an https address.")


def origin(service: dict[str, Any]) -> str:
    """Return where the browser is sent to sign in."""
    parts = urlsplit(service["server"])
    return f"{parts.scheme}://{parts.netloc}"


def app(service: dict[str, Any]) -> dict[str, Any]:
    """Return the service as django-allauth wants it."""
    return {
        "provider_id": service["id"],
        "name": service["name"],
        "client_id": service["client_id"],
        "secret": service["client_secret"],
        "settings": {"server_url": service["server"].rstrip("/"), "oauth_pkce_enabled": True},
    }
