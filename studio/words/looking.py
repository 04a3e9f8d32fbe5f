"""What is said where pictures are looked at: the keys and what each does, and what is wrong with a picture."""

from typing import NamedTuple

ORIGINAL_FAILED = "The original could not be loaded. This is its preview."
ORIGINAL_MISSING = "This image file is missing. An administrator was told."


class Key(NamedTuple):
    """A key as browsers name it, as it is written, what it does, and `brief` for the strip at the foot."""

    press: str
    shown: str
    does: str
    brief: str = ""


KEYS = {
    "viewer": {
        "previous": Key("ArrowLeft", "←", "previous picture"),
        "next": Key("ArrowRight", "→", "next picture", "next"),
        "favourite": Key(".", ".", "favourite", "favourite"),
        "prompt": Key("p", "p", "use the prompt", "use prompt"),
        "all": Key("a", "a", "use all of it: the prompt and its settings"),
        "remix": Key("r", "r", "remix: all of it but the seed", "remix"),
        "compare": Key("c", "c", "put beside others, to compare", "compare"),
        "models": Key("m", "m", "draw it with several models"),
        "download": Key("d", "d", "download", "download"),
        "zoom": Key("z", "z", "full size, whole picture"),
        "details": Key("i", "i", "hide or show the details"),
        "trash": Key("Delete", "Delete", "trash or restore, if it is yours"),
        "keys": Key("?", "?", "this list", "all keys"),
        "close": Key("Escape", "Esc", "close", "close"),
    },
    "compare": {
        "beside": Key("s", "s", "side by side", "side by side"),
        "slider": Key("l", "l", "slider: one over the other", "slider"),
        "zoom": Key("z", "z", "full size, whole pictures", "full size"),
        "keys": Key("?", "?", "this list", "all keys"),
        "close": Key("Escape", "Esc", "back to the gallery", "gallery"),
    },
}
"""Page → name in its templates → key. Templates put them on what they press, and the sheet lists them: nowhere else."""
