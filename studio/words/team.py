"""What is said of the whole studio: that drawing is stopped, how it stands, what to do about it."""

from studio.words.readers import Sentence

SENTENCES: dict[str, Sentence] = {
    "drawing_stopped": "Waiting: drawing is stopped for everybody. {why}",
    "stop_wants_a_reason": "Say why: everybody reads this.",
    "already_stopped": "Drawing is stopped already.",
    "not_stopped": "Drawing is not stopped.",
    "announcement_wants_words": "Write what everybody shall read.",
    "announcement_over": "Choose a moment that is still to come.",
    "team_chosen": "Saved. It holds everywhere within two seconds.",
    "announced": "Everybody reads it now.",
    # How the studio stands
    "no_worker": "No worker has given a sign of life for {seconds} s: nothing is drawn. Start one with manage.py up.",
    "storage_not_writable": "The storage takes no pictures. Look at its address and at who may write there.",
    "storage_almost_full": "Storage is almost full. An administrator was told.",
    "storage_clock": "The storage refuses what this machine signs: its clock is wrong. Have it set by a time server.",
    "storage_low": "{free} are left where answers are kept: below 1 GB nothing is asked for. Make room.",
    "drawing_is_stopped": "Drawing is stopped for everybody.",
    "waits_long": "The oldest waits for {span}.",
    "database_old": "The database has not all migrations of this version. Run manage.py migrate.",
}
