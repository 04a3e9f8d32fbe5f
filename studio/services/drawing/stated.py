"""What relays say themselves that pictures cost."""

from decimal import Decimal

from studio.models import Generation, State


def of_round(generation: Generation, *, after: int, last: Decimal | None, counts: bool) -> Decimal | None:
    """Return what the requests after an attempt cost in USD, if the relay said so of every one that drew.

    `last` is what the request says that is being settled, `counts` whether it drew: it is written down after this.
    """
    if generation.attempts <= after + 1:
        return last if counts else None
    earlier = generation.relay_requests.filter(attempt__gt=after, outcome=State.DONE)
    costs = [*earlier.values_list("cost", flat=True), *([last] if counts else [])]
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(costs) else None
