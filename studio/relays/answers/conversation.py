"""What a chat completion holds: text, and pictures in its images or in parts of its content (RELAYS.md §1.5)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from studio.relays.answers import markdown
from studio.relays.answers.reading import PROMPT_LIMIT, AnswerShape, picture
from studio.relays.answers.spool import Spans
from studio.relays.shapes import Picture, paragraph


def _pictures(value: dict[str, Any], spans: Spans) -> Iterator[Picture]:
    """Yield the pictures of every choice: of `images`, else the parts of the content, else what its text shows."""
    index = 0
    for message in _messages(value):
        words = _words(message, spans)
        found = [_picture(item, spans, words) for item in _items(message.get("images"))]
        if not any(found):
            found = [_picture(item, spans, words) for item in _items(message.get("content"))]
        if not any(found):
            found = list(_written(message, spans))
        for made in found:
            if made:
                yield replace(made, index=index, revised_prompt=words)
            index += 1


def _silence(value: dict[str, Any], spans: Spans) -> str | None:
    """Return what the model wrote instead of drawing; None if this is no chat completion."""
    if not isinstance(value.get("choices"), list):
        return None
    return next(
        (words for message in _messages(value) if (words := _words(message, spans))), "returned no image"
    )


def _error(value: dict[str, Any]) -> object:
    """Return the error of the answer or of its first choice that has one."""
    found = [value.get("error"), *(choice.get("error") for choice in _items(value.get("choices")))]
    return next((error for error in found if error), None)


def _messages(value: dict[str, Any]) -> list[dict[str, Any]]:
    messages = [choice.get("message") for choice in _items(value.get("choices"))]
    return [message for message in messages if isinstance(message, dict)]


def _items(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _picture(item: dict[str, Any], spans: Spans, words: str) -> Picture | None:
    """Return the picture of one part: `image_url` is an object with a url, or the url itself."""
    place = item.get("image_url")
    return picture(0, place if isinstance(place, dict) else {"url": place}, spans, words)


def _written(message: dict[str, Any], spans: Spans) -> Iterator[Picture]:
    """Yield the pictures that stand in the text as markdown."""
    for piece in _pieces(message):
        for drawn in markdown.pictures(piece, spans):
            yield Picture(index=0, url=drawn.url or None, payload=drawn.payload)


def _pieces(message: dict[str, Any]) -> list[object]:
    """Return the texts of a message, whether it is one string or some parts."""
    content = message.get("content")
    return [content] if isinstance(content, str) else [part.get("text") for part in _items(content)]


def _words(message: dict[str, Any], spans: Spans) -> str:
    """Return what a message says beside its pictures, or its refusal."""
    pieces = _pieces(message)
    text = "\n".join(filter(None, (markdown.words(piece, spans, PROMPT_LIMIT) for piece in pieces)))
    return paragraph(text or spans.text(message.get("refusal"), PROMPT_LIMIT))[:PROMPT_LIMIT]


CONVERSATION = AnswerShape(pictures=_pictures, silence=_silence, error=_error)
