"""What of a half-filled form fits another model, in words what does not and why, and what comes back on return."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from studio.cleaning import clean_text
from studio.forms.settings import BROKEN, SizeInput
from studio.forms.shapes import times
from studio.models import ImageModel
from studio.relays.settings import NOT_ASKED, SETTINGS, TEXT_LENGTH, Aside, in_order, label_of

NAMED_AT_MOST = 6
"""More values than this are counted instead of named."""

WORDS_AT_MOST = 40
REMEMBERED = 20
"""So many wishes wait for a model that takes them."""

OTHER_WORDS = {"size": "an aspect ratio instead", "aspect_ratio": "a size instead"}


class Carried(NamedTuple):
    """What a form takes over, a sentence for each loss, what is back again, and the wishes that still wait."""

    kept: dict[str, Any]
    said: list[str]
    back: list[str]
    aside: list[Aside]


def carried(data: Mapping[str, Any], model: ImageModel) -> Carried:
    """Return what fits the model, with the nearest shape where one does not; what was set aside before comes back.

    A wish that waits stands behind what was chosen since; one whose stand-in was changed by the person is forgotten.
    """
    visible = dict(_wanted(data, model)) | _count(data.get("n"))
    earlier = read_aside(data.get("aside"))
    wishes = _wishes(visible, earlier)
    best = {name: _best(model, name, values) for name, values in wishes.items()}
    kept, aside = _fit(model, best)
    waiting = [
        Aside(name, value, "choice") for name in wishes for value in wishes[name] if value != best[name]
    ]
    known = {(each.name, each.value) for each in earlier}
    back = [
        _words(name, str(value))
        for name, value in kept.items()
        if (name, str(value)) in known and str(value) != visible.get(name)
    ]
    said = [_sentence(model, each) for each in aside if each not in earlier]
    if data.get("shared") in ("0", "1", False, True):
        kept["shared"] = data["shared"] in ("1", True)
    kept["prompt"] = clean_text(str(data.get("prompt", "")))[:TEXT_LENGTH]
    return Carried(kept, said, back, [*aside, *waiting][:REMEMBERED])


def write_aside(aside: Iterable[Aside]) -> str:
    """Return the waiting wishes as the form carries them."""
    rows = [[each.name, each.value, each.rule, each.place, each.near] for each in aside]
    return json.dumps(rows, ensure_ascii=False) if rows else ""


def read_aside(text: Any) -> list[Aside]:
    """Return the waiting wishes of a form; nothing for any other text, as anybody may send one."""
    try:
        rows = json.loads(str(text or "[]"))
    except (ValueError, RecursionError):
        return []
    sound = [row for row in rows if _is_sound(row)] if isinstance(rows, list) else []
    return [Aside(*(clean_text(part)[:TEXT_LENGTH] for part in row)) for row in sound[:REMEMBERED]]


def _is_sound(row: Any) -> bool:
    if not (isinstance(row, list) and len(row) == 5 and all(isinstance(part, str) for part in row)):
        return False
    return bool(_count(row[1])) if row[0] == "n" else row[0] in SETTINGS and bool(row[1])


def _wishes(visible: Mapping[str, str], earlier: Iterable[Aside]) -> dict[str, list[str]]:
    """Return the values wished for each setting, the newest first; a stand-in counts as what it stands for."""
    chosen, later = dict(visible), []
    for each in earlier:
        if not each.near:
            later.append(each)
        elif chosen.get(each.place) == each.near:
            del chosen[each.place]
            chosen.setdefault(each.name, each.value)
    wishes = {name: [value] for name, value in chosen.items()}
    for each in later:
        values = wishes.setdefault(each.name, [])
        values += [each.value] if each.value not in values else []
    return {name: wishes[name] for name in in_order(wishes)}


def _best(model: ImageModel, name: str, values: list[str]) -> str:
    return next((value for value in values if _fits(model, name, value)), values[0])


def _fits(model: ImageModel, name: str, value: str) -> bool:
    return int(value) <= model.max_n if name == "n" else model.accepted.fits(name, value)


def _fit(model: ImageModel, best: dict[str, str]) -> tuple[dict[str, Any], list[Aside]]:
    """Fit the settings, and the count as far as the model goes."""
    fit = model.accepted.fit({name: value for name, value in best.items() if name != "n"})
    if "n" not in best:
        return fit.kept, fit.aside
    count = min(int(best["n"]), model.max_n)
    over = [Aside("n", best["n"], "count", "n", str(count))] if count < int(best["n"]) else []
    return fit.kept | {"n": count}, fit.aside + over


def _wanted(data: Mapping[str, Any], model: ImageModel) -> Iterator[tuple[str, str]]:
    """Yield the settings that hold something, in our order."""
    for name in in_order({*SETTINGS, *model.accepts}):
        value = SizeInput().value_from_datadict(data, {}, name) if name == "size" else data.get(name, "")
        text = "" if value is None else clean_text(str(value)).strip()
        if text.strip("x") and name not in NOT_ASKED:
            yield name, text


def _count(wanted: Any) -> dict[str, str]:
    """Return the count; a wrong one is left to the form."""
    text = str(wanted or "")
    is_count = text.isascii() and text.isdigit() and int(text[:4])
    return {"n": str(int(text[:4]))} if is_count else {}


def _words(name: str, value: str) -> str:
    shown = value if len(value) <= WORDS_AT_MOST else f"{value[:WORDS_AT_MOST].rstrip()}…"
    return f"{shown} at once" if name == "n" else f"{label_of(name).lower()} {times(shown)}"


def _sentence(model: ImageModel, aside: Aside) -> str:
    """Say what is set aside, why, and what stands in its place."""
    words = f"{_words(aside.name, aside.value)}: {_reason(model, aside)}"
    is_shape = aside.near and aside.name != "n"
    return f"{words}; the nearest, {times(aside.near)}, is chosen" if is_shape else words


def _reason(model: ImageModel, aside: Aside) -> str:
    if aside.rule in BROKEN:
        return BROKEN[aside.rule]
    if aside.rule == "count":
        return f"{model.label} draws {aside.near} at most"
    if aside.rule == "untaken":
        return f"{model.label} takes {OTHER_WORDS[aside.name] if aside.near else 'none'}"
    values = [times(each) for each in model.accepted.named(aside.name)]
    more = len(values) - NAMED_AT_MOST
    named = ", ".join(values[:NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
    return f"{model.label} {'draws' if aside.name == 'size' else 'takes'} {named or 'pixels only'}"
