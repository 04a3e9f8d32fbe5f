"""What is said of saved prompts."""

from studio.words.readers import Sentence

SENTENCES: dict[str, Sentence] = {
    "saved_moved_on": "Somebody has saved another version meanwhile. Look at it, then save yours again.",
    "same_words": "This is word for word the newest version.",
    "not_your_saved": "Only {owner} can do that.",
    "import_unreadable": "This file cannot be read as {kind}: {where}.",
    "import_kind": "Choose a file whose name ends in .json or .csv.",
    "import_too_many": "A file holds at most {most} saved prompts; this one has {count}.",
    "import_row": "Saved prompt {row}: {problem}",
    "needs_title": "It has no title.",
    "needs_text": "It has no text.",
    "too_long": "Its {field} has more than {most} characters.",
}
