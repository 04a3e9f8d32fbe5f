"""What of a half-filled form fits another model, and in words what does not, and why."""

from collections.abc import Iterator, Mapping
from typing import Any

from studio.forms import clean_text
from studio.forms.settings import (
    NOT_ASKED,
    TEXT_LENGTH,
    SizeInput,
    broken_rule,
    in_order,
    label_of,
    listed,
    takes_own_size,
)
from studio.forms.shapes import nearest, times
from studio.models import ImageModel
from studio.relays import sizes
from studio.relays.shapes import SETTINGS

NAMED_AT_MOST = 6
"""More values than this are counted instead of named."""

WORDS_AT_MOST = 40
OTHER_WAY = {"size": "aspect_ratio", "aspect_ratio": "size"}
"""The two ways to ask for a shape."""

OTHER_WORDS = {"size": "an aspect ratio instead", "aspect_ratio": "a size instead"}


def carried(data: Mapping[str, Any], model: ImageModel) -> tuple[dict[str, Any], list[str]]:
    """Return what fits the model, with the nearest shape where one does not, and a sentence for each loss."""
    wanted = dict(_wanted(data, model))
    kept = {name: value for name, value in wanted.items() if fits(model, name, value)}
    aside = []
    for name, value in wanted.items():
        if name not in kept or kept[name] != value:
            place, near = _instead(model, name, value)
            taken = near if near and kept.setdefault(place, near) == near else ""
            aside.append(_sentence(model, name, value, taken))
    count, lost = _count(data.get("n"), model)
    if data.get("shared") in ("0", "1"):
        kept["shared"] = data["shared"] == "1"
    prompt = clean_text(str(data.get("prompt", "")))[:TEXT_LENGTH]
    return kept | count | {"prompt": prompt}, aside + lost


def fits(model: ImageModel, name: str, value: str) -> bool:
    """Say whether a model takes this value of a field; where any size goes, it still has to be one in pixels."""
    is_free = name == "size" and not model.values_of(name)
    return bool(model.fitting({name: value})) and not (is_free and sizes.parse(value) is None)


def _wanted(data: Mapping[str, Any], model: ImageModel) -> Iterator[tuple[str, str]]:
    """Yield the settings that hold something, in our order."""
    for name in in_order({*SETTINGS, *model.accepts}):
        value = SizeInput().value_from_datadict(data, {}, name) if name == "size" else data.get(name, "")
        text = "" if value is None else clean_text(str(value)).strip()
        if text.strip("x") and name not in NOT_ASKED:
            yield name, text


def _instead(model: ImageModel, name: str, value: str) -> tuple[str, str]:
    """Return the field and the value nearest to a shape that does not fit; both empty if there is none."""
    place = name if model.takes(name) else OTHER_WAY.get(name, "")
    if name not in OTHER_WAY or not model.takes(place):
        return "", ""
    sides = sizes.parse(value)
    if place == "size" and sides and sizes.ANY in model.values_of(place):
        return place, "{}x{}".format(*sizes.nearest_legal(*sides))
    near = nearest(value, listed(model, place))
    return (place, near) if near else ("", "")


def _sentence(model: ImageModel, name: str, value: str, near: str) -> str:
    """Say what is set aside, why, and what stands in its place."""
    shown = value if len(value) <= WORDS_AT_MOST else f"{value[:WORDS_AT_MOST].rstrip()}…"
    words = f"{label_of(name).lower()} {times(shown)}: {_reason(model, name, value, near)}"
    return f"{words}; the nearest, {times(near)}, is chosen" if near else words


def _reason(model: ImageModel, name: str, value: str, near: str) -> str:
    values = [times(each) for each in listed(model, name)]
    sides = sizes.parse(value)
    if not model.takes(name):
        return f"{model.label} takes {OTHER_WORDS[name] if near else 'none'}"
    if sides and takes_own_size(model):
        return broken_rule(*sides)
    more = len(values) - NAMED_AT_MOST
    named = ", ".join(values[:NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
    return f"{model.label} {'draws' if name == 'size' else 'takes'} {named or 'pixels only'}"


def _count(wanted: Any, model: ImageModel) -> tuple[dict[str, int], list[str]]:
    """Return the count as far as the model goes; a wrong one is left to the form."""
    text = str(wanted or "")
    if not (text.isascii() and text.isdigit() and int(text[:4])):
        return {}, []
    count = int(text[:4])
    if count <= model.max_n:
        return {"n": count}, []
    return {"n": model.max_n}, [f"{count} at once: {model.label} draws {model.max_n} at most"]
