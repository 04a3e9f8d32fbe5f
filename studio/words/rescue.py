"""What the rescue ledger says of a picture that came as a link."""

from studio.words.readers import Sentence, Values, span


def _in_time(values: Values) -> str:
    return f"Saved {span(values['seconds'])} before the link died"


def _late(values: Values) -> str:
    return f"Saved {span(values['seconds'])} after the link was to die"


SENTENCES: dict[str, Sentence] = {
    "rescued_in_time": _in_time,
    "rescued_late": _late,
}
