"""What is said of webhooks."""

from studio.words.readers import Sentence, Values


def _off(values: Values) -> str:
    gone = values.get("why") == "gone"
    return f"{values.get('host', '…')} " + (
        "said that it is gone (410)." if gone else "has failed for three days."
    )


SENTENCES: dict[str, Sentence] = {
    "too_many_webhooks": "There are {most} webhooks already. Delete one first.",
    "webhook_address": "This address cannot be called: it must be a public one and begin with https://.",
    "webhook_hears_nothing": "Choose at least one event.",
    "webhook_is_off": "This webhook is off. Switch it on first.",
    "webhook_off": _off,
    "delivery_waits": "This is being sent right now.",
}

PROBLEMS = {
    "forbidden_address": "The address leads into a network that is closed",
    "dns": "The host has no address",
    "connect": "The host did not take the connection",
    "timeout": "No answer within 20 seconds",
    "tls": "No safe connection could be made",
    "certificate": "The certificate is not valid",
    "disconnected": "The connection was cut",
    "reset": "The connection was cut",
    "secret_unreadable": "The secret cannot be read: make a new one",
}
"""Problem → why there was no answer."""
