"""Tags: a word that people put on pictures."""

import unicodedata
from collections.abc import Iterable
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from studio.models.accounts import User
from studio.models.images import Image

LENGTH = 40
"""Characters of a tag."""


def tidy(name: str) -> str:
    """Return a tag as it is kept: small letters, one space between words, no commas, no hash in front."""
    plain = unicodedata.normalize("NFKC", name).casefold().replace(",", " ")
    return " ".join(plain.split()).lstrip("#").strip()


def tags_in(text: str) -> list[str]:
    """Return the tags that a line holds, parted by commas, each once."""
    return list(dict.fromkeys(filter(None, map(tidy, text.split(",")))))


class TagQuerySet(models.QuerySet["Tag"]):
    def visible_to(self, user: User) -> Self:
        """Those on at least one picture that this person may look at."""
        seen = Image.objects.visible_to(user).kept()
        return self.filter(Exists(Tagged.objects.filter(tag=OuterRef("pk"), image__in=seen)))

    def beginning(self, text: str) -> Self:
        """Those that begin so."""
        return self.filter(name__startswith=tidy(text))

    def by_name(self) -> Self:
        return self.order_by("name")

    def ensured(self, names: Iterable[str]) -> list["Tag"]:
        """Return a row for each of these names, made where there was none."""
        wanted = sorted({tidy(name) for name in names} - {""})
        self.bulk_create([Tag(name=name) for name in wanted], ignore_conflicts=True)
        return list(self.filter(name__in=wanted))


class Tag(models.Model):
    """A word, once for the whole team."""

    name = models.CharField(max_length=LENGTH, unique=True)

    objects = TagQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class Tagged(models.Model):
    """Somebody put a tag on an image."""

    image = models.ForeignKey(Image, models.CASCADE, related_name="tagged", db_index=False)
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="tagged", db_index=False)
    person = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["image", "tag"], name="tagged_once")]
        indexes = [models.Index(fields=["tag", "-image"], name="tagged_images")]

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.image_id}"
