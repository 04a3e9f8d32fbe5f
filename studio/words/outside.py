"""What is said of links to the outside: to whoever makes them, and to visitors."""

from studio.words.readers import Sentence

SENTENCES: dict[str, Sentence] = {
    "nothing_to_show_outside": (
        "There is nothing here that may be shown outside: it is in the trash, or moderators keep it back."
    ),
    "outside_password_short": "At least {least} characters: whoever has the link can try.",
    "outside_password_wrong": "This is not the password. Ask whoever sent you the link.",
    "outside_link_over": "This link was revoked already.",
    "outside_link_crowded": "Too many people have answered by this link. Ask whoever sent it for another one.",
    "outside_name_missing": "Type your name, so that they know whose answer this is.",
}
