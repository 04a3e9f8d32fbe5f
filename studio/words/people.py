"""What was done to a person, after the name of whoever did it."""

DONE = {
    "studio.opened": "opened the studio",
    "person.added": "added this person",
    "person.joined": "joined by an invitation",
    "person.edited": "changed name, address or role",
    "person.suspended": "suspended this person",
    "person.restored": "restored this person",
    "person.renamed": "changed their name or colour",
    "person.address_changed": "changed their address",
    "person.came_back": "let this person in again",
    "person.export_asked": "asked for a copy of everything",
    "person.erasure_asked": "had this person erased",
    "person.left": "let this person leave",
    "person.password_changed": "chose a new password",
    "person.password_reset": "chose a new password by a link",
    "person.reset_link_made": "made a link for a new password",
    "person.session_ended": "ended one session",
    "person.sessions_ended": "ended all sessions",
    "auth.locked": "locked the door after too many tries",
}
