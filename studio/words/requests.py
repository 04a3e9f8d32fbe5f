"""What is said of one request on the wire, by how it ended: a class of RELAYS.md §2.8, or a state of ours."""

ENDS = {
    "out_of_funds": "The account at the relay is empty",
    "blocked": "The relay's safety system refused the prompt",
    "empty": "The relay returned no image; it may bill for it all the same",
    "rate_limited": "The relay was busy",
    "not_open": "The model is not open to the key, or something in front of the relay blocked the request",
    "auth": "The key was refused",
    "model_gone": "The relay no longer offers the model",
    "wrong_address": "Nobody draws at the relay's address",
    "invalid": "The relay did not accept the request",
    "not_sent": "The relay could not be reached",
    "transient": "The relay failed",
    "unknown": "Contact was lost after sending; it may have been charged",
    "bad_answer": "The answer could not be used; it may have been charged",
    "broken": "Its pictures could not be kept; they may have been charged",
    "not_stored": "Its pictures could not be stored in time; they may have been charged",
    "cancelled": "Cancelled",
    "done": "Drawn",
    "": "On its way",
}
OTHER = "No image came of it"


def ended(outcome: str, status: int | None = None) -> str:
    """Return how a request ended, with the status of its answer if that went wrong."""
    words = ENDS.get(outcome, OTHER)
    return f"{words} ({status})" if status and outcome not in ("done", "") else words
