"""Rules that screen prompts, what was changed of them, and how often each has met a prompt."""

import hashlib
from datetime import date, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import F, Max, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, Now

from studio.models.accounts import User
from studio.models.ids import uuid7
from studio.words import Reason

HIT_DAYS = 30
"""Days whose hits are shown beside a rule."""


class Act(models.TextChoices):
    """What a rule does with a prompt in which it finds something, from the mildest to the strictest."""

    ALLOW = "allow", "Allow"
    WARN = "warn", "Warn"
    HOLD = "hold", "Hold"
    BLOCK = "block", "Block"

    @property
    def rank(self) -> int:
        """Its place in the order of strictness, from 0."""
        return list(Act).index(self)


USUAL = {
    Act.ALLOW: "rule_allows",
    Act.WARN: "rule_warns",
    Act.HOLD: "rule_holds",
    Act.BLOCK: "rule_blocks",
}
"""What the studio itself says where a rule has no sentence."""


class RuleQuerySet(models.QuerySet["Rule"]):
    def in_order(self) -> Self:
        return self.order_by("position", "pk")

    def on(self) -> Self:
        return self.filter(is_on=True)

    def with_hits(self, today: date) -> Self:
        """With `hits`, how often each has met a prompt lately."""
        lately = RuleHits.objects.filter(rule=OuterRef("pk"), day__gt=today - timedelta(days=HIT_DAYS))
        total = lately.order_by().values("rule").annotate(total=Sum("count")).values("total")
        return self.annotate(hits=Coalesce(Subquery(total), 0))

    def next_position(self) -> int:
        """The place behind the last one."""
        return (self.aggregate(last=Max("position"))["last"] or 0) + 1


class Rule(models.Model):
    """What is looked for in prompts, a word, a phrase or a pattern on each line, and what happens where it is found.

    `sentence` is what its writers read; the studio has one of its own for each act.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=80)
    act = models.CharField(max_length=8, choices=Act, default=Act.HOLD)
    words = models.TextField(blank=True)
    patterns = models.TextField(blank=True)
    sentence = models.CharField(max_length=300, blank=True)
    in_prompt = models.BooleanField(default=True)
    in_negative = models.BooleanField(default=False)
    in_names = models.BooleanField(default=False)
    position = models.PositiveIntegerField()
    is_on = models.BooleanField(default=False)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    changed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(db_default=Now())

    objects = RuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(act__in=Act.values), name="rule_act_known"),
            models.CheckConstraint(condition=~Q(words="", patterns=""), name="rule_looks_for_something"),
            models.CheckConstraint(
                condition=Q(in_prompt=True) | Q(in_negative=True) | Q(in_names=True),
                name="rule_looks_somewhere",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def word_lines(self) -> list[str]:
        return self.words.splitlines()

    @property
    def pattern_lines(self) -> list[str]:
        return self.patterns.splitlines()

    @property
    def fields(self) -> frozenset[str]:
        """The texts that it reads."""
        read = {"prompt": self.in_prompt, "negative_prompt": self.in_negative, "names": self.in_names}
        return frozenset(name for name, is_read in read.items() if is_read)

    @property
    def finds(self) -> str:
        """What tells what it looks for, and where, from what it looked for before it was changed."""
        looked = [self.words, self.patterns, *sorted(self.fields)]
        return hashlib.sha256("\0".join(looked).encode()).hexdigest()[:16]

    @property
    def why(self) -> Reason:
        """What its writers read: its own sentence, or the studio's for what it does."""
        return Reason("own_words", text=self.sentence) if self.sentence else Reason(USUAL[Act(self.act)])


class RuleChangeQuerySet(models.QuerySet["RuleChange"]):
    def newest_first(self) -> Self:
        return self.order_by("-pk")


class RuleChange(models.Model):
    """One change of a rule, which outlives it: `before` and `after` hold the facts that differ."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    rule = models.ForeignKey(Rule, models.SET_NULL, null=True, related_name="changes")
    name = models.CharField(max_length=80)
    actor = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(db_default=Now())
    code = models.CharField(max_length=40)
    before: "models.JSONField[dict[str, Any]]" = models.JSONField(default=dict)
    after: "models.JSONField[dict[str, Any]]" = models.JSONField(default=dict)

    objects = RuleChangeQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name}: {self.code}"


class RuleHitsQuerySet(models.QuerySet["RuleHits"]):
    def count_one(self, rules: list[Any], day: date) -> None:
        """Add one to the day's count of each rule."""
        today = self.filter(day=day, rule__in=rules)
        known = set(today.values_list("rule", flat=True))
        self.bulk_create(
            (RuleHits(rule_id=pk, day=day) for pk in rules if pk not in known), ignore_conflicts=True
        )
        today.update(count=F("count") + 1)


class RuleHits(models.Model):
    """How many prompts a rule has warned of, held or blocked on one day."""

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="+")
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    objects = RuleHitsQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "rule hits"
        constraints = [models.UniqueConstraint(fields=["rule", "day"], name="rule_hits_once_a_day")]

    def __str__(self) -> str:
        return f"{self.count} on {self.day}"
