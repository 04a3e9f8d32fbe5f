"""What holds at every moment, whatever was killed: rows, money and requests agree (SAFETY §1)."""

from studio.models import Generation, Image, Prompt, RelayRequest, Slot, SlotState
from studio.models.states import ACTIVE
from tests.money import check_ledger, money_of

AUTOMATIC_TRIES = 3


def check() -> None:
    """Assert all of them over the whole database."""
    check_ledger()
    assert not Image.objects.filter(shared=True, generation__shared=False).exists()
    seen = set(Generation.objects.filter(shared=True).values_list("prompt", flat=True))
    assert set(Prompt.objects.filter(shared_at__isnull=False).values_list("pk", flat=True)) == seen
    for row in Generation.objects.prefetch_related("slots", "images", "relay_requests"):
        _check_row(row)
    keys = list(Image.objects.values_list("key", flat=True))
    assert len(keys) == len(set(keys))


def _check_row(row: Generation) -> None:
    slots = list(Slot.objects.filter(generation=row).values_list("index", "state"))
    saved = [index for index, state in slots if state == SlotState.SAVED]
    requests = RelayRequest.objects.filter(generation=row)

    assert [index for index, _ in slots] == list(range(row.n))
    assert sorted(image.index for image in row.images.all()) == saved
    money = money_of(row)
    assert (money.reserved > 0) == (row.state in ACTIVE)
    assert row.attempts == requests.count()
    calls = -(-row.n // min(row.model.per_call, row.drawn_by.per_call)) + (row.via is not None)
    assert row.attempts <= row.round * (1 + AUTOMATIC_TRIES) * calls
    if row.state not in ACTIVE:
        assert money.spent == len(saved)
        assert row.claimed_by == ""
        assert not requests.filter(ended_at=None).exists()
