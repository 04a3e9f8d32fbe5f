"""What the painter understands of a prompt: plain words are looked up, nothing is guessed.

`read` turns a prompt into a `Brief`. Nothing here draws.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from zlib import crc32

from studio.sandbox.painter.lexicon import COLOURS, MEDIA, MOODS, PEOPLE, PHRASES, THINGS, TONES

NEGATIONS = {"no", "without", "minus", "except", "non"}
LAND = (
    *("mountain", "volcano", "hill", "desert", "canyon", "sea", "lake", "river", "beach", "island"),
    *("waterfall", "forest", "field", "snow", "cliff", "road", "palm", "aurora", "cloud", "birch", "garden"),
    *("ice", "grass", "cypress"),
)
STILL = ("cup", "teapot", "vase", "fruit", "bottle", "candle", "bowl", "books", "lamp")
BEASTS = (
    "cat",
    "dog",
    "fox",
    "rabbit",
    "owl",
    "deer",
    "horse",
    "elephant",
    "bear",
    "whale",
    "fish",
    "butterfly",
    "bird",
    "swan",
    "crane",
)
FLOWERS = ("rose", "tulip", "poppy", "daisy", "sunflower", "lavender", "lotus", "flower")
BUILDINGS = ("house", "castle", "temple", "lighthouse", "windmill", "bridge", "tower", "torii", "pyramid")


@dataclass(frozen=True, kw_only=True)
class Brief:
    """The painter's reading of one prompt."""

    prompt: str
    scene: str
    things: frozenset[str]
    colours: tuple[str, ...] = ()
    accents: tuple[tuple[str, str], ...] = ()
    moods: tuple[str, ...] = ()
    medium: str = ""
    tones: frozenset[str] = frozenset()
    key: int = 0

    def has(self, *things: str) -> bool:
        """Say whether any of these things was asked for."""
        return any(thing in self.things for thing in things)

    def accent(self, *things: str) -> str:
        """Return the colour word that stood before one of these things ("red sun"), or nothing."""
        return next((colour for thing, colour in self.accents if thing in things), "")


def read(prompt: str, *, negative_prompt: str = "") -> Brief:
    """Return the brief of a prompt; words of the negative prompt, and words after "no" or "without", are left out."""
    tokens = _without_negated(tokenize(prompt))
    banned = {concept for token in tokenize(negative_prompt) for concept in _concepts(token)}
    tokens = [token for token in tokens if not _concepts(token) & banned]
    found = [(token, concept) for token in tokens for concept in [THINGS.get(token)] if concept]
    things = frozenset(concept for _, concept in found) - banned
    if "lotus" in things and "bloom" not in things and "vase" not in things:
        things |= {"lake"}
    accents, colours = _colours(tokens)
    return Brief(
        prompt=prompt,
        scene=_scene(things),
        things=things | frozenset(f"no {word}" for word in banned | _negated(tokenize(prompt))),
        colours=colours,
        accents=accents,
        moods=tuple(dict.fromkeys(MOODS[token] for token in tokens if token in MOODS)),
        medium=next((MEDIA[token] for token in tokens if token in MEDIA), ""),
        tones=frozenset(TONES[token] for token in tokens if token in TONES),
        key=crc32(" ".join(tokens).encode("utf-8", "replace")),
    )


def describe(prompt: str, *, negative_prompt: str = "") -> str:
    """Return in words what the painter will paint."""
    brief = read(prompt, negative_prompt=negative_prompt)
    accents = dict(brief.accents)
    things = [
        f"{accents[thing]} {thing}" if thing in accents else thing
        for thing in sorted(brief.things)
        if " " not in thing
    ]
    parts = [
        brief.medium or "digital painting",
        f"{brief.scene} scene",
        *things,
        *brief.moods,
        *brief.colours,
        *sorted(brief.tones),
    ]
    return f"{', '.join(dict.fromkeys(parts))} (sandbox: no AI)"


def tokenize(text: str) -> list[str]:
    """Return lower-case words in the singular; phrases of two or three words ("golden hour") become one word."""
    text = text.lower().replace("’", "'")
    for phrase, word in PHRASES.items():
        text = re.sub(rf"\b{phrase}\b", word, text)
    return [_singular(word) for word in re.findall(r"[^\W\d_]+(?:_[^\W\d_]+)*", text)]


def _singular(word: str) -> str:
    known = THINGS.keys() | COLOURS.keys() | MEDIA.keys() | MOODS.keys() | TONES.keys()
    if word in known:
        return word
    for ending, stem in (("ies", "y"), ("ves", "f"), ("es", ""), ("s", "")):
        if word.endswith(ending) and word[: -len(ending)] + stem in known:
            return word[: -len(ending)] + stem
    return word


def _concepts(token: str) -> set[str]:
    named = {table[token] for table in (THINGS, MOODS, MEDIA) if token in table}
    return named | ({token} if token in COLOURS else set())


def _negated(tokens: list[str]) -> set[str]:
    return {
        concept for before, token in pairwise(tokens) if before in NEGATIONS for concept in _concepts(token)
    }


def _without_negated(tokens: list[str]) -> list[str]:
    return [token for index, token in enumerate(tokens) if not (index and tokens[index - 1] in NEGATIONS)]


def _colours(tokens: list[str]) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Return colours that belong to a thing ("a red sun", "white wild roses") and those of the whole picture."""
    accents, free = [], []
    for index, token in enumerate(tokens):
        if token not in COLOURS:
            continue
        near = [
            THINGS[word] for word in tokens[index + 1 : index + 3] if word in THINGS and word not in COLOURS
        ]
        if near and near[0] not in ("sky", "light", "abstract"):
            accents.append((near[0], COLOURS[token]))
        else:
            free.append(COLOURS[token])
    return tuple(accents), tuple(dict.fromkeys(free))


def _scene(things: frozenset[str]) -> str:
    """Return the kind of picture: the most particular thing decides."""

    def has(group: Iterable[str]) -> bool:
        return not things.isdisjoint(group)

    land = has(LAND) or has(BUILDINGS) or "city" in things
    rules = [
        ("abstract", "abstract" in things),
        ("portrait", "portrait" in things or (has(PEOPLE) and not land and not has(FLOWERS))),
        ("underwater", "underwater" in things or (has(("fish", "whale", "jellyfish", "coral")) and not land)),
        ("space", has(("space", "rocket")) and not land),
        ("synthwave", "synthwave" in things),
        ("still", has(STILL) and not land and not has(("boat", "balloon"))),
        ("city", "city" in things),
        ("blossom", "blossom" in things and not land),
        ("bloom", "bloom" in things and has(FLOWERS) and not land),
        ("beast", has(BEASTS) and not land and not has(FLOWERS)),
        (
            "meadow",
            has((*FLOWERS, "field", "garden"))
            and not has(("mountain", "sea", "lake", "desert", "forest", "city")),
        ),
        (
            "land",
            land
            or has(FLOWERS)
            or has(
                (
                    "sun",
                    "moon",
                    "star",
                    "sky",
                    "tree",
                    "boat",
                    "balloon",
                    "grass",
                    "rain",
                    "mist",
                    "storm",
                    "milkyway",
                    "rainbow",
                )
            ),
        ),
    ]
    return next((scene for scene, fits in rules if fits), "abstract")
