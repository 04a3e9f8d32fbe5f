"""What of a half-filled form fits another model, and in words what does not, and why."""

from collections.abc import Iterator, Mapping
from typing import Any

from studio.forms import clean_text
from studio.forms.settings import BROKEN, SizeInput
from studio.forms.shapes import times
from studio.models import ImageModel
from studio.relays.settings import NOT_ASKED, SETTINGS, TEXT_LENGTH, Aside, in_order, label_of

NAMED_AT_MOST = 6
"""More values than this are counted instead of named."""

WORDS_AT_MOST = 40
OTHER_WORDS = {"size": "an aspect ratio instead", "aspect_ratio": "a size instead"}


def carried(data: Mapping[str, Any], model: ImageModel) -> tuple[dict[str, Any], list[str]]:
    """Return what fits the model, with the nearest shape where one does not, and a sentence for each loss."""
    fit = model.accepted.fit(dict(_wanted(data, model)))
    kept, aside = dict(fit.kept), [_sentence(model, each) for each in fit.aside]
    count, lost = _count(data.get("n"), model)
    if data.get("shared") in ("0", "1", False, True):
        kept["shared"] = data["shared"] in ("1", True)
    prompt = clean_text(str(data.get("prompt", "")))[:TEXT_LENGTH]
    return kept | count | {"prompt": prompt}, aside + lost


def _wanted(data: Mapping[str, Any], model: ImageModel) -> Iterator[tuple[str, str]]:
    """Yield the settings that hold something, in our order."""
    for name in in_order({*SETTINGS, *model.accepts}):
        value = SizeInput().value_from_datadict(data, {}, name) if name == "size" else data.get(name, "")
        text = "" if value is None else clean_text(str(value)).strip()
        if text.strip("x") and name not in NOT_ASKED:
            yield name, text


def _sentence(model: ImageModel, aside: Aside) -> str:
    """Say what is set aside, why, and what stands in its place."""
    value = aside.value
    shown = value if len(value) <= WORDS_AT_MOST else f"{value[:WORDS_AT_MOST].rstrip()}…"
    words = f"{label_of(aside.name).lower()} {times(shown)}: {_reason(model, aside)}"
    return f"{words}; the nearest, {times(aside.near)}, is chosen" if aside.near else words


def _reason(model: ImageModel, aside: Aside) -> str:
    if aside.rule in BROKEN:
        return BROKEN[aside.rule]
    if aside.rule == "untaken":
        return f"{model.label} takes {OTHER_WORDS[aside.name] if aside.near else 'none'}"
    values = [times(each) for each in model.accepted.named(aside.name)]
    more = len(values) - NAMED_AT_MOST
    named = ", ".join(values[:NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
    return f"{model.label} {'draws' if aside.name == 'size' else 'takes'} {named or 'pixels only'}"


def _count(wanted: Any, model: ImageModel) -> tuple[dict[str, int], list[str]]:
    """Return the count as far as the model goes; a wrong one is left to the form."""
    text = str(wanted or "")
    if not (text.isascii() and text.isdigit() and int(text[:4])):
        return {}, []
    count = int(text[:4])
    if count <= model.max_n:
        return {"n": count}, []
    return {"n": model.max_n}, [f"{count} at once: {model.label} draws {model.max_n} at most"]
