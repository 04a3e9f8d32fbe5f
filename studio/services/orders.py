"""What people ask of the studio, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from studio.models import Generation, ImageModel, Preset, Prompt


@dataclass(frozen=True, kw_only=True)
class Order:
    """So many pictures of a text by one model, with settings that it takes; `shared` is for the team to see.

    `parent` is the prompt that was taken over, `saved` the version of a saved prompt (services.lineage);
    `collection` is where the pictures go as they are kept; `preset` is the house preset that `services.presets`
    keeps it to, in the version that the person saw.
    """

    model: ImageModel
    text: str
    n: int
    shared: bool
    settings: Mapping[str, Any] = field(default_factory=dict)
    parent: UUID | None = None
    saved: UUID | None = None
    collection: UUID | None = None
    preset: Preset | None = None
    preset_version: int | None = None

    def is_that_of(self, row: Generation) -> bool:
        """Say whether a generation is this very order, sent a second time."""
        asked = (self.model.pk, self.n, self.shared, dict(self.settings), Prompt.digest_of(self.text))
        return asked == (row.model_id, row.n, row.shared, row.settings, row.prompt.digest)
