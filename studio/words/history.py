"""What is said of prompts that were run before: what came of them, and where they came from, in a few words."""

WAITS = "Waits for its turn"
HELD = "Waits for a moderator"
RUNNING = "Is being drawn"
RUNS = "{runs} runs"
RUNS_BY = "{runs} runs by {by}"
PEOPLE = "{count} people"
KEPT = "{kept} of {asked} kept"
MODELS = "{count} models"
EACH = "${cost} a picture"
ENDED = {
    "refused": ("Refused by the relay", "not charged"),
    "failed": ("Failed", ""),
    "broken": ("Came to nothing", "may have been charged"),
    "unknown": ("Contact lost", "may have been charged"),
    "cancelled": ("Cancelled", ""),
}
"""State → how a run without pictures ended, and what is known of its price."""


def differing(words: int) -> str:
    """Say by how many words two prompts differ."""
    if not words:
        return "the same words in another order"
    return f"{words} word{'' if words == 1 else 's'} differ{'s' if words == 1 else ''}"


def from_prompt(author: str, text: str, words: int) -> str:
    """Say which prompt one came from."""
    return f"from {author} “{text}”, {differing(words)}"


def from_library(title: str, number: int) -> str:
    """Say with which saved prompt one began."""
    return f"from “{title}” in the library, v{number}"
