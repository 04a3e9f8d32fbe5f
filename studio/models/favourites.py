"""Favourites: the pictures a person likes."""

from django.db import models
from django.db.models.functions import Now

from studio.models.accounts import User


class Favourite(models.Model):
    """A person likes an image."""

    person = models.ForeignKey(User, models.CASCADE, related_name="favourites")
    image = models.ForeignKey("Image", models.CASCADE, related_name="favourites")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "image"], name="favourite_once")]

    def __str__(self) -> str:
        return f"{self.person} likes {self.image_id}"
