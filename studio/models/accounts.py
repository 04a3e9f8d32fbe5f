"""People and the installation they belong to."""

import datetime
from collections.abc import Iterator
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.crypto import salted_hmac

from studio.models.ids import uuid7
from studio.models.installation import installation

_SESSION = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"

SEEN_EVERY = datetime.timedelta(minutes=5)
"""How exactly it is kept when a person was last here."""


class Role(models.TextChoices):
    """What a person may do: each role includes the ones before it."""

    MEMBER = "member", "Member"
    MODERATOR = "moderator", "Moderator"
    ADMINISTRATOR = "administrator", "Administrator"

    @property
    def rank(self) -> int:
        """Its place in the order of roles, from 0."""
        return list(Role).index(self)


class Standing(models.TextChoices):
    """Whether a person may sign in, and if not, why."""

    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"
    LEFT = "left", "Left"


class Colour(models.TextChoices):
    """What a person's mark is filled with; the tones stand in avatar.css."""

    INK = "", "Ink"
    AMBER = "amber", "Amber"
    GREEN = "green", "Green"
    TEAL = "teal", "Teal"
    BLUE = "blue", "Blue"
    VIOLET = "violet", "Violet"
    ROSE = "rose", "Rose"


class UserQuerySet(models.QuerySet["User"]):
    def administrators(self) -> Self:
        """Those who can run the studio now."""
        return self.filter(role=Role.ADMINISTRATOR, is_active=True)

    def standing(self, standing: str) -> Self:
        """Those who stand so; everybody for none."""
        match standing:
            case Standing.ACTIVE:
                return self.filter(is_active=True)
            case Standing.SUSPENDED:
                return self.filter(is_active=False, left_at=None)
            case Standing.LEFT:
                return self.filter(left_at__isnull=False)
        return self

    def in_role(self, role: str) -> Self:
        """Those with this role; everybody for none."""
        return self.filter(role=role) if role else self

    def called(self, text: str) -> Self:
        """Those whose name or address holds each of these words."""
        return self.filter(*(Q(name__icontains=word) | Q(email__icontains=word) for word in text.split()))

    def by_name(self) -> Self:
        return self.annotate(sorted_as=Lower("name")).order_by("sorted_as", "pk")

    def after(self, person: "User") -> Self:
        """The page that follows this person, of a list by name."""
        name = Lower(models.Value(person.name))
        return self.filter(Q(sorted_as__gt=name) | Q(sorted_as=name, pk__gt=person.pk))

    def suspension_over(self) -> Self:
        """Those who were suspended until a date that has come."""
        return self.filter(is_active=False, left_at=None, suspended_until__lte=Now())


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes people; the address is the name they sign in with, whatever its case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Return a new person; without a password nobody can sign in as them."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Return a new administrator (for `manage.py createsuperuser`)."""
        return self.create_user(email, password, role=Role.ADMINISTRATOR, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the person with this address, whatever its case."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person who signs in."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True, error_messages={"unique": "Someone already uses this address."})
    name = models.CharField(max_length=80)
    role = models.CharField(max_length=16, choices=Role, default=Role.MEMBER)
    is_active = models.BooleanField(default=True)
    last_choice = models.JSONField(default=dict, blank=True, editable=False)
    digest = models.BooleanField(default=True, editable=False)
    digested_at = models.DateTimeField(null=True, editable=False)
    dismissed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # How many images a month of theirs begins with; None is the installation's own number.
    monthly_images = models.PositiveIntegerField(null=True, blank=True, editable=False)
    # How many images of theirs may wait; None is their role's number.
    queue_images = models.PositiveIntegerField(null=True, blank=True, editable=False)
    last_claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    colour = models.CharField(max_length=8, choices=Colour, default=Colour.INK, blank=True)
    seen_at = models.DateTimeField(null=True, editable=False)
    session_salt = models.CharField(max_length=32, blank=True, editable=False)
    invitation = models.ForeignKey(
        "Invitation", models.SET_NULL, null=True, editable=False, related_name="people"
    )
    # A suspension ends by itself: whoever looks after the date gives `is_active` back (services.people.suspensions).
    suspended_until = models.DateTimeField(null=True, editable=False)
    suspension_reason = models.CharField(max_length=500, blank=True, editable=False)
    left_at = models.DateTimeField(null=True, editable=False)
    erasing_since = models.DateTimeField(null=True, editable=False)

    shapes_statements = ("is_administrator",)  # what rules of visibility ask of a person: studio/prepared.py
    objects = UserManager()

    unread = 0
    """How many notices are new to them; whoever signs in has the number with their row (`studio.accounts.Door`)."""

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="user_role_known"),
            models.CheckConstraint(
                condition=Q(is_active=False)
                | Q(suspended_until=None, suspension_reason="", left_at=None, erasing_since=None),
                name="user_active_is_not_suspended",
            ),
        ]
        indexes = [models.Index(Lower("name"), "id", name="user_by_name")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def monthly_cap(self) -> int:
        """How many images the person may make in a month that begins now."""
        return settings.MONTHLY_IMAGES if self.monthly_images is None else self.monthly_images

    @property
    def queue_cap(self) -> int:
        """How many images the person may have waiting at once."""
        return installation().queue_of(self.role) if self.queue_images is None else self.queue_images

    @property
    def initials(self) -> str:
        """One or two letters that stand for the person on a small mark."""
        words = self.name.split() or [self.email]
        return "".join(word[0] for word in words[:2]).upper() if len(words) > 1 else words[0][:2].upper()

    @property
    def standing(self) -> Standing:
        if self.is_active:
            return Standing.ACTIVE
        return Standing.LEFT if self.left_at else Standing.SUSPENDED

    @property
    def suspension_is_over(self) -> bool:
        """Whether the date has come until which they were suspended."""
        suspended = self.standing == Standing.SUSPENDED and self.suspended_until is not None
        return suspended and self.suspended_until <= timezone.now()  # type: ignore[operator]

    @property
    def is_seen_late(self) -> bool:
        """Whether it is time to write down that they were here."""
        return self.seen_at is None or timezone.now() - self.seen_at > SEEN_EVERY

    def get_session_auth_hash(self) -> str:
        return self._session_hash(None)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return (self._session_hash(key) for key in settings.SECRET_KEY_FALLBACKS)

    def _session_hash(self, secret: str | bytes | None) -> str:
        """A session is good while this stays as it was: it changes with the password, and when all are ended.

        Without a salt it is Django's own, so that sessions of earlier releases go on.
        """
        whole = self.password + self.session_salt
        return salted_hmac(_SESSION, whole, secret=secret, algorithm="sha256").hexdigest()

    @property
    def shares(self) -> bool:
        """Whether what this person makes next starts shared: by their last choice, at first by the installation."""
        return bool(self.last_choice.get("shared", installation().starts_shared))

    @property
    def is_administrator(self) -> bool:
        return self.is_active and self.role == Role.ADMINISTRATOR

    @property
    def is_moderator(self) -> bool:
        return self.is_active and self.role in {Role.MODERATOR, Role.ADMINISTRATOR}

    @property
    def is_staff(self) -> bool:
        """Django's admin asks this."""
        return self.is_administrator

    @property
    def is_superuser(self) -> bool:
        """Django's admin asks this."""
        return self.is_administrator

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Administrators may do everything in Django's admin, others nothing."""
        return self.is_administrator

    def has_perms(self, perm_list: list[str], obj: object = None) -> bool:
        return self.is_administrator

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_administrator
