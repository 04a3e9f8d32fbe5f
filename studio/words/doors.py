"""What is said at the doors: signing in, passwords, people, and what is turned away."""

from studio.words.readers import Sentence, Values


def _too_many_tries(values: Values) -> str:
    minutes = -(-values["seconds"] // 60)
    return f"Too many attempts. Try again in {'1 minute' if minutes == 1 else f'{minutes} minutes'}."


SENTENCES: dict[str, Sentence] = {
    "too_many_tries": _too_many_tries,
    "tries_not_counted": "Nobody can sign in at the moment. Try again in a minute.",
    "suspended": "Your account is suspended. Contact an administrator.",
    "body_too_large": "This is more than the studio takes at once. Nothing of it was kept. Send less.",
    # People
    "has_administrator": "This studio already has an administrator. Sign in.",
    "last_administrator": "The studio needs an administrator who can sign in. Name another one first.",
    "email_taken": "Someone already uses this address.",
    "password_wrong": "This is not your current password.",
    "password_changed": "Your password is changed. You are signed out everywhere else.",
}
