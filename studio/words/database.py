"""What is said when the database is in trouble, or belongs to another version of the studio."""

from studio.words.readers import Sentence

SENTENCES: dict[str, Sentence] = {
    "database_busy": "The database is busy.",
    "database_full": "Storage is full. An administrator must make room.",
    "database_away": "The database cannot be reached.",
    "prompt_is_here": "{why} Your prompt is still here: try again.",
    "try_again_soon": "{why} Try again in a moment.",
    "updating": "Updating. Back in a minute.",
    "database_newer": (
        "The database belongs to a newer version of Lightfast ({migration}). "
        "This one changes nothing in it: start that version."
    ),
    "storage_is_another": (
        "Not one file in the storage belongs to a row of this database: one of the two is not the right one. "
        "Nothing was changed."
    ),
    "originals_missing": lambda values: (
        f"{'1 picture has' if values['count'] == 1 else '{count:,} pictures have'.format(**values)} lost the original. "
        "A backup may have it: put it back and run manage.py verify_media --repair."
    ),
    "worker_draws": "A worker is drawing. Stop it, wait {seconds} s, and run this again.",
    "database_older": "The database is not up to date yet. Run: manage.py up --prepare-only",
}
