"""What people say of a picture: words, and from one to five stars."""

from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Avg, OuterRef, Q, Subquery
from django.db.models.functions import Cast, Now, Round

from studio.models.accounts import User
from studio.models.ids import uuid7
from studio.models.images import Image

STARS = (1, 5)
COMMENT_LENGTH = 2_000


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible_to(self, user: User) -> Self:
        """What is said of pictures that this person may look at."""
        return self.filter(image__in=Image.objects.visible_to(user))

    def removable_by(self, user: User) -> Self:
        """One's own words, and what others said of one's pictures; for moderators, all they see."""
        seen = self.visible_to(user)
        return seen if user.is_moderator else seen.filter(Q(person=user) | Q(image__owner=user))

    def newest_first(self) -> Self:
        """Ids are made in order of time."""
        return self.order_by("-pk")

    def before(self, pk: UUID | None) -> Self:
        """The page after the row `pk`."""
        return self.filter(pk__lt=pk) if pk else self


class Comment(models.Model):
    """One person's words about one picture, and whom they name in them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    image = models.ForeignKey(Image, models.CASCADE, related_name="comments", db_index=False)
    person = models.ForeignKey(User, models.CASCADE, related_name="comments")
    text = models.TextField()
    mentioned = models.ManyToManyField(User, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    objects = CommentQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["image", "-id"], name="comment_of_image")]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.image_id}"


class RatingQuerySet(models.QuerySet["Rating"]):
    def mean_of(self, image: OuterRef) -> Subquery:
        """The mean of what people gave an image of an outer query, in hundredths; NULL for none."""
        given = self.filter(image=image).order_by().values("image")
        mean = Cast(Round(Avg("stars") * 100), models.PositiveSmallIntegerField())
        return Subquery(given.annotate(mean=mean).values("mean"))


class Rating(models.Model):
    """How many stars a person gives a picture; `Image.rating` holds the mean of all."""

    person = models.ForeignKey(User, models.CASCADE, related_name="ratings")
    image = models.ForeignKey(Image, models.CASCADE, related_name="ratings", db_index=False)
    stars = models.PositiveSmallIntegerField()
    at = models.DateTimeField(db_default=Now())

    objects = RatingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["image", "person"], name="rating_once"),
            models.CheckConstraint(condition=Q(stars__range=STARS), name="rating_in_range"),
        ]

    def __str__(self) -> str:
        return f"{self.stars} for {self.image_id}"
