"""Keeps the links of pictures that could not be fetched, for seven days (RELAYS.md §2.10)."""

from collections.abc import Iterable, Mapping

from studio.db import write_transaction
from studio.models import Generation, KeptLink, SlotState
from studio.relays.dialects.base import Picture
from studio.relays.network.fetch import host_of
from studio.relays.shapes import plain

WORTH_KEEPING = {
    SlotState.EXPIRED,
    SlotState.TOO_SLOW,
    SlotState.UNFETCHABLE,
    SlotState.UNUSABLE,
}
"""Ends after which a fetch by hand may still bring the picture; a forbidden address never does."""


def keep(*, generation: Generation, pictures: Mapping[int, Picture], states: Iterable[SlotState]) -> None:
    """Keep the links of those pictures whose places ended without one."""
    lost = [
        (index, picture)
        for (index, picture), state in zip(pictures.items(), states, strict=True)
        if picture.url and state in WORTH_KEEPING
    ]
    if not lost:
        return
    with write_transaction():
        for index, picture in lost:
            _keep_one(generation, index, picture)


def _keep_one(generation: Generation, index: int, picture: Picture) -> None:
    link = KeptLink(
        generation=generation,
        index=index,
        model=generation.drawn_by,
        host=plain(host_of(picture.url or ""), 255),
        revised_prompt=picture.revised_prompt,
    )
    link.url = picture.url or ""
    fields = ["model", "host", "sealed_url", "revised_prompt", "kept_at"]
    KeptLink.objects.bulk_create(
        [link], update_conflicts=True, unique_fields=["generation", "index"], update_fields=fields
    )


def forget() -> int:
    """Delete links that are a week old; return how many."""
    with write_transaction():
        return KeptLink.objects.old().delete()[0]
