"""Tags and filters of every template."""

import functools
from typing import Any
from urllib.parse import urlencode

from django import template
from django.template.context import RequestContext
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html

from studio.live import Watch, seal_for, sealed_count
from studio.words import readers
from studio.words.looking import KEYS, Key
from studio.words.relays import KINDS

register = template.Library()


@register.simple_tag
@functools.cache  # the sprite's address is looked up in the manifest: thirty times a page that was a millisecond
def icon(name: str, css: str = "icon") -> str:
    """Draw an icon of the sprite; it is decoration, so the words stand beside it."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', css, static("icons.svg"), name
    )


@register.simple_tag
@functools.cache
def key(page: str, name: str) -> str:
    """Name the key that presses this element, to our own hands and to screen readers."""
    press = KEYS[page][name].press
    return format_html('data-key="{}" aria-keyshortcuts="{}"', press, press)


@register.simple_tag
def keys_of(page: str) -> list[Key]:
    """Return all keys of a page, for its sheet."""
    return list(KEYS[page].values())


@register.simple_tag(takes_context=True)
def table_url(context: RequestContext) -> str:
    """Return the address where the pictures lie that this session has laid aside for comparing."""
    laid = context["request"].session.get("light_table", [])
    return f"{reverse('light_table.index')}?{urlencode([('image', pk) for pk in laid])}"


@register.filter
def kind(name: str) -> str:
    """Write the kind of a failure in words."""
    return KINDS.get(name, name)


@register.simple_tag(takes_context=True)
def url_with(context: RequestContext, **changes: Any) -> str:
    """Return this page's address with some parameters changed; None or "" takes one out."""
    return f"{context['request'].path}{query_with(context, **changes)}"


@register.simple_tag(takes_context=True)
def query_with(context: RequestContext, **changes: Any) -> str:
    """Return this page's parameters with some changed, from the question mark on; None or "" takes one out."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else ""


@register.simple_tag(takes_context=True)
def watch(context: RequestContext, watched: Watch) -> str:
    """Name a card that is not finished to the page, which asks for all of them at once."""
    return format_html('<input type="hidden" name="c" value="{}">', seal_for(context["request"], watched))


@register.simple_tag(takes_context=True)
def watch_notices(context: RequestContext) -> str:
    """Name the number of new notices to the page, which asks whether it is still right."""
    return format_html('<input type="hidden" name="n" value="{}">', sealed_count(context["request"]))


@register.filter
def clock(seconds: float | None) -> str:
    """Write seconds as 0:05 or 1:02:03."""
    minutes, rest = divmod(int(seconds or 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def span(seconds: float) -> str:
    """Write a wait as 90 s, 45 min or 5 h."""
    return readers.span(seconds)


@register.filter
def bytes(size: int) -> str:
    """Write a number of bytes as 830 B, 12 KB, 1.6 MB or 65.4 GB (decimal)."""
    if size < 1000:
        return f"{size} B"
    if size < 1_000_000:
        return f"{size / 1000:.0f} KB"
    return f"{size / 1_000_000:.1f} MB" if size < 1_000_000_000 else f"{size / 1_000_000_000:.1f} GB"
