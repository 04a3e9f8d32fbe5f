"""What is said of moderation: the reasons that come with the studio, reports, decisions, appeals."""

from studio.words.readers import Sentence

REASONS = {
    "logo": "Client’s name or logo",
    "real_person": "Real person",
    "living_artist": "Living artist",
    "not_for_work": "Not for work",
    "nothing_wrong": "Nothing wrong",
    "something_else": "Something else",
}
"""Reasons that come with the studio; a team adds its own and takes away what it does not want."""

SENTENCES: dict[str, Sentence] = {
    "own_thing": "This is yours. You can take it back or put it into the trash yourself.",
    "already_reported": "You have reported this already.",
    "no_such_reason": "Choose one of the reasons.",
}
