"""What a model can be told beyond its prompt: one table for all dialects, and `Accepts`, what one model takes of it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from studio.relays import sizes

IMAGES_AT_ONCE = 10
"""Our own limit for one generation (RELAYS.md §2.3)."""

TEXT_LENGTH = 4000
WORD_LENGTH = 60

LISTABLE = frozenset({"size", "ratio", "word"})
"""Kinds whose values a model may name; the others take any."""

NOT_ASKED = frozenset({"model", "prompt", "n", "response_format", "user", "async", "stream"})
"""Fields of relays that no person decides on."""

PACKABLE = ("webp", "jpeg", "jpg")
"""Formats that a compression is for."""

_RATIO = re.compile(r"[1-9]\d{0,2}:[1-9]\d{0,2}", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,18}(\.0*)?", re.ASCII)


@dataclass(frozen=True)
class Setting:
    """One setting under the studio's own name; `sent` names the dialects that send it, and their own place for it."""

    name: str
    label: str
    kind: str
    sent: Mapping[str, str]
    low: int = 0
    high: int = 0
    example: str = ""


def _by(plainly: str, **elsewhere: str) -> dict[str, str]:
    """Return the dialects that send a setting under the studio's name, and those that put it at another place."""
    return dict.fromkeys(plainly.split(), "") | elsewhere


def _configured(key: str) -> dict[str, str]:
    return _by("generic", routmy=f"image_config.{key}", chat=f"image_config.{key}")


_ROWS = (
    Setting(
        "size",
        "Size",
        "size",
        _by("routeway routmy relayrouter openai generic"),
        example="1024x1024, 1792x1024, auto",
    ),
    Setting("aspect_ratio", "Aspect ratio", "ratio", _configured("aspect_ratio"), example="1:1, 16:9, 9:16"),
    Setting("image_size", "Resolution", "word", _configured("image_size"), example="1K, 2K, 4K"),
    Setting("quality", "Quality", "word", _by("routeway routmy openai generic"), example="standard, hd"),
    Setting("style", "Style", "word", _by("routmy openai generic"), example="vivid, natural"),
    Setting("negative_prompt", "Negative prompt", "text", _by("routeway generic")),
    Setting("seed", "Seed", "whole", _by("routeway generic"), high=2**31 - 1),
    Setting("steps", "Steps", "whole", _by("routeway generic"), low=1, high=150),
    Setting("guidance", "Guidance", "number", _by("routeway generic"), high=50),
    Setting("background", "Background", "word", _by("openai generic"), example="transparent, opaque, auto"),
    Setting("output_format", "Format", "word", _by("openai generic"), example="png, webp, jpeg"),
    Setting("output_compression", "Compression", "whole", _by("openai generic"), high=100),
    Setting("moderation", "Moderation", "word", _by("openai generic"), example="auto, low"),
    Setting("image_only", "Pictures only, no text", "mark", _by("", chat="modalities")),
)
TABLE = {row.name: row for row in _ROWS}
"""Every setting a model may take, in the order of the form; a model may take others if it names their values."""

SETTINGS = tuple(name for name, row in TABLE.items() if row.kind != "mark")
"""Those that a person chooses; a mark tells of the model itself."""


def sent_by(dialect: str) -> frozenset[str]:
    """Return the settings that a dialect sends."""
    return frozenset(name for name, row in TABLE.items() if dialect in row.sent)


def places_in(dialect: str) -> dict[str, str]:
    """Return where a dialect puts those that it does not send under their own names."""
    return {name: row.sent[dialect] for name, row in TABLE.items() if row.sent.get(dialect)}


def label_of(name: str) -> str:
    """Return the words that stand for a setting."""
    return TABLE[name].label if name in TABLE else name.replace("_", " ").capitalize()


def in_order(names: Iterable[str]) -> list[str]:
    """Return the names in the table's order, unknown ones last: PostgreSQL forgets the order of an object's keys."""
    places = {name: place for place, name in enumerate(TABLE)}
    return sorted(names, key=lambda name: (places.get(name, len(places)), name))


class Unfit(Exception):
    """A value that the model does not take: `rule` says why, `facts` holds what the sentence needs.

    choice  it is not on the model's list        number  no number from low to high
    size    no width and height                  ratio   no width to height
    long    longer than most                     packed  compression for a format that has none
    step, steep, side, area  a size that breaks this rule of `sizes`; `near` is the nearest legal one
    """

    def __init__(self, name: str, rule: str, **facts: Any) -> None:
        super().__init__(f"{name}: {rule}")
        self.name = name
        self.rule = rule
        self.facts = facts


@dataclass(frozen=True)
class Aside:
    """A wish that the model does not take as it is; `near` of `place` is taken instead, if anything is like it."""

    name: str
    value: str
    rule: str
    place: str = ""
    near: str = ""


@dataclass(frozen=True)
class Fit:
    """What of some wishes a model takes, and what has to be set aside."""

    kept: dict[str, Any] = field(default_factory=dict)
    aside: list[Aside] = field(default_factory=list)


OTHER_WAY = {"size": "aspect_ratio", "aspect_ratio": "size"}
"""The two ways to ask for a shape."""


@dataclass(frozen=True)
class Accepts:
    """What one model takes: each setting with the values it names, none where any goes."""

    values: Mapping[str, Sequence[str]]

    def takes(self, name: str) -> bool:
        return name in self.values

    def named(self, name: str) -> list[str]:
        """The values that the model names, without the marker for any size."""
        return [each for each in self.values.get(name) or () if each != sizes.ANY]

    def is_open(self, name: str) -> bool:
        """Whether it takes values that it does not name."""
        values = self.values.get(name) or ()
        return self.takes(name) and (not values or (name == "size" and sizes.ANY in values))

    @property
    def keeps_rules(self) -> bool:
        """Whether sizes it does not name have to keep the rules of `sizes`."""
        return sizes.ANY in (self.values.get("size") or ())

    @property
    def asked(self) -> list[str]:
        """The settings that a person can be asked for, in order: known ones, and others whose values are named."""
        known = {name for name in self.values if name in TABLE and TABLE[name].kind != "mark"}
        named = {name for name in self.values if self.values[name]}
        return in_order((known | named) - NOT_ASKED)

    def describe(self) -> list[Setting]:
        """Return the rows of the table that the model takes, in order."""
        return [row for name, row in TABLE.items() if name in self.values]

    # fit

    def fits(self, name: str, value: object) -> bool:
        """Say whether the model takes this value; numbers and free words are left to `validate`."""
        if value in self.named(name):
            return True
        sides = sizes.parse(str(value))
        if name == "size" and self.is_open(name):
            return sides is not None and not (self.keeps_rules and sizes.broken_rule(*sides))
        return self.is_open(name)

    def fitting(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return the part of the wishes that the model takes as they are."""
        return {name: value for name, value in wanted.items() if self.fits(name, value)}

    def fit(self, wanted: Mapping[str, str]) -> Fit:
        """Return what is taken, with the nearest shape where one does not fit, and what is set aside."""
        fit = Fit(kept=self.fitting(wanted))
        for name, value in wanted.items():
            if name in fit.kept and fit.kept[name] == value:
                continue
            place, near = self.nearest(name, value)
            is_taken = near != "" and fit.kept.setdefault(place, near) == near
            rule = self._rule(name, value)
            fit.aside.append(Aside(name, value, rule, *((place, near) if is_taken else ("", ""))))
        return fit

    def nearest(self, name: str, value: str) -> tuple[str, str]:
        """Return the setting and the value nearest to a shape that does not fit; both empty if there is none."""
        place = name if self.takes(name) else OTHER_WAY.get(name, "")
        if name not in OTHER_WAY or not self.takes(place):
            return "", ""
        sides = sizes.parse(value)
        if place == "size" and sides and self.keeps_rules:
            return place, sizes.write(*sizes.nearest_legal(*sides))
        near = sizes.nearest(value, self.named(place))
        return (place, near) if near else ("", "")

    def _rule(self, name: str, value: str) -> str:
        sides = sizes.parse(value)
        if not self.takes(name):
            return "untaken"
        if name == "size" and sides and self.keeps_rules:
            return sizes.broken_rule(*sides)
        return "choice"

    # validate

    def validate(self, name: str, value: object) -> str | int | float:
        """Return the value as it is sent, "" for nothing; raises Unfit."""
        text = str(value).strip()
        if not text or text in self.named(name):
            return text
        if not self.is_open(name):
            raise Unfit(name, "choice")
        match TABLE[name].kind if name in TABLE else "word":
            case "size":
                return self._size(text)
            case "ratio":
                return _matching(name, "ratio", _RATIO, text)
            case "whole" | "number" as kind:
                return _number(TABLE[name], text, whole=kind == "whole")
            case "text":
                return _short(name, text, TEXT_LENGTH)
        return _short(name, text, WORD_LENGTH)

    def _size(self, text: str) -> str:
        sides = sizes.parse(text)
        if sides is None:
            raise Unfit("size", "size")
        broken = sizes.broken_rule(*sides) if self.keeps_rules else ""
        if broken:
            near = sizes.write(*sizes.nearest_legal(*sides))
            raise Unfit("size", broken, size=sizes.write(*sides), near=near)
        return sizes.write(*sides)

    def contradictions(self, settings: Mapping[str, Any]) -> Iterator[Unfit]:
        """Yield what cannot go together, though each value alone is sound."""
        has_format = self.takes("output_format") and settings.get("output_format") not in PACKABLE
        if settings.get("output_compression") not in (None, "") and has_format:
            yield Unfit("output_compression", "packed")


def _matching(name: str, rule: str, pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise Unfit(name, rule)
    return text


def _short(name: str, text: str, most: int) -> str:
    if len(text) > most:
        raise Unfit(name, "long", most=most, length=len(text))
    return text


def _number(row: Setting, text: str, *, whole: bool) -> int | float:
    wrong = Unfit(row.name, "number", low=row.low, high=row.high)
    if whole and not _WHOLE.fullmatch(text):
        raise wrong
    try:
        number = float(text)
    except ValueError:
        raise wrong from None
    if not row.low <= number <= row.high:
        raise wrong
    return int(number) if whole else number
