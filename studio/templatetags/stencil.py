"""`{% stencil %}` draws many pieces of one template at the price of one (decision 0023).

A template is rendered once for each shape of what it is given: which values there are, how long the lists are, which
flags are set. Where a value would stand it leaves a hole; every further piece of that shape is its text with the holes
filled.
"""

import functools
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import template
from django.template import Context, Engine, Template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

HOLE = re.compile("\ue000([0-9]+)\ue001")
SHAPES = 1024


@register.simple_tag
def stencil(template_name: str, name: str, value: Mapping[str, Any], **more: Any) -> SafeString:
    """Draw a template that shows one value, under this name; `more` is what only this page knows of it.

    It may show texts and numbers, ask whether they are there, and walk along lists; it cannot compare or filter
    them, and nought is nothing.
    """
    texts: list[str] = []
    shape = _shape({**value, **more}, texts)
    said, holes = _sheet(Engine.get_default().get_template(template_name), name, shape)
    piece = [*said]
    piece[1::2] = [_escaped(texts[hole]) for hole in holes]
    return mark_safe("".join(piece))  # noqa: S308 (each text is escaped)


@functools.lru_cache(SHAPES)
def _sheet(piece: Template, name: str, shape: Any) -> tuple[list[str], list[int]]:
    """Return a text cut at its holes, and which value each is for; for another template when its file has changed."""
    drawn = HOLE.split(piece.render(Context({name: _holes(shape, iter(range(10_000)))})))
    return drawn, [int(hole) for hole in drawn[1::2]]


def _shape(value: Any, texts: list[str]) -> Any:
    """Return what a template can tell of a value without showing it; collect what it would show."""
    if isinstance(value, str):
        if value:
            texts.append(value)
            return str
        return ""
    if isinstance(value, Mapping):
        return (dict, *[(key, _shape(each, texts)) for key, each in value.items()])
    if isinstance(value, Sequence):
        return (list, *[_shape(each, texts) for each in value])
    if isinstance(value, bool):
        return value
    return _shape(str(value) if value else "", texts)


def _holes(shape: Any, number: Iterator[int]) -> Any:
    """Return a value of this shape with a hole for each of its texts."""
    if shape is str:
        return f"\ue000{next(number)}\ue001"
    match shape:
        case (kind, *parts) if kind is dict:
            return {key: _holes(part, number) for key, part in parts}
        case (kind, *parts) if kind is list:
            return [_holes(part, number) for part in parts]
    return shape


def _escaped(text: str) -> str:
    return text if isinstance(text, SafeString) else html.escape(text)
