"""Builds what the pages about people print."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.urls import reverse
from django.utils import timezone

from studio.cards.images import moment
from studio.cards.piles import decided_line
from studio.models import AuditEntry, Invitation, InvitationState, Role, Standing, Strike, User
from studio.services.people.figures import Month
from studio.words.money import amount
from studio.words.people import DONE

FULL = 0.9
"""The part of a month's images from which its line is amber."""

BROWSERS = [
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
]
SYSTEMS = [("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows")]
SYSTEMS += [("Mac OS", "Mac"), ("CrOS", "Chromebook"), ("Linux", "Linux")]


@dataclass(frozen=True)
class PersonRow:
    """One person in the list."""

    person: User
    url: str
    role: str
    off: str
    why: str
    seen: str
    seen_at: str
    made: str
    share: float
    full: bool
    cost: str


def rows_of(people: Iterable[User], months: dict[UUID, Month]) -> list[PersonRow]:
    return [row_of(person, months[person.pk]) for person in people]


def row_of(person: User, month: Month) -> PersonRow:
    share = _share(month.made, month.cap)
    return PersonRow(
        person=person,
        url=reverse("people.detail", args=[person.pk]),
        role="Former" if person.left_at else Role(person.role).label,
        off=off(person),
        why=person.suspension_reason,
        seen=ago(person),
        seen_at=person.seen_at.isoformat() if person.seen_at else "",
        made=f"{month.made:,} of {month.cap:,}",
        share=share,
        full=share >= FULL,
        cost=" + ".join(amount(parts, unit) for unit, parts in sorted(month.costs.items())),
    )


def month_of(month: Month) -> dict[str, Any]:
    """Return what a person's month comes to, for the page where its cap is changed."""
    return {
        "cap": month.cap,
        "made": f"{month.made:,}",
        "reserved": f"{month.reserved:,}",
        "left": f"{max(0, month.cap - month.made - month.reserved):,}",
        "share": _share(month.made + month.reserved, month.cap),
    }


def _share(used: int, cap: int) -> float:
    """Return which part is used, from 0 to 1; all of a month in which nothing may be made."""
    return round(min(1.0, used / cap), 3) if cap else float(used > 0)


def off(person: User) -> str:
    """Say why somebody cannot sign in; nothing of somebody who can."""
    if person.standing == Standing.LEFT and person.left_at:
        return f"Left on {moment(person.left_at)}"
    if person.standing == Standing.SUSPENDED:
        until = person.suspended_until
        return f"Suspended until {moment(until)}" if until else "Suspended"
    return ""


def ago(person: User) -> str:
    """Say when a person was last here, as exactly as it is kept."""
    if person.seen_at is None:
        return "never"
    past = timezone.now() - person.seen_at
    minutes = int(past.total_seconds() // 60)
    if not person.is_seen_late:
        return "now"
    if minutes < 120:
        return f"{minutes} min ago"
    if minutes < 24 * 60:
        return f"{minutes // 60} h ago"
    at = timezone.localtime(person.seen_at)
    return f"{at.day} {at:%B}" if past.days < 300 else f"{at.day} {at:%B %Y}"


def invitation_of(row: Invitation) -> dict[str, Any]:
    """Return one invitation of the list: whom it is for, how it stands, until when."""
    many = "one person" if row.uses == 1 else f"{row.uses} people"
    return {
        "pk": row.pk,
        "role": Role(row.role).label,
        "whom": row.email or f"For {many}",
        "words": f"Invitation for {row.email or many}, good until {moment(row.expires_at)}.",
        "state": row.state.label,
        "open": row.state == InvitationState.OPEN,
        "used": f"{row.used} of {row.uses}",
        "by": str(row.made_by) if row.made_by else "somebody who is gone",
        "until": moment(row.expires_at),
        "until_at": row.expires_at.isoformat(),
        "revoke_url": reverse("invitations.revocation", args=[row.pk]),
    }


def strike_of(strike: Strike, reader: User) -> dict[str, Any]:
    """Return one strike: which decision gave it, how many points, until when."""
    return {
        "what": decided_line(strike.case, reader),
        "url": reverse("moderation.detail", args=[strike.case_id]),
        "points": strike.points,
        "until": moment(strike.expires_at),
        "until_at": strike.expires_at.isoformat(),
    }


def session_of(row: UserSession, *, current: str = "") -> dict[str, Any]:
    """Return one session: which browser it is, as well as a browser tells."""
    return {
        "pk": row.pk,
        "device": device(row.user_agent),
        "ip": row.ip,
        "here": row.session_key == current,
        "seen": moment(row.last_seen_at),
        "seen_at": row.last_seen_at.isoformat(),
    }


def device(agent: str) -> str:
    """Name browser and system out of what a browser sends."""
    browser = next((name for sign, name in BROWSERS if re.search(rf"{sign}\w*/", agent)), "A browser")
    system = next((name for sign, name in SYSTEMS if sign in agent), "")
    return ", ".join(filter(None, [browser, system]))


def entry_of(entry: AuditEntry) -> dict[str, Any]:
    """Return one line of what was done to a person."""
    return {
        "who": str(entry.actor) if entry.actor else "The studio",
        "what": DONE.get(entry.action, entry.action),
        "why": entry.detail.get("reason", ""),
        "at": entry.at.isoformat(),
        "when": moment(entry.at),
    }
