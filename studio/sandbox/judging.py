"""What the sandbox says of a text at `POST /v1/moderations`: scores by plain words, for rehearsal."""

CATEGORIES = {
    "sexual": ("nude", "naked", "erotic"),
    "violence": ("blood", "murder", "kill"),
    "hate": ("hate",),
    "self-harm": ("suicide",),
}
HIGH, LOW = 0.93, 0.002


def judged(text: str) -> dict[str, object]:
    """Return one result in OpenAI's shape."""
    words = set(text.lower().split())
    scores = {name: HIGH if words & set(signs) else LOW for name, signs in CATEGORIES.items()}
    flags = {name: score > 0.5 for name, score in scores.items()}
    return {"flagged": any(flags.values()), "categories": flags, "category_scores": scores}
