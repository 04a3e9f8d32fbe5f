"""Builds what is shown of comparisons: a column for each model, without names while they are blind."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import Prefetch, prefetch_related_objects

from studio.cards.generations import Card, cards_of
from studio.cards.receipts import seconds, sight
from studio.forms.shapes import asked_shape, times
from studio.live import Shown, Watch, versions_of_comparisons
from studio.models import Comparison, Generation, RelayRequest, User
from studio.services import receipts

LETTERS = "ABCD"
NOTHING = "No model drew a picture."
LEFT_OUT = "no shape: none of its own is like it"


@dataclass(frozen=True)
class Column:
    """One model's pictures, with what is told of them; `name` is a letter while the models are hidden."""

    card: Card
    letter: str
    name: str
    relay: str
    instead: str
    facts: list[tuple[str, str]]
    has_picture: bool
    picked: bool
    is_twin: bool = False

    @property
    def number(self) -> int:
        """Its place from 1, by which it is picked."""
        return LETTERS.index(self.letter) + 1

    @property
    def beside(self) -> str:
        """Its name where its relay does not stand beneath it: a letter while hidden."""
        return f"{self.name} at {self.relay}" if self.is_twin else self.name

    @property
    def under(self) -> str:
        """What stands beneath the name: the relay, or whether there is a picture."""
        if not self.relay:
            return "Done" if self.has_picture else "No picture"
        return f"{self.relay}, in place of {self.instead}" if self.instead else self.relay

    @property
    def more(self) -> int:
        """How many pictures there are beside the first one."""
        return max(0, sum(frame.image is not None for frame in self.card.frames) - 1)


@dataclass(frozen=True)
class ComparisonCard:
    """Everything the card of one comparison shows, and its page."""

    row: Comparison
    version: int
    mine: bool
    shared: bool
    when: str
    columns: list[Column]

    template = "components/comparison.html"

    @property
    def live(self) -> bool:
        return any(column.card.live for column in self.columns)

    @property
    def watch(self) -> Watch:
        """What the card in the feed watches: all its generations, which a pick touches too."""
        return self._watch(Shown.COMPARISON)

    @property
    def watch_columns(self) -> Watch:
        """What its page watches."""
        return self._watch(Shown.COLUMNS)

    def _watch(self, shown: Shown) -> Watch:
        ends = [column.card.watch.until for column in self.columns]
        return Watch(shown, self.row.pk, self.version, min(filter(None, ends), default=0))

    @property
    def ended(self) -> int:
        """How many models have finished."""
        return sum(not column.card.row.is_awaited for column in self.columns)

    @property
    def state(self) -> str:
        """Where it stands, while it runs."""
        return f"{self.ended} of {len(self.columns)} models done" if self.ended < len(self.columns) else ""

    @property
    def sight(self) -> str:
        """Who sees it, where that is the exception."""
        return sight(shared=self.shared)

    @property
    def outcome(self) -> str:
        if self.state:
            return ""
        return "ready" if any(column.has_picture for column in self.columns) else "trouble"

    @property
    def news(self) -> str:
        """What a person who looks elsewhere is told at the end."""
        drew = sum(column.has_picture for column in self.columns)
        return "Your comparison is ready." if drew else NOTHING

    @property
    def asks(self) -> bool:
        """Whether this person may pick one now."""
        return self.mine and self.row.picked_at is None and any(column.has_picture for column in self.columns)

    @property
    def picked(self) -> Column | None:
        return next((column for column in self.columns if column.picked), None)

    @property
    def names(self) -> str:
        count = f"{len(self.columns)} models"
        return count if self.row.hides_models else ", ".join(column.beside for column in self.columns)

    @property
    def result(self) -> str:
        """What came of it, in a few words; nothing while nobody has picked from one with names."""
        if self.row.hides_models:
            return "names hidden"
        return f"{self.picked.beside} picked" if self.picked else ""

    @property
    def said(self) -> str:
        """One sentence above the columns: how far it is, and what there is to do."""
        who = "you" if self.mine else str(self.row.owner)
        if self.picked:
            name = f"{self.picked.letter}, {self.picked.name}" if self.row.blind else self.picked.name
            return f"{who[:1].upper()}{who[1:]} picked {name}."
        hidden = f"The names stay hidden until {who} pick{'' if self.mine else 's'} one."
        how_far = f"{self.state}." if self.state else NOTHING if self.outcome == "trouble" else ""
        words = [how_far, hidden if self.row.hides_models else ""]
        return " ".join(filter(None, words)) or ("Pick the one you like best." if self.asks else "")

    @property
    def sizes(self) -> str:
        """How wide a picture of a column is, for the browser's choice of a thumbnail."""
        return f"(min-width: 48rem) {100 // len(self.columns)}vw, 100vw"


def group_cards_of(rows: Iterable[Comparison], *, person: User) -> list[ComparisonCard]:
    """Return the cards of some comparisons in a constant number of queries."""
    rows = list(rows)
    if not rows:
        return []
    versions = versions_of_comparisons(
        [row.pk for row in rows if row.owner_id != person.pk]
    )  # before what it tells
    columns = Generation.objects.visible_to(person).in_columns()
    prefetch_related_objects(rows, Prefetch("generations", columns))
    generations = [each for row in rows for each in row.generations.all()]
    if not generations:
        return []
    prefetch_related_objects(generations, Prefetch("relay_requests", RelayRequest.objects.figures()))
    cards = {card.row.pk: card for card in cards_of(generations, person=person)}
    return [
        _group_card(row, [cards[each.pk] for each in row.generations.all()], person, versions.get(row.pk))
        for row in rows
    ]


def _group_card(row: Comparison, own: list[Card], person: User, version: int | None) -> ComparisonCard:
    same = _same_size(own)
    left_out = LEFT_OUT if any(card.row.settings for card in own) else ""
    named = Counter(card.row.drawn_by.label for card in own)
    columns = [_column(row, card, _letter(card.row), same, left_out) for card in own]
    columns = [replace(column, is_twin=named[column.name] > 1) for column in columns]
    return ComparisonCard(
        row=row,
        version=sum(card.row.version for card in own) if version is None else version,
        mine=row.owner_id == person.pk,
        shared=any(card.row.shared for card in own),
        when=own[0].when,
        columns=columns,
    )


def _letter(row: Generation) -> str:
    """Return what stands for a column, whoever looks and however many of the others they see."""
    return LETTERS[row.column]  # type: ignore[attr-defined]


def _column(row: Comparison, card: Card, letter: str, same: str, left_out: str) -> Column:
    hidden, drawn = row.hides_models, card.row
    return Column(
        card=card,
        letter=letter,
        name=letter if hidden else drawn.drawn_by.label,
        relay="" if hidden else drawn.drawn_by.relay.name,
        instead="" if hidden or drawn.via is None else drawn.model.label,
        facts=_blind_facts(same) if hidden else _facts(card, left_out),
        has_picture=any(frame.image for frame in card.frames),
        picked=drawn.pk == row.picked_id,
    )


def _blind_facts(same: str) -> list[tuple[str, str]]:
    """Tell the size only where all columns have the same: one that differs names its model, and so do time and cost.

    The list of models says what each usually takes and what size it draws; a price is stated by few relays.
    """
    return [("Size", same)] if same else []


def _facts(card: Card, left_out: str) -> list[tuple[str, str]]:
    row, size = card.row, _sizes(card)
    asked = asked_shape(row.settings) or left_out
    relay_requests = list(row.relay_requests.all())
    dropped = dict.fromkeys(name for relay_request in relay_requests for name in relay_request.dropped)
    cost = receipts.dollars(receipts.total_cost(relay_requests))
    facts = [
        ("Time", seconds(row.drawn_ms) if size else ""),
        ("Asked", asked if asked != size else ""),
        ("Size", size),
        ("Left out", ", ".join(dropped)),
        ("Cost", f"${cost}" if cost else ""),
    ]
    return [fact for fact in facts if fact[1]]


def _sizes(card: Card) -> str:
    """Return the sizes that came: most often one."""
    images = [frame.image for frame in card.frames if frame.image]
    return ", ".join(dict.fromkeys(times(f"{image.width}x{image.height}") for image in images))


def _same_size(cards: list[Card]) -> str:
    """Return the one size of all columns; nothing while one has no picture or another size."""
    found = {_sizes(card) for card in cards}
    return found.pop() if len(found) == 1 else ""
