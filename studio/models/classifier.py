"""The outside classifier that is asked before a paid call, if there is one."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from studio.models.relays import IS_ADDRESS, vault


class WhenDown(models.TextChoices):
    """What happens to prompts while the classifier does not answer."""

    CLOSED = "closed", "Hold them for a moderator"
    OPEN = "open", "Draw them unjudged"


class Classifier(models.Model):
    """The one row of it. `thresholds` are scores from 0 to 1 by category; `otherwise` is that of all others, if any."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    is_on = models.BooleanField(default=False)
    base_url = models.CharField(max_length=300, validators=[IS_ADDRESS])
    sealed_key = models.TextField(blank=True, editable=False)
    key_ending = models.CharField(max_length=4, blank=True, editable=False)
    model = models.CharField(max_length=120, blank=True)
    thresholds: "models.JSONField[dict[str, float]]" = models.JSONField(default=dict)
    otherwise = models.FloatField(null=True)
    seconds = models.PositiveSmallIntegerField(
        default=5, validators=[MinValueValidator(1), MaxValueValidator(30)]
    )
    when_down = models.CharField(max_length=8, choices=WhenDown, default=WhenDown.CLOSED)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="classifier_is_one"),
            models.CheckConstraint(
                condition=Q(when_down__in=WhenDown.values), name="classifier_when_down_known"
            ),
        ]

    def __str__(self) -> str:
        return self.base_url

    @property
    def api_key(self) -> str:
        """The key in the clear, for a call only; raises InvalidToken when FIELD_KEYS do not open it."""
        return vault().decrypt(self.sealed_key.encode()).decode()

    @api_key.setter
    def api_key(self, value: str) -> None:
        self.sealed_key = vault().encrypt(value.encode()).decode()
        self.key_ending = value[-4:] if len(value) >= 12 else ""

    def reached(self, scores: dict[str, float]) -> dict[str, float]:
        """Return the categories whose threshold a score has reached, the highest score first."""
        found = {name: score for name, score in scores.items() if self._is_reached(name, score)}
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    def _is_reached(self, name: str, score: float) -> bool:
        threshold = self.thresholds.get(name, self.otherwise)
        return threshold is not None and score >= threshold
