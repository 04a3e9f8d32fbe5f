"""What is said of pictures that are brought in."""

from collections.abc import Callable

from studio.words.readers import Sentence, Values


def _count(one: str, many: str) -> Callable[[Values], str]:
    return lambda values: one if values["n"] == 1 else many.format(n=f"{values['n']:,}")


def _size(values: Values) -> str:
    return f"It is larger than {values['most'] // 1024**2:,} MB."


SENTENCES: dict[str, Sentence] = {
    # Of all of it
    "import_running": "Something of yours is being brought in already. Wait for it, or stop it.",
    "import_over": "This is over already.",
    "import_no_zip": "This is no ZIP that can be read. Pack it again, or choose the pictures themselves.",
    "import_zip_alone": "Choose one ZIP alone, or pictures without a ZIP.",
    "import_no_pictures": "There is no picture in it. PNG, JPEG and WebP can be brought in.",
    "import_too_many_files": "It holds more than {most:,} files. Divide it, and bring in its parts.",
    "import_unfolds": "It unfolds to far more than its own size, as no ZIP of pictures does, so it was not opened.",
    "import_table": "The table {file} cannot be read as CSV in UTF-8.",
    "import_table_long": "The table has more than {most:,} lines.",
    "import_table_large": "The table is larger than 8 MB.",
    "import_left_behind": "It ended before all was brought in. Start it again: nothing is taken twice.",
    # How far it is
    "import_coming": "Being uploaded",
    "import_waiting": "Waiting for a worker",
    "import_working": "{done:,} of {total:,} looked at",
    "import_done": "All of it was looked at.",
    "import_stopped": "Stopped. What was brought in until then stays.",
    "import_failed": "It could not be read.",
    "import_count_kept": _count("1 picture kept", "{n} pictures kept"),
    "import_count_same": _count("1 was here already", "{n} were here already"),
    "import_count_refused": _count("1 could not be kept", "{n} could not be kept"),
    "import_count_wordless": _count(
        "1 had no prompt: the name of its file stands for it",
        "{n} had no prompt: their files’ names stand for it",
    ),
    # Of one file
    "import_damaged": "It is damaged.",
    "import_locked": "It is locked with a password.",
    "import_too_large": _size,
    "import_unusable": "It is no whole PNG, JPEG or WebP picture.",
    "import_gif": "It is a GIF.",
    "import_svg": "It is an SVG drawing.",
    "import_animated": "It is animated.",
    "import_too_many_pixels": "It has too many pixels.",
    "import_removed": "A moderator has removed this picture.",
    "import_stopped_by_rule": "A rule stops its prompt: {why}",
    "import_prompt_long": "Its prompt has more than {most:,} characters.",
}
