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
    "worker_runs": "A worker is running ({name}). Stop the studio, wait {seconds} s, and run this again.",
    "studio_is_here": lambda values: (
        f"A studio is here, with {'1 person' if values['people'] == 1 else '{people:,} people'.format(**values)}. "
        "With --over the backup takes its place; a backup of what is here is made first."
    ),
    "backup_none": "There is no whole backup in {folder}.",
    "backup_under_way": "Another process is at work on the backups in {folder}.",
    "backup_damaged": "The backup’s database is damaged ({parts}): it is of no use. Take an earlier one.",
    "backup_later_make": "The backup was made by a newer version of Lightfast. Restore it with that version.",
    "backup_other_database": (
        "The backup is of a database of the kind {there}; DATABASE_URL names one of the kind {here}."
    ),
    "backup_keys": lambda values: (
        f"The backup was made with other secrets than those here: {' and '.join(values['names'])}. Put the files "
        f"{' and '.join(map(str.lower, values['names']))} of that studio into {values['state']}, or set the variables. "
        "Without them (--without-keys) relay keys must be entered again, everybody signs in again, and addresses of "
        "pictures that programs have kept are no use any more."
    ),
    "database_older": "The database is not up to date yet. Run: manage.py up --prepare-only",
}
