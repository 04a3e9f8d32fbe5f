"""Builds cards: finished values for one generation, so that templates only print."""

import datetime
import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from studio.cards.frames import WIDTHS, Frame, frames_of, shape_of
from studio.cards.images import NOBODY, words
from studio.cards.places import read_places, twins_of
from studio.cards.receipts import seconds, sight
from studio.cards.said import Countdown, again, closed, countdown, edit, places_of, said
from studio.cards.screened import Marked, held_texts
from studio.forms.shapes import asked_shape
from studio.live import Shown, Watch
from studio.models import Case, Generation, SlotState, State, User
from studio.models.usual import Usual
from studio.services.drawing.settlement import shortfall
from studio.services.generations import RETRYABLE
from studio.services.receipts import hides_models
from studio.words import Reason
from studio.words.drawing import STARTED
from studio.words.money import amount

MINUTE = 60
LINE_HOLDS = 5
"""Seconds before a waiting card looks again at its place in the line."""


@dataclass(frozen=True)
class Trouble:
    """A sentence and what can be done about it; `trace` names its relay, and stays empty while that is hidden.

    `texts` are what a held run's own person wrote, with the words marked that hold it.
    """

    sentence: str
    texts: list[Marked] = field(default_factory=list)
    trace: str = ""
    retry: str = ""
    quiet: bool = False
    harm: bool = False
    edit: str = ""
    trash: bool = False


@dataclass(frozen=True)
class Card:
    """Everything the card of one generation shows; it has buttons for whoever made it."""

    row: Generation
    mine: bool
    watch: Watch
    live: bool
    state: str
    countdown: Countdown | None
    outcome: str
    news: str
    elapsed: int | None
    usual: Usual | None
    when: str
    facts: list[str]
    shape: str
    frames: list[Frame]
    trouble: Trouble | None

    template = "components/generation.html"

    @property
    def in_line(self) -> bool:
        """Whether it waits for its turn."""
        return self.row.state == State.QUEUED and self.row.is_awaited

    @property
    def pieces(self) -> Iterator[dict[str, Any]]:
        """Its frames as a stencil draws them."""
        run = {"n": self.row.n, "prompt": words(self.row.prompt.text)}
        return (frame.piece | run for frame in self.frames)

    @property
    def urls(self) -> dict[str, str]:
        """Its own page, Create with what it asked for, and where others report it."""
        home, own = _home(), str(self.row.pk)
        return {
            "page": _page("generations.detail").replace(NOBODY, own),
            "use": f"{home}?prompt={self.row.prompt_id}",
            "all": f"{home}?from={own}",
            "report": "" if self.mine else _page("reports.prompt").replace(NOBODY, own),
        }

    @property
    def told(self) -> dict[str, Any]:
        """What its head shows once it is finished."""
        row = self.row
        return self.urls | {
            "id": str(row.pk),
            "prompt": row.prompt.text,
            "by": "You" if self.mine else str(row.owner),
            "at": row.created_at.isoformat(),
            "when": self.when,
            "facts": self.facts,
            "outcome": self.outcome,
            "news": self.news,
            "private": not row.shared,
        }

    @property
    def sizes(self) -> str:
        """How wide a picture of its sheet is, for the browser's choice of a thumbnail."""
        return f"(min-width: 48rem) {WIDTHS[self.shape]}"

    @property
    def target(self) -> str:
        """What an answer to its buttons replaces: its article, or the whole comparison."""
        group = self.row.comparison_id
        return f"#comparison-{group}" if group else f"#generation-{self.row.pk}"


def cards_of(rows: Iterable[Generation], *, person: User) -> list[Card]:
    """Return the cards of some generations in a constant number of queries."""
    rows = list(rows)
    read_places(rows, person)
    places = places_of(rows)
    twins = twins_of(row.drawn_by.label for row in rows if not row.comparison_id)
    held = [row for row in rows if row.state == State.HELD and row.owner_id == person.pk]
    why = Case.objects.holding(held) if held else {}
    return [_card(row, places.get(row.pk, ""), twins, person, why.get(row.pk, {})) for row in rows]


def card_of(row: Generation, *, person: User) -> Card:
    """Return the card of one generation."""
    return cards_of([row], person=person)[0]


@functools.cache
def _home() -> str:
    return reverse("generations.index")


@functools.cache
def _page(name: str) -> str:
    return reverse(name, args=[NOBODY])


def _watch(row: Generation) -> Watch:
    return Watch(Shown.GENERATION, row.pk, row.version, _until(row))


def _until(row: Generation) -> int:
    """Say until when a card holds that no change of its row would end: by the line before it, or by the clock."""
    now = timezone.now().timestamp()
    if row.state == State.QUEUED:
        return int(now) + LINE_HOLDS
    if row.state == State.SENT and row.sent_at:
        return int(row.sent_at.timestamp()) + (_minutes(row) + 1) * MINUTE + 1
    return 0


def _card(row: Generation, place: str, twins: set[str], person: User, held: dict[str, Any]) -> Card:
    pictures = row.pictures
    frames = frames_of(row, {image.index: image for image in pictures}, person)
    hidden = hides_models(row)
    return Card(
        row=row,
        mine=row.owner_id == person.pk,
        watch=_watch(row),
        live=row.is_active,
        state=_state(row, place, len(pictures)),
        countdown=countdown(row),
        outcome=_outcome(row),
        news=_news(row, len(pictures)),
        elapsed=None if hidden else _elapsed(row),
        usual=None if hidden else row.drawn_by.usual(row.settings, row.n),
        when=when_of(row.created_at),
        facts=[] if hidden else _facts(row, twins),
        shape=shape_of(frames),
        frames=frames if row.is_active or pictures else [],
        trouble=_trouble(row, len(pictures), held),
    )


def _state(row: Generation, place: str, saved: int) -> str:
    if not row.is_awaited:
        return ""
    if row.state == State.RECEIVED:
        pausing = "" if again(row) is None else said(row, row.why.with_values(seconds=again(row)))
        return pausing or f"Saving {min(saved + 1, row.n)} of {row.n}"
    if row.state == State.QUEUED:
        return said(row, closed(row)) or said(row, row.why.with_values(seconds=again(row))) or place
    return _long_call(row) or STARTED[State(row.state)]


def _minutes(row: Generation) -> int:
    """Whole minutes since the request left."""
    return (_elapsed(row) or 0) // MINUTE


def _long_call(row: Generation) -> str:
    """What a call says that takes minutes; the last minute before the deadline is for the answer to come in."""
    minutes, most = _minutes(row), int(settings.RELAY_DEADLINE // MINUTE) - 1
    if row.state != State.SENT or not minutes:
        return ""
    return f"Working: {minutes} min." + (f" This model can take {most} minutes." if most > minutes else "")


def _outcome(row: Generation) -> str:
    """How it ended, in one word for the page: nothing while it runs, quiet when the person ended it."""
    if row.is_active:
        return "quiet" if row.stopped_waiting_at else ""
    return {State.DONE: "ready", State.CANCELLED: "quiet"}.get(State(row.state), "trouble")


def _news(row: Generation, saved: int) -> str:
    """What a person who looks elsewhere is told at the end."""
    if row.state != State.DONE:
        return said(row)
    if saved < row.n:
        return f"{saved} of {row.n} pictures are ready."
    return "Your picture is ready." if row.n == 1 else f"Your {row.n} pictures are ready."


def _elapsed(row: Generation) -> int | None:
    """Seconds since the request left, while the answer is awaited."""
    if row.sent_at is None or not row.is_awaited or row.state not in (State.SENT, State.RECEIVED):
        return None
    return max(0, int((timezone.now() - row.sent_at).total_seconds()))


def when_of(moment: datetime.datetime) -> str:
    local = timezone.localtime(moment)
    days = (timezone.localdate() - local.date()).days
    day = "" if days == 0 else "yesterday " if days == 1 else f"{local.day} {local:%B} "
    return f"{day}{local:%H:%M}"


def _facts(row: Generation, twins: set[str]) -> list[str]:
    """What drew it, at which relay where two models have one name, how, and who sees it where that is the exception."""
    asked, drawn_by = row.settings, row.drawn_by
    name = f"{drawn_by.label} at {drawn_by.relay.name}" if drawn_by.label in twins else drawn_by.label
    model = ", ".join(filter(None, [name, str(asked.get("quality", ""))]))
    model += f", in place of {row.model.label}" if row.via else ""
    ended = [] if row.is_active else [seconds(row.drawn_ms), _cost(row), sight(shared=row.shared)]
    return [fact for fact in (model, asked_shape(asked), *ended) if fact]


def _cost(row: Generation) -> str:
    """Say what it has cost, where that is known and it brought something."""
    if row.cost is None or row.state != State.DONE:
        return ""
    return amount(row.cost, row.cost_unit) if row.cost else "free"


def _trouble(row: Generation, saved: int, held: dict[str, Any]) -> Trouble | None:
    missing = sum(slot.state != SlotState.SAVED for slot in row.places)
    if row.state == State.HELD:
        return Trouble(said(row), texts=held_texts(row, held), edit="Change the prompt")
    if row.is_active:
        return None if row.is_awaited else Trouble(str(Reason("put_aside")), quiet=True)
    if row.state == State.DONE and not missing:
        words = "Its picture is in the trash." if row.n == 1 else "Its pictures are in the trash."
        return None if saved else Trouble(words, quiet=True, trash=True)
    trace = f"{row.drawn_by.relay.name} · trace" if row.trace_id and not hides_models(row) else ""
    return Trouble(
        sentence=said(row) or _short(row, saved),
        trace=trace,
        retry=_retry(row, missing),
        quiet=row.closed or (row.state == State.CANCELLED and not row.asks_its_person),
        harm=row.state in (State.FAILED, State.BROKEN, State.UNKNOWN),
        edit=edit(row),
    )


def _short(row: Generation, saved: int) -> str:
    """What is missing where the row itself says nothing: some picture was set aside after the end."""
    if row.reason:
        return f"{saved} of {row.n} images saved."
    return str(shortfall([slot.state for slot in row.places], asked=row.n, delivered=saved))


def _retry(row: Generation, missing: int) -> str:
    if row.state not in RETRYABLE or not missing or row.brought_id or edit(row):
        return ""
    if row.asks_its_person:
        return "Draw it" if missing == row.n else f"Draw {missing} missing"
    if row.state in (State.UNKNOWN, State.BROKEN):
        return "Try again (may cost again)"
    return f"Retry {missing} missing" if missing < row.n else "Try again"
