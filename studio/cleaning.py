"""The one way in for a person's text, whether it was typed or stands in a file (SAFETY §4)."""

import unicodedata

KEPT = {"\n", "\t"}


def clean_text(text: str) -> str:
    """Return the text without control characters and lone surrogates; lines end in a newline."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if sign in KEPT or unicodedata.category(sign) not in {"Cc", "Cs"})
