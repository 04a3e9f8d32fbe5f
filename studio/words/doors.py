"""What is said at the doors: signing in, passwords, people, and what is turned away."""

from studio.words.readers import Sentence, Values


def _too_many_tries(values: Values) -> str:
    minutes = -(-values["seconds"] // 60)
    return f"Too many attempts. Try again in {'1 minute' if minutes == 1 else f'{minutes} minutes'}."


def _suspended(values: Values) -> str:
    parts = ["Your account is suspended. Contact an administrator."]
    if until := values.get("until"):
        parts.append(f"It ends by itself at {until}.")
    if reason := values.get("reason"):
        parts.append(f"The reason: {reason}")
    return " ".join(parts)


SENTENCES: dict[str, Sentence] = {
    "too_many_tries": _too_many_tries,
    "tries_not_counted": "Nobody can sign in at the moment. Try again in a minute.",
    "suspended": _suspended,
    "only_forms": "This address only takes forms. Go back, or begin in the studio.",
    "body_too_large": "This is more than the studio takes at once. Nothing of it was kept. Send less.",
    # People
    "has_administrator": "This studio already has an administrator. Sign in.",
    "last_administrator": "The studio needs an administrator who can sign in. Name another one first.",
    "suspension_in_the_past": "Choose a moment that is still to come.",
    "suspends_themselves": "You cannot suspend yourself.",
    "above_moderators": "Only an administrator can suspend a moderator or an administrator.",
    "erases_themselves": "You cannot erase yourself. Another administrator can.",
    "not_left": "This person has not left.",
    "not_their_address": "This is not their address.",
    "not_suspended": "This person is not suspended.",
    "cap_changed": "Somebody has just changed it to {cap}. Look again, and save once more.",
    "person_left": "This person has left.",
    "invitation_used": "This invitation has been used. Ask whoever sent it for another one.",
    "invitation_expired": "This invitation has expired. Ask whoever sent it for another one.",
    "invitation_revoked": "This invitation was taken back. Ask whoever sent it.",
    "invitation_over": "Nobody can join by this invitation any more.",
    "reset_link_over": "This link was used, or is too old. Ask for another one.",
    "email_taken": "Someone already uses this address.",
    "password_wrong": "This is not your current password.",
    "sign_on_refused": "{service} knows you, and you are not let in here. Ask an administrator of this studio.",
    "sign_on_unverified": "{service} does not say that your address is yours. Ask an administrator of this studio.",
    "sign_on_cancelled": "You turned back before you were signed in. Nothing happened.",
    "sign_on_failed": "The other service gave no answer that can be read. Try again, or sign in with your password.",
    "code_wrong": "This code is wrong or has run out. Enter the one that is shown now.",
    "factor_is_last": "This studio asks you for a second factor, and this is your last. Add another first.",
    "code_used": "This code has been used. Wait for the next one.",
    "factor_unreadable": "Your second factor cannot be read. An administrator can take it off your account.",
    "factor_needed": "This studio asks you for a second factor. Add one to go on.",
    "mail_password_subject": "A new password for Lightfast",
    "mail_password": """Hello {name},

somebody asked for a new password for your account. Choose it here, within a day:

{link}

If it was not you, do nothing: your password stays as it is.
""",
    "mail_invitation_subject": "You are invited to Lightfast",
    "mail_invitation": """Hello,

{by} invites you to a studio in which a team makes pictures together. Choose a name and a password here:

{link}

The link is for you alone, and works until {until}.
""",
    "mail_notices_subject": "{first}",
    "mail_notices_subject_more": "{count} notices from Lightfast",
    "mail_notices": """Hello {name},

{lines}

Read more: {link}

What is mailed to you is chosen here: {choices}
""",
    "reset_mailed": "If this address is known here, a mail with a link is on its way to it.",
    "password_reset": "Your new password is set. Sign in with it.",
    "password_changed": "Your password is changed. You are signed out everywhere else.",
    # Notices
    "notices_chosen": "Your choice is saved.",
}
