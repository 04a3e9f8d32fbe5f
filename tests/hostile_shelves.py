"""The other half of `tests.hostile_rows`: texts in what people keep, save and show outside, and the pages of it."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import cycle
from typing import Any

from django.urls import reverse
from django.utils import timezone

from studio.models import Collection, Comment, Image, OutsideLink, SavedPrompt, SavedSearch, Tag, Tagged, User
from studio.models.outside import Mark, Visitor
from studio.services import collections, images, library, outside
from tests.hostile_text import Texts

FEW = 4
"""How many collections, saved prompts and links are opened; the rest stand in lists."""


class Shelves:
    """What one person keeps, another says of it, and a visitor answers."""

    def __init__(self, texts: Texts, owner: User, mate: User, pictures: Sequence[Image]) -> None:
        self.texts, self.owner, self.mate, self.pictures = texts, owner, mate, pictures
        self._words_on_pictures()
        self._collections()
        self._library()
        searches = enumerate(texts(60))
        SavedSearch.objects.bulk_create(
            SavedSearch(owner=owner, name=name, query=f"q=lake{n}", shared=True) for n, name in searches
        )
        self._outside()

    def _words_on_pictures(self) -> None:
        one = self.pictures[0]
        for text, picture in zip(self.texts(500), cycle(self.pictures), strict=False):
            images.describe(image=picture, person=self.owner, text=text)
        names = {" ".join(text.split()).replace(",", " ").casefold() for text in self.texts(40)}
        tags = Tag.objects.bulk_create(Tag(name=name) for name in sorted(names) if name)
        Tagged.objects.bulk_create(Tagged(image=one, tag=tag, person=self.mate) for tag in tags)
        Comment.objects.bulk_create(
            Comment(image=one, person=self.mate, text=text) for text in self.texts(1000)
        )

    def _collections(self) -> None:
        about = cycle(self.texts(1000))
        rows = [
            Collection(owner=self.owner, name=name, description=next(about), audience="sees")
            for name in self.texts(80)
        ]
        self.collections = Collection.objects.bulk_create(rows)[-FEW:]
        for row in self.collections:
            collections.add(person=self.owner, collection=row, images=[each.pk for each in self.pictures[:3]])

    def _library(self) -> None:
        whys, wordings = cycle(self.texts(200)), cycle(self.texts(3900))
        SavedPrompt.objects.bulk_create(
            SavedPrompt(owner=self.owner, title=title, text=text, shared=True)
            for title, text in zip(self.texts(120), cycle(self.texts(4000)), strict=False)
        )
        self.saved = []
        for title in self.texts(120)[:FEW]:
            facts = {"title": title, "text": next(wordings), "tags": next(whys), "why": next(whys)}
            row = library.save(person=self.owner, shared=True, **facts)
            library.revise(saved=row, person=self.mate, text="{style:oil|ink}", seen=1, why=next(whys))
            row.versions.update(credit=self.texts(150)[0])
            self.saved.append(row)

    def _outside(self) -> None:
        facts: dict[str, Any] = {"person": self.owner, "days": 7, "reviews": True}
        titles = self.texts(80)
        targets = [self.pictures[0], *self.collections[:2]]
        made = [
            outside.make(target=target, title=title, **facts)
            for target, title in zip(targets, titles, strict=False)
        ]
        self.links, self.tokens = [row for row, _ in made], [token for _, token in made]
        OutsideLink.objects.bulk_create(
            OutsideLink(
                owner=self.owner, image=self.pictures[0], title=title, digest=f"{n:064}",
                expires_at=timezone.now() + timedelta(days=n + 1),
            ) for n, title in enumerate(titles)
        )  # fmt: skip
        visitors = Visitor.objects.bulk_create(Visitor(link=self.links[0], name=name) for name in titles)
        notes, now = cycle(self.texts(1000)), timezone.now()
        Mark.objects.bulk_create(
            Mark(visitor=visitor, image=self.pictures[0], answer="yes", note=next(notes), at=now)
            for visitor in visitors
        )

    def starts(self) -> dict[str, list[str]]:
        """Return the pages that show the texts, for the name of each who opens them."""
        to = reverse
        found = [to("collections.detail", args=[row.pk]) for row in self.collections]
        found += [to("library.detail", args=[row.pk]) for row in self.saved]
        found += [to("library.version", args=[self.saved[0].pk, 1])]
        found += [to("kept.detail", args=[self.pictures[0].pk])]
        mine = [to("outside.detail", args=[row.pk]) for row in self.links]
        mine += [to("collections.edit", args=[self.collections[0].pk]), to("outside.index")]
        lists = [to(name) for name in ("collections.index", "library.index", "searches.new")]
        return {
            "writer": [*lists, *found, *mine],
            "mate": [*lists, *found],
            "anonymous": [to("visits.detail", args=[token]) for token in self.tokens],
        }
