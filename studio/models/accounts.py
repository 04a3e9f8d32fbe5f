"""People and the installation they belong to."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Now

from studio.models.ids import uuid7


class Role(models.TextChoices):
    """What a person may do: each role includes the ones before it."""

    MEMBER = "member", "Member"
    MODERATOR = "moderator", "Moderator"
    ADMINISTRATOR = "administrator", "Administrator"

    @property
    def rank(self) -> int:
        """Its place in the order of roles, from 0."""
        return list(Role).index(self)


class UserManager(BaseUserManager["User"]):
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
    last_claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="user_role_known"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def initials(self) -> str:
        """One or two letters that stand for the person on a small mark."""
        words = self.name.split() or [self.email]
        return "".join(word[0] for word in words[:2]).upper() if len(words) > 1 else words[0][:2].upper()

    @property
    def shares(self) -> bool:
        """Whether what this person makes next starts shared: by their last choice, at first by the installation."""
        return bool(self.last_choice.get("shared", settings.DEFAULT_SHARED))

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


class SandboxChoice(models.TextChoices):
    """What an administrator has decided of the sandbox once a real relay was there."""

    ASKED = "", "not asked yet"
    KEPT = "kept", "kept"
    OFF = "off", "off"


class Installation(models.Model):
    """The one row of this installation; `opened_at` is set by the first administrator, once."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    opened_at = models.DateTimeField(null=True)
    sandbox = models.CharField(max_length=8, choices=SandboxChoice, default=SandboxChoice.ASKED, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="installation_is_one")]

    def __str__(self) -> str:
        return "Lightfast"
