"""Sentences that many tests expect, as `studio.words` says them."""

from studio.words import Reason

LOST_CONTACT = Reason("lost_contact").said()
UNREADABLE = Reason("unreadable").said()
FORBIDDEN = Reason("forbidden_address").said()


def old(text: str) -> dict[str, object]:
    """Return the fields of a generation's row that says these words."""
    return {"reason": "old", "reason_values": {"text": text}}


def busy(seconds: int = 7, number: int = 1) -> dict[str, object]:
    """Return the fields of a generation's row whose relay is busy."""
    return {"reason": "busy_again", "reason_values": {"seconds": seconds, "number": number, "times": 3}}
