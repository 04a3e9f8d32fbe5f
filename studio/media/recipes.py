"""Reads how a picture was made out of what common tools write into its file; nothing here decodes a picture.

A1111 and its kin (Forge, SD.Next, Fooocus), ComfyUI, InvokeAI, NovelAI, SwarmUI, and whatever writes its prompt as
"Description". What they wrote is a stranger's text: it is read with a limit, and what makes no sense is nothing.
"""

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal

from studio.media import workflows
from studio.media.inspect import MAX_PARTS, PNG_SIGNATURE

MOST_TEXT = 1024 * 1024
"""Bytes of one text, unpacked: workflows of a hundred nodes have some 100,000."""

MOST_TEXTS = 40

KNOWN = {
    "seed": "seed",
    "noise_seed": "seed",
    "steps": "steps",
    "cfg scale": "guidance",
    "cfg_scale": "guidance",
    "cfgscale": "guidance",
    "cfg": "guidance",
    "scale": "guidance",
    "guidance_scale": "guidance",
    "guidance": "guidance",
    "sampler": "sampler",
    "sampler_name": "sampler",
    "scheduler": "sampler",
}
"""The tools' names for a setting → the studio's."""

_LAST_LINE = re.compile(r"^Steps: ?\d+", re.MULTILINE)
_PAIR = re.compile(r'\s*([\w /-]{1,40}):\s*("(?:\\.|[^"\\])*"|[^,"]*)(?:,|$)')
_USER_COMMENT = 0x9286
_EXIF_POINTER = 0x8769


@dataclass(frozen=True)
class Recipe:
    """What a file says of how its picture was made: words, the model's name, settings under the studio's names."""

    prompt: str = ""
    model: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.prompt)


def read(path: Path, media_type: str) -> Recipe:
    """Return the first recipe that the file holds and that makes sense; an empty one where there is none."""
    with path.open("rb") as file:
        texts = dict(_TEXTS[media_type](file)) if media_type in _TEXTS else {}
    for known in _READERS:
        try:
            found = known(texts)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
            continue
        if found:
            return found
    return Recipe()


# What the tools write


def _invoke(texts: dict[str, str]) -> Recipe:
    """InvokeAI since version 3."""
    facts = json.loads(texts.get("invokeai_metadata", "{}"))
    model = facts.get("model") or {}
    name = model.get("name") or model.get("model_name") or model.get("key") or ""
    return _recipe(facts.get("positive_prompt"), facts.get("negative_prompt"), name, facts)


def _invoke_old(texts: dict[str, str]) -> Recipe:
    """InvokeAI before version 3."""
    facts = json.loads(texts.get("sd-metadata", "{}"))
    image = facts.get("image") or {}
    prompt = image.get("prompt")
    words = prompt if isinstance(prompt, str) else ", ".join(str(part["prompt"]) for part in prompt or [])
    return _recipe(words, "", facts.get("model_weights", ""), image)


def _swarm(texts: dict[str, str]) -> Recipe:
    """SwarmUI."""
    facts = json.loads(texts.get("parameters", "{}"))["sui_image_params"]
    return _recipe(facts.get("prompt"), facts.get("negativeprompt"), facts.get("model", ""), facts)


def _plain_json(texts: dict[str, str]) -> Recipe:
    """Fooocus and others that write one object."""
    facts = json.loads(texts.get("parameters") or texts.get("usercomment") or "{}")
    model = facts.get("base_model") or facts.get("model") or ""
    return _recipe(facts.get("prompt"), facts.get("negative_prompt"), model, facts)


def _a1111(texts: dict[str, str]) -> Recipe:
    """A1111 and its kin: the prompt, "Negative prompt: …", and a last line of pairs that begins with "Steps:"."""
    text = texts.get("parameters") or texts.get("usercomment") or ""
    lines = list(_LAST_LINE.finditer(text))
    if not lines:
        return Recipe()
    head, pairs = text[: lines[-1].start()], _pairs(text[lines[-1].start() :].split("\n", 1)[0])
    words, _, negative = head.partition("Negative prompt:")
    return _recipe(words, negative, pairs.get("model", ""), pairs)


def _comfy(texts: dict[str, str]) -> Recipe:
    """ComfyUI: the graph that was run."""
    found = workflows.read(json.loads(texts.get("prompt", "{}")))
    return _recipe(found.prompt, found.negative, found.model, found.values)


def _novel(texts: dict[str, str]) -> Recipe:
    """NovelAI."""
    facts = json.loads(texts["comment"])
    return _recipe(texts["description"], facts.get("uc"), texts.get("source", "") or "NovelAI", facts)


def _described(texts: dict[str, str]) -> Recipe:
    """Whatever says its prompt as a description, as files of this studio do, with the model as their source."""
    words = texts.get("description") or texts.get("prompt") or ""
    return Recipe() if words.lstrip().startswith("{") else _recipe(words, "", texts.get("source", ""), {})


_READERS = (_invoke, _invoke_old, _swarm, _a1111, _plain_json, _comfy, _novel, _described)


def settings_of(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of these facts is a setting, under the studio's names."""
    found = (
        {"negative_prompt": _words(facts["negative_prompt"])} if _words(facts.get("negative_prompt")) else {}
    )
    for name, value in facts.items():
        ours = KNOWN.get(str(name).lower())
        if ours and ours not in found and (fit := _fit(ours, value)) is not None:
            found[ours] = fit
    return found


def _recipe(words: Any, negative: Any, model: Any, facts: Mapping[str, Any]) -> Recipe:
    settings = settings_of({**facts, "negative_prompt": negative})
    return Recipe(_words(words), _words(model)[:100], settings)


def _fit(name: str, value: Any) -> Any:
    """Return a setting's value as the studio keeps it; None for one that is no such thing."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if name == "sampler":
        return str(value).strip()[:60] or None
    try:
        number = float(value)
        whole = int(value) if name != "guidance" else 0
    except (ValueError, OverflowError):
        return None
    if name == "guidance":
        return number if 0 <= number <= 100 else None
    return whole if 0 <= whole < 1 << 63 else None


def _words(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _pairs(line: str) -> dict[str, str]:
    return {name.strip().lower(): value.strip().strip('"') for name, value in _PAIR.findall(line)}


# Where it stands in a file


def _png_texts(file: IO[bytes]) -> Iterator[tuple[str, str]]:
    """Yield keyword and text of each tEXt, zTXt and iTXt chunk (PNG, 11.3.3)."""
    file.seek(len(PNG_SIGNATURE))
    for _ in range(MAX_PARTS):
        head = file.read(8)
        length, name = int.from_bytes(head[:4]), head[4:]
        if len(head) < 8 or name == b"IEND":
            return
        if name in (b"tEXt", b"zTXt", b"iTXt") and length <= MOST_TEXT:
            keyword, _, rest = file.read(length).partition(b"\0")
            yield keyword.decode("latin-1").strip().lower(), _png_text(name, rest)
            file.seek(4, 1)
        else:
            file.seek(length + 4, 1)


def _png_text(name: bytes, rest: bytes) -> str:
    if name == b"tEXt":
        return _as_text(rest)
    if name == b"zTXt":
        return _as_text(_unpacked(rest[1:]))
    packed, rest = rest[:1] == b"\1", rest[2:]
    text = rest.split(b"\0", 2)[-1]
    return _as_text(_unpacked(text) if packed else text)


def _unpacked(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, MOST_TEXT)
    except zlib.error:
        return b""


def _as_text(data: bytes) -> str:
    """The specification says Latin-1 for some of these; tools write UTF-8 wherever they like."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _jpeg_texts(file: IO[bytes]) -> Iterator[tuple[str, str]]:
    """Yield the comment of a person that a JPEG's Exif holds."""
    file.seek(2)
    for _ in range(MOST_TEXTS):
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF or head[1] == 0xDA:
            return
        body = file.read(int.from_bytes(head[2:]) - 2)
        if head[1] == 0xE1 and body.startswith(b"Exif\0\0"):
            yield from _exif_texts(body[6:])


def _webp_texts(file: IO[bytes]) -> Iterator[tuple[str, str]]:
    file.seek(12)
    for _ in range(MOST_TEXTS):
        head = file.read(8)
        length = int.from_bytes(head[4:], "little")
        if len(head) < 8:
            return
        if head[:4] == b"EXIF" and length <= MOST_TEXT:
            yield from _exif_texts(file.read(length).removeprefix(b"Exif\0\0"))
        else:
            file.seek(length + length % 2, 1)


def _exif_texts(tiff: bytes) -> Iterator[tuple[str, str]]:
    """Yield the UserComment (Exif 3.0, 4.6.6): eight bytes say its script, then comes the text."""
    order: Literal["little", "big"] = "little" if tiff.startswith(b"II") else "big"

    def number(at: int, size: int) -> int:
        return int.from_bytes(tiff[at : at + size], order)

    def tags(at: int) -> dict[int, tuple[int, int]]:
        places = range(at + 2, at + 2 + 12 * min(number(at, 2), 200), 12)
        return {number(place, 2): (number(place + 4, 4), number(place + 8, 4)) for place in places}

    inner = tags(number(4, 4)).get(_EXIF_POINTER)
    if inner and (found := tags(inner[1]).get(_USER_COMMENT)):
        data = tiff[found[1] : found[1] + min(found[0], MOST_TEXT)]
        if data.startswith(b"UNICODE\0"):
            best = max(("utf-16-be", "utf-16-le"), key=lambda way: _plain_letters(data[8:], way))
            yield "usercomment", data[8:].decode(best, errors="ignore")
        else:
            yield "usercomment", _as_text(data[8:])


def _plain_letters(data: bytes, way: str) -> int:
    """Count letters of ASCII: read the wrong way round there are hardly any."""
    return sum(sign.isascii() for sign in data[:400].decode(way, errors="ignore"))


_TEXTS = {"image/png": _png_texts, "image/jpeg": _jpeg_texts, "image/webp": _webp_texts}
