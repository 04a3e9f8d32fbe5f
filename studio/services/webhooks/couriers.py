"""The hands of a worker process that deliver: few, and apart from those who draw and from tickets."""

from studio.services.hands import Hands
from studio.services.webhooks import deliveries

_hands: Hands | None = None


def hire() -> Hands:
    """Have hands in this process, which tickets and the clock call."""
    global _hands
    _hands = Hands(deliveries.HANDS, deliveries.deliver_next)
    return _hands


def call() -> None:
    """Have what is due delivered: by the hands of this process, or here and now where it has none."""
    if _hands is not None:
        return _hands.call(deliveries.HANDS)
    while deliveries.deliver_next():
        pass
    return None
