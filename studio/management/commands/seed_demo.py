"""Fills a demo with as many rows as a team has after years, to feel and to measure how the studio carries them."""

import os
import random
from argparse import ArgumentParser
from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import batched
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from studio.db import write_transaction
from studio.media import names
from studio.models import Favourite, Generation, Hue, Image, ImageModel, Prompt, Slot, SlotState, State, User
from studio.models.ids import id_at
from studio.search.parse import indexed

MOST = 1000
"""Pictures of one transaction."""

SUBJECTS = (
    "lake mountain fox city forest harbour lighthouse sailor garden kitchen bridge desert village heron train"
)
MANNERS = "watercolour oil ink woodblock pastel photograph poster gouache etching collage charcoal fresco"
LIGHTS = "dawn dusk noon moonlight fog rain snow golden neon candle storm aurora"
SYLLABLES = "ba ke li mo nu pra sto tri vel zan dor fim gus hel jor kar"


class Command(BaseCommand):
    """manage.py seed_demo"""

    help = "Add rows of finished pictures, spread over two years (a demo's: run `manage.py demo` before)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--images", type=int, default=10_000, help="How many to add")
        parser.add_argument("--rows-only", action="store_true", help="Leave out their files: only to measure")

    def handle(self, *args: Any, **options: Any) -> None:
        samples = list(Image.objects.kept().exclude(developed_at=None).select_related("generation")[:50])
        people, models = list(User.objects.filter(is_active=True)), list(ImageModel.objects.usable())
        if not (samples and people and models):
            raise CommandError("There is no picture yet to repeat. Run `manage.py demo` first.")
        seeder = Seeder(people, models, samples)
        for some in batched(seeder.runs(options["images"]), MOST // 4):
            seeder.write(list(some), files=not options["rows_only"])
        self.stdout.write(f"{options['images']:,} pictures added.")


class Seeder:
    """Makes rows that are all different, from the same chances each time."""

    def __init__(self, people: list[User], models: list[ImageModel], samples: list[Image]) -> None:
        self.people, self.models, self.samples = people, models, samples
        self.chance = random.Random(Image.objects.count())  # noqa: S311
        self.shared: deque[Prompt] = deque(maxlen=1000)

    def runs(self, count: int) -> Iterator[tuple[Generation, list[Image]]]:
        """Yield generations with so many pictures in all, the oldest first."""
        now, step = timezone.now(), timedelta(days=730) / max(count, 1)
        made = 0
        while made < count:
            n = min(self.chance.choice((1, 2, 4, 4)), count - made)
            yield self._run(n, now - step * (count - made))
            made += n

    def write(self, runs: list[tuple[Generation, list[Image]]], *, files: bool) -> None:
        images = [image for _, some in runs for image in some]
        with write_transaction():
            Prompt.objects.bulk_create([run.prompt for run, _ in runs])
            Generation.objects.bulk_create([run for run, _ in runs])
            slots = [(image.generation_id, image.index) for image in images]
            Slot.objects.bulk_create(
                Slot(generation_id=run, index=index, state=SlotState.SAVED) for run, index in slots
            )
            Image.objects.bulk_create(images)
            liked = [image for image in images if image.shared and self.chance.random() < 0.05]
            Favourite.objects.bulk_create(
                Favourite(image=image, person=self.chance.choice(self.people)) for image in liked
            )
        for image in images if files else []:
            self._link(image)

    def _run(self, n: int, at: datetime) -> tuple[Generation, list[Image]]:
        person, shared = self.chance.choice(self.people), self.chance.random() < 0.7
        text = self._text()
        seen = {"run_at": at, "shared_at": at if shared else None, "created_at": at}
        prompt = Prompt(
            pk=id_at(at), author=person, text=text, digest=Prompt.digest_of(text), words=indexed(text), **seen
        )
        remixed = self.shared and self.chance.random() < 0.2
        parent = self.chance.choice(self.shared) if remixed else None
        run = Generation(
            pk=id_at(at), owner=person, prompt=prompt, parent=parent, model=self.chance.choice(self.models),
            submission_id=uuid4(), n=n, shared=shared, settings={"size": "1024x1024"}, state=State.DONE,
            month=at.date().replace(day=1), created_at=at, sent_at=at, received_at=at + timedelta(seconds=9),
            settled_at=at + timedelta(seconds=9),
        )  # fmt: skip
        if shared:
            self.shared.append(prompt)
        return run, [self._image(run, index, at + timedelta(milliseconds=7 * index)) for index in range(n)]

    def _image(self, run: Generation, index: int, at: datetime) -> Image:
        sample = self.chance.choice(self.samples)
        same = ["media_type", "width", "height", "byte_size", "tone", "sides", "developed_at"]
        facts = {name: getattr(sample, name) for name in same}
        return Image(
            pk=id_at(at), generation=run, owner=run.owner, model=run.model, index=index, saved_at=at, shared=run.shared,
            key=names.original(run.token, run.pk, index, sample.extension), words=run.prompt.words,
            hue=self.chance.choice(Hue.values), likeness=f"{self.chance.getrandbits(64):016x}",
            sha256=f"{self.chance.getrandbits(256):064x}", **facts,
        )  # fmt: skip

    def _text(self) -> str:
        """Return a prompt of some forty words: a few of them common, the others out of a large vocabulary."""
        subject, light, manner = (self.chance.choice(each.split()) for each in (SUBJECTS, LIGHTS, MANNERS))
        rare = [self._word() for _ in range(self.chance.randint(10, 40))]
        return f"A {subject} at {light}, {manner}, {' '.join(rare)} {self.chance.getrandbits(40):010x}"

    def _word(self) -> str:
        """Return one of some 4,000 words, the short ones more often."""
        return "".join(self.chance.choices(SYLLABLES.split(), k=self.chance.choice((1, 2, 2, 3))))

    def _link(self, image: Image) -> None:
        """Give the picture's files a name more: they take no further room."""
        sample = next(each for each in self.samples if each.tone == image.tone)
        self._name(sample.key, image.key)
        for side in image.sides:
            self._name(sample.thumbnail_key(side), image.thumbnail_key(side))

    def _name(self, old: str, new: str) -> None:
        source, target = Path(default_storage.path(old)), Path(default_storage.path(new))
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(source, target)
