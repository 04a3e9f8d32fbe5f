"""What is said of generations: why one waits, and how it ended (SAFETY §6)."""

import math
from collections.abc import Iterator

from studio.words.readers import Reader, Sentence, Values, span, times

SHOWN = 60
"""Longest value that is repeated in a sentence."""

FIELDS = {"output_format": "format", "output_compression": "compression", "image_size": "resolution"}
"""Settings that are called otherwise on the form."""

DAMAGE = {
    "unusable": ("One arrived damaged.", "{} arrived damaged."),
    "blocked_address": (
        "One image was refused: the relay pointed to a forbidden address.",
        "{} images were refused: the relay pointed to a forbidden address.",
    ),
    "too_large": (
        "One image was larger than 40 MB and was not saved.",
        "{} images were larger than 40 MB and were not saved.",
    ),
    "too_slow": ("One image took too long to download.", "{} images took too long to download."),
    "expired": (
        "The relay removed one image before we could save it.",
        "The relay removed {} images before we could save them.",
    ),
    "unfetchable": ("One image could not be fetched.", "{} images could not be fetched."),
    "gif": (
        "One image came as a GIF, which the studio does not keep.",
        "{} images came as GIFs, which the studio does not keep.",
    ),
    "svg": (
        "One image came as an SVG drawing, which the studio does not keep.",
        "{} images came as SVG drawings, which the studio does not keep.",
    ),
    "animated": (
        "One image is animated; the studio keeps still pictures.",
        "{} images are animated; the studio keeps still pictures.",
    ),
    "too_many_pixels": (
        "One image has more pixels than the studio keeps (50 megapixels, 16,384 on a side).",
        "{} images have more pixels than the studio keeps (50 megapixels, 16,384 on a side).",
    ),
    "undeveloped": (
        "One picture could not be developed. Its original is kept.",
        "{} pictures could not be developed. Their originals are kept.",
    ),
}
"""States of a place whose picture came to nothing though the relay had answered for it."""

MISSING = {
    "waiting": "Not drawn",
    "saved": "In the trash",
    "unusable": "Arrived damaged",
    "blocked_address": "The relay pointed to a forbidden address",
    "too_large": "Larger than 40 MB",
    "too_slow": "Took too long to download",
    "expired": "Removed by the relay before it could be saved",
    "unfetchable": "Could not be fetched",
    "gif": "A GIF is not kept",
    "svg": "An SVG drawing is not kept",
    "animated": "An animation is not kept",
    "too_many_pixels": "Too many pixels",
    "undeveloped": "Could not be developed",
    "pending_fetch": "Could not be fetched",
    "pending_storage": "Could not be saved",
}
"""What stands in the place of a picture that is not there."""

AWAITED = {"pending_fetch": "Being fetched again", "pending_storage": "Still being saved"}
"""What stands there while it is still to come; all others show their number."""

SAY_SAVED = {"cancelled", "cancelled_by_administrator", "stopped_waiting"}
"""Codes whose own words tell what had been saved before."""


def _cancelled(values: Values) -> str:
    if values.get("saved"):
        return f"Cancelled. {values['saved']} of {values['of']} images had been drawn and are kept."
    return "Cancelled. Nothing was charged."


def _cancelled_for(values: Values) -> str:
    kept = (
        f" {values['saved']} of {values['of']} images had been drawn and are kept."
        if values.get("saved")
        else ""
    )
    return f"An administrator cancelled this: {values['why']}{kept or ' Nothing was charged.'}"


def _stopped_waiting(values: Values) -> str:
    if values.get("saved"):
        kept = (
            f"{values['saved']} of {values['of']} images had been drawn and are kept; no more were asked for."
        )
        return f"You stopped waiting. {kept}"
    return "You stopped waiting. No more was asked for, and nothing came."


def _short(values: Values) -> str:
    """Say which of the asked images are not there and why; `again` when they were missing before."""
    asked, delivered, damage = values["asked"], values["delivered"], values["damage"]
    if damage:
        return " ".join([f"{delivered} of {asked} images saved.", *_damage(damage)])
    if values["again"]:
        return f"The relay returned {delivered} of {asked} missing images. You were counted for {delivered} more."
    return f"The relay returned {delivered} of {asked} images. You were counted for {delivered}."


def _damage(damage: dict[str, int]) -> Iterator[str]:
    for state, count in damage.items():
        one, many = DAMAGE[state]
        yield one if count == 1 else many.format(count)


def _not_stored(values: Values) -> str:
    if values["count"] == 1:
        return "One image could not be stored within a day and was given up. It may have been charged."
    return f"{values['count']} images could not be stored within a day and were given up. They may have been charged."


def _not_taken(values: Values) -> str:
    """Name the setting and its value as the person chose it; a name that only the relay knows is not repeated."""
    param, value = values.get("param", ""), values.get("value")
    field = FIELDS.get(param, param.replace("_", " "))
    if param == "n":
        return "The relay does not accept this number of images. Choose another number."
    if param == "prompt":
        return "The relay does not accept this prompt. Change it and try again."
    if value is None:
        return "The relay does not accept these settings. Change them and try again."
    if not isinstance(value, str):
        return f"The relay does not accept {field} {value}. Choose another value."
    if len(value) > SHOWN:
        return f"The relay does not accept this {field}. Change it and try again."
    return f"The relay does not accept {field} {value}. Choose another {field}."


def _failed(values: Values) -> str:
    trace = f" Trace id {values['trace_id']}." if values.get("trace_id") else ""
    return f"{_failed_blind(values)}{trace}"


def _failed_blind(values: Values) -> str:
    return f"The relay failed ({values['status']}). {times(values['tried'])}"


def in_line(ahead: int, seconds: int | None = None) -> str:
    """Say the place of what waits, and about when it begins if that is known."""
    if not ahead:
        return "Waiting, next in line"
    return f"Waiting, {ahead} ahead of you" + ("" if seconds is None else f", {begins(seconds)}")


def begins(seconds: int) -> str:
    """Say about when something begins: to five seconds, later to whole minutes."""
    near = math.ceil(seconds / 5) * 5
    return f"begins in about {span(near)}" if near else "begins any moment"


SENTENCES: dict[str, Sentence] = {
    # Why one waits
    "no_room": "Storage is full. Your finished images are kept; this one starts when space is available.",
    "busy_again": "The relay is busy. Trying again {wait} ({number} of {times}).",
    "unreached_again": "The relay could not be reached. Trying again {wait} ({number} of {times}).",
    "failed_again": "The relay failed. Trying again {wait} ({number} of {times}).",
    "stumbled": "Waiting to be tried again.",
    "storing": "{ready} of {asked} images ready. The rest is still being saved.",
    "fetching_only": "Fetching the picture again {wait}; the relay keeps it until {until}.",
    "fetching_last": (
        "{ready} of {asked} images saved. Fetching the last one again {wait}; the relay keeps it until {until}."
    ),
    "fetching_some": (
        "{ready} of {asked} images saved. Fetching {missing} again {wait}; the relay keeps them until {until}."
    ),
    "saving_slowly": "Saving takes longer than usual.",
    "next_part": "{done} of {n} drawn, asking for the next",
    "handed_over": {
        Reader.PERSON: "{relay} could not draw this. {other} draws it instead.",
        Reader.BLIND: "",
    },
    # How it ended
    "cancelled": _cancelled,
    "cancelled_by_administrator": _cancelled_for,
    "stopped_waiting": _stopped_waiting,
    "restored": "This waited when the copy was made. It may have been drawn since. Draw it?",
    "put_aside": "You stopped waiting. It may still be charged; pictures that come late are kept here.",
    "short": _short,
    "not_stored": _not_stored,
    "lost_contact": (
        "We lost contact with the relay after sending your request. It may have been charged. "
        "Nothing was sent again."
    ),
    "lost_and_charged": (
        "We lost contact with the relay after sending your request. Its bill shows that it was charged. "
        "Nothing was sent again."
    ),
    "lost_and_free": (
        "We lost contact with the relay after sending your request. Its bill shows no charge for it, and it does not "
        "count for you. Nothing was sent again."
    ),
    "lost_machine": (
        "We lost contact with the machine that had asked the relay. If it comes back with the answer, the pictures "
        "appear by themselves. It may have been charged. Nothing was sent again."
    ),
    "answer_elsewhere": (
        "The relay answered, but the machine that has the answer is away. If it comes back, the pictures appear by "
        "themselves. It may have been charged. Nothing was sent again."
    ),
    "failed_late": "The relay failed after accepting the request ({status}). It may have been charged.",
    "unreadable": (
        "The relay's answer could not be read. It may have been charged. An administrator can look at it."
    ),
    "refused": (
        "The relay's safety system refused this prompt. Nothing was charged by this studio. "
        "Change the prompt and try again."
    ),
    "empty": "The relay returned no image. This is often a silent safety refusal. Nothing was sent again.",
    "key_refused": "The studio's relay key was refused. An administrator was told.",
    "key_unreadable": "The relay's key cannot be read. Nothing was sent. An administrator was told.",
    "out_of_funds": "The studio's balance at the relay is used up. An administrator was told.",
    "busy": "The relay is still busy after {tried} tries. Nothing was charged. Try again later.",
    "model_gone": "The relay no longer offers this model. Nothing was charged. Choose another model.",
    "closed_meanwhile": {
        Reader.PERSON: "{model} cannot be used any more: {why}. Nothing was charged. Choose another model.",
        Reader.BLIND: "This model cannot be used any more. Nothing was charged.",
    },
    "not_taken": {Reader.PERSON: _not_taken, Reader.BLIND: "The relay does not accept these settings."},
    "wrong_address": "The relay's address seems wrong. Nothing was charged. An administrator was told.",
    "not_open": (
        "This model is not open to the studio's key. Nothing was charged. An administrator was told. "
        "Choose another model."
    ),
    "in_front": (
        "Something in front of the relay blocked the request. Nothing was charged. An administrator was told."
    ),
    "error_instead": (
        "The relay answered with an error instead of images. It may have been charged. "
        "An administrator can look at it."
    ),
    "collides": (
        "The relay says that this collides with another request (409). Nothing was charged. Try again later."
    ),
    "request_too_large": (
        "The request was too large for the relay (413). Nothing was charged. Shorten the prompt."
    ),
    "legal_reasons": (
        "The relay may not draw this for legal reasons (451). Nothing was charged. Change the prompt."
    ),
    "request_not_taken": (
        "The relay does not accept the studio's request. Nothing was charged. An administrator was told."
    ),
    "certificate": "The relay's certificate is not valid. An administrator was told.",
    "unreached": lambda values: (
        f"The relay could not be reached. {times(values['tried'])} Nothing was sent, nothing was charged."
    ),
    "failed": {Reader.PERSON: _failed, Reader.BLIND: _failed_blind},
    "not_sent": "The studio could not send this request. Nothing was charged. An administrator was told.",
    # What cannot be done
    "queue_full": lambda values: (
        f"You already have {values['waiting']} images waiting."
        + ("" if values["waiting"] else f" No more than {values['most']} may wait at once: ask for fewer.")
    ),
    "form_sent_otherwise": "This form was already sent with other content. Reload the page and try again.",
    "moved_on": "This has already moved on. Reload the page to see where it stands.",
    "nothing_missing": "Nothing is missing here.",
    "cancelling_wants_a_reason": "Say why: its person reads it.",
    "already_drawing": "The relay is already drawing. It may still be charged, so the pictures will be kept.",
    "not_waiting": "This does not wait any more.",
    # What cannot be done with a picture
    "not_set_aside": "This picture is not set aside.",
    "still_running": "Its generation is still running. Try again when it has ended.",
    # Written by an earlier release, which kept its words
    "old": {Reader.PERSON: "{text}", Reader.BLIND: ""},
}

STARTED = {"held": "Waiting for a moderator", "claimed": "Starting", "sent": "Asking the relay"}
"""What the states before an answer are called on a card."""

EDIT = {
    "not_taken": "Change settings",
    "model_gone": "Choose another model",
    "not_open": "Choose another model",
    "closed_meanwhile": "Choose another model",
    "request_too_large": "Edit prompt",
    "legal_reasons": "Edit prompt",
}
"""Reasons that hold again unless something is changed first, and the button that leads there."""

QUEUE_STAGES = {
    "queued": "waits",
    "claimed": "starting",
    "sent": "being drawn",
    "received": "being saved",
    "aside": "in the background",
}
"""What is said of a line of the queue."""
