"""What is said of moderation: the reasons that come with the studio, reports, decisions, appeals."""

from studio.words.readers import Sentence, Values, span

REASONS = {
    "logo": "Client’s name or logo",
    "real_person": "Real person",
    "living_artist": "Living artist",
    "not_for_work": "Not for work",
    "nothing_wrong": "Nothing wrong",
    "something_else": "Something else",
}
"""Reasons that come with the studio; a team adds its own and takes away what it does not want."""

VERDICTS = {
    "approved": "Approved",
    "refused": "Refused",
    "kept": "Kept",
    "hidden": "Hidden from the team",
    "removed": "Removed",
    "upheld": "Left as decided",
    "overturned": "Taken back",
    "withdrawn": "Settled by itself",
}
"""What came of a case, to be followed by who decided it."""


def ago(seconds: float) -> str:
    """Say how long ago something was."""
    if seconds < 45:
        return "just now"
    return "a minute ago" if seconds < 105 else f"{span(seconds)} ago"


def _decided_by(values: Values) -> str:
    return f"Decided by {values['who'] or 'the studio'} {ago(values['seconds'])}."


SENTENCES: dict[str, Sentence] = {
    "own_thing": "This is yours. You can take it back or put it into the trash yourself.",
    "already_reported": "You have reported this already.",
    "no_such_reason": "Choose one of the reasons.",
    # Decisions
    "only_reported": "You can only open items that were reported or queued for review.",
    "decided_by": _decided_by,
    "case_changed": "This case has changed meanwhile. Here it is as it is now.",
    "opened_again": "This is before the moderators again already, in a newer case.",
    "not_your_case": "You have a part in this case. Another moderator decides it.",
    "say_why_open": "Write why: the owner reads it.",
    "two_people": "Evidence is deleted early only when a second person agrees, who has no part in it.",
    "purged": "The picture is gone for good.",
    "no_appeal": "There is nothing here to appeal against any more.",
    "appealed_already": "You have appealed already.",
    "no_such_verdict": "This cannot be decided so.",
    "say_why": "Say why: the person reads it.",
    "withheld": "Moderators keep this from the team.",
}
