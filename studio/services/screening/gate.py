"""What the rules say of a prompt: nothing, or that its writer is warned, that it is held, or that it is blocked."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from studio.db import write_transaction
from studio.errors import StudioError
from studio.models import Act, Rule, RuleHits
from studio.screening import Hit
from studio.services.screening import shelf
from studio.words import NO_REASON, Reason

READ = ("prompt", "negative_prompt")
"""What rules read of an order, in the order in which it is shown."""


@dataclass(frozen=True)
class Findings:
    """What the strictest rules found, in texts as typed; `version` is that of the rules."""

    texts: Mapping[str, str]
    version: int
    hits: tuple[Hit, ...] = ()
    rules: tuple[Rule, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.hits)

    @property
    def act(self) -> Act | None:
        return Act(self.rules[0].act) if self.rules else None

    @property
    def stops(self) -> bool:
        """Whether nothing may be sent before a moderator has looked at it."""
        return self.act in (Act.HOLD, Act.BLOCK)

    @property
    def why(self) -> Reason:
        """What the writer reads: the words of the first of the strictest rules."""
        return self.rules[0].why if self.rules else NO_REASON

    @property
    def held(self) -> Reason:
        """Why the row that is written waits, if a moderator must look at it first."""
        return Reason("held", why=self.why) if self.act == Act.HOLD else NO_REASON

    @property
    def token(self) -> str:
        """What says that just these texts were read again after just these rules warned of them."""
        said = [str(rule.pk) + str(rule.changed_at) for rule in self.rules]
        told = [*said, *(f"{name}\0{text}" for name, text in sorted(self.texts.items()))]
        return hashlib.sha256("\0\0".join(told).encode()).hexdigest()

    @property
    def detail(self) -> dict[str, Any]:
        """What a card of the moderators' queue keeps of it; `matches` are those in the prompt."""
        matches = [[hit.start, hit.end] for hit in self.hits if hit.field == "prompt"]
        negative = [[hit.start, hit.end] for hit in self.hits if hit.field != "prompt"]
        rules = {"rules": [str(rule.pk) for rule in self.rules], "finds": [rule.finds for rule in self.rules]}
        return {"rule": self.rules[0].name, **rules, "matches": matches, "negative": negative}


class Screened(StudioError):
    """A rule stands in the way of a prompt; the findings says where."""

    status = 422

    def __init__(self, findings: Findings) -> None:
        super().__init__(findings.why, code=f"prompt_{findings.act}", param="prompt")
        self.findings = findings


def texts_of(text: str, settings: Mapping[str, Any]) -> dict[str, str]:
    """Return what rules read of an order."""
    return {"prompt": text, "negative_prompt": str(settings.get("negative_prompt") or "")}


def is_open() -> bool:
    """Whether any rule is on."""
    return bool(shelf.current().book)


def screen(texts: Mapping[str, str], *, past: Collection[tuple[UUID, str]] = ()) -> Findings:
    """Return what the rules that are on say of some texts, but those of `Case.objects.approved_rules`."""
    now = shelf.current()
    hits = now.book.screen(texts) if now.book else []
    decided = {pk for pk, rule in now.rules.items() if (pk, rule.finds) in past} if past else set()
    return _strictest(texts, now, [hit for hit in hits if hit.key not in decided])


def check_names(*texts: str, param: str) -> None:
    """Raise StudioError for a name, tag or remark that a rule would hold or block: nobody is asked about those."""
    for text in filter(None, texts):
        findings = screen({"names": text})
        if findings.stops:
            _count(findings)
            first = findings.hits[0]
            raise StudioError(Reason("names_stopped", words=text[first.start : first.end]), param=param)


def _strictest(texts: Mapping[str, str], now: shelf.Shelf, hits: Iterable[Hit]) -> Findings:
    met = {hit.key for hit in hits}
    rules = [rule for pk, rule in now.rules.items() if pk in met]
    most = max((Act(rule.act).rank for rule in rules), default=0)
    first = tuple(rule for rule in rules if Act(rule.act).rank == most)
    keys = {rule.pk for rule in first}
    return Findings(texts, now.version, tuple(hit for hit in hits if hit.key in keys), first)


def let_through(
    texts: Mapping[str, str], *, acknowledged: str = "", past: Collection[tuple[UUID, str]] = ()
) -> Findings:
    """Return the findings on what somebody sends, which may be that it is held.

    Raises Screened where it is blocked, and where its writer was warned and has not said to go on.
    """
    findings = screen(texts, past=past)
    warned = findings.act == Act.WARN and findings.token != acknowledged
    if warned or findings.stops:
        _count(findings)
    if findings.act == Act.BLOCK or warned:
        raise Screened(findings)
    return findings


def _count(findings: Findings) -> None:
    with write_transaction():
        RuleHits.objects.count_one([rule.pk for rule in findings.rules], timezone.localdate())
