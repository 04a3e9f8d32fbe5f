"""Finished values for what visitors see: pictures without prompts and without names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from studio.media.names import OUTSIDE_SIDE, SIDES
from studio.models import Image, Mark, Opinion, OutsideLink
from studio.signing import VISIT, signed

_NOBODY = UUID(int=0)


@dataclass(frozen=True)
class Said:
    """One of the answers, and whether it is this visitor's."""

    value: str
    label: str
    icon: str
    chosen: bool


@dataclass(frozen=True)
class VisitCard:
    """One picture as a visitor sees it."""

    pk: UUID
    number: int
    src: str
    srcset: str
    large: str
    original: str
    width: int
    height: int
    ratio: float
    tone: str
    url: str
    answer_url: str
    alt: str
    answer: str
    answers: list[Said]
    note: str


ICONS = {Opinion.YES: "check", Opinion.MAYBE: "minus", Opinion.NO: "x"}


def shown(
    images: Iterable[Image], *, link: OutsideLink, token: str, marks: Mapping[UUID, Mark], first: int = 1
) -> list[VisitCard]:
    """Return the pictures of a page, numbered from `first`."""
    page = reverse("visits.picture", args=[token, _NOBODY])
    answer = reverse("visits.mark", args=[token, _NOBODY])
    return [
        _shown(image, link, marks.get(image.pk), number, page, answer)
        for number, image in enumerate(images, first)
    ]


def _shown(
    image: Image, link: OutsideLink, mark: Mark | None, number: int, page: str, answer: str
) -> VisitCard:
    small, middle, large = (media_url(image, side, link) for side in (*SIDES, OUTSIDE_SIDE))
    by_width = min(1, image.ratio)  # as in cards.images.preview
    said = mark.answer if mark else ""
    return VisitCard(
        pk=image.pk,
        number=number,
        src=middle,
        srcset=f"{small} {SIDES[0] * by_width:.0f}w, {middle} {SIDES[1] * by_width:.0f}w",
        large=large,
        original=media_url(image, 0, link) if link.gives_originals else "",
        width=image.width,
        height=image.height,
        ratio=image.ratio,
        tone=image.tone or "#8888",
        url=page.replace(str(_NOBODY), str(image.pk)),
        answer_url=answer.replace(str(_NOBODY), str(image.pk)),
        alt=_alt(image, number),
        answer=said,
        answers=[Said(each.value, each.label, ICONS[each], chosen=said == each) for each in Opinion],
        note=mark.note if mark else "",
    )


def _alt(image: Image, number: int) -> str:
    """Return what a person wrote for whoever cannot see it, unless those are words of the prompt, which stay inside."""
    written = " ".join(image.alt_text.split())
    prompt = " ".join(image.prompt_text.split())  # type: ignore[attr-defined]
    is_prompt = written.rstrip(".…").lower() in prompt.lower()
    return f"Picture {number}" if is_prompt else f"Picture {number}: {written}"


def media_url(image: Image, side: int, link: OutsideLink) -> str:
    """Return an address that is good for an hour or two and only while the link is; 0 is the original."""
    signature = signed(image, side, link.pk, salt=VISIT)
    return reverse("visit_media.show", args=[link.pk, image.pk, side, signature])
