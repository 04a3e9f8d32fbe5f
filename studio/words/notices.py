"""What a notice says: a heading, and one line under it."""

from collections.abc import Callable
from typing import NamedTuple

from studio.words import money
from studio.words.readers import Values

NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")

Words = str | Callable[[Values], str]


class Told(NamedTuple):
    """The words of one kind of notice; `{prompt}` and `{by}` are looked up when it is shown."""

    head: Words
    line: Words
    act: str = ""
    icon: str = "info"


def _ready(values: Values) -> str:
    count = values.get("count", 1)
    return "Your picture is ready" if count == 1 else f"{_number(count)} pictures are ready"


def _number(count: int) -> str:
    return NUMBERS[count] if 0 <= count < len(NUMBERS) else str(count)


def _decided(values: Values) -> str:
    thing = values.get("thing", "picture")
    return {
        "hidden": f"A moderator hid your {thing} from the team",
        "removed": f"A moderator removed your {thing}",
        "warned": "A moderator warned you",
        "shown": "Your picture is visible to the team",
    }.get(values.get("verdict", ""), "A moderator decided about something you made")


def _answered(values: Values) -> str:
    return {"overturned": "Your appeal was accepted", "upheld": "Your appeal was not accepted"}.get(
        values.get("verdict", ""), "Your appeal was answered"
    )


def _reported(values: Values) -> str:
    thing = values.get("thing", "picture")
    return {
        "kept": f"Your report was looked at: the {thing} stays",
        "hidden": f"Your report led to a hidden {thing}",
        "removed": f"Your report led to a removed {thing}",
    }.get(values.get("verdict", ""), "Your report was decided")


def _why(values: Values) -> str:
    return str(values.get("why") or values.get("prompt", ""))


def _about(values: Values) -> str:
    """Say which prompt it is about, and then why: several look alike otherwise."""
    prompt, why = str(values.get("prompt", "")), _why(values)
    return f"“{prompt}”: {why}" if prompt and prompt != why else why


def _suspended(values: Values) -> str:
    until = f"Until {values['until'][:16].replace('T', ' ')}. " if values.get("until") else ""
    return f"{until}{values.get('why', '')}".strip()


def _given(values: Values) -> str:
    count, by = values.get("count", 1), values.get("by", "Somebody")
    what = "A collection" if count == 1 else f"{_number(count)} collections"
    return f"{what} of {by} {'is' if count == 1 else 'are'} yours now"


def _granted(values: Values) -> str:
    if "unit" in values:
        return f"You may use more {money.PERIODS[values['period']]}"
    fewer = values.get("images", 0) < 0
    return f"You may make {'fewer' if fewer else 'more'} images this month"


def _grant(values: Values) -> str:
    images, by = values.get("images", 0), values.get("by", "Somebody")
    if "unit" in values:
        more, cap = (money.amount(values[name], values["unit"]) for name in ("more", "cap"))
        return f"{by} granted {more} more: it is {cap} in all"
    what = f"granted {images:,} more" if images >= 0 else f"took {-images:,} back"
    return f"{by} {what}: it is {values['cap']:,} in all" if "cap" in values else f"{by} {what}"


def _low(values: Values) -> str:
    whose = money.whose(values) if "whose" in values else "Your budget"
    return f"{whose} is nearly used up"


def _low_line(values: Values) -> str:
    if "cap" not in values:
        return ""
    used = money.bare(values["used"], values["unit"])
    cap = money.amount(values["cap"], values["unit"])
    return f"{used} of {cap} are used or reserved {money.PERIODS[values['period']]}"


def _asked(values: Values) -> str:
    if "more" not in values:
        return "Somebody asks for more"
    more, period = money.amount(values["more"], values["unit"]), money.PERIODS[values["period"]]
    return f"{values['by']} asks for {more} more {period}"


def _imported(values: Values) -> str:
    count = values.get("kept", 0)
    return "One picture was brought in" if count == 1 else f"{count:,} pictures were brought in"


def _import_counts(values: Values) -> str:
    same, refused = values.get("same", 0), values.get("refused", 0)
    told = [
        f"{same:,} were here already" if same else "",
        f"{refused:,} could not be kept" if refused else "",
    ]
    return ", ".join(filter(None, told)) or "All of them."


def _little_room(values: Values) -> str:
    return f"{values.get('free', 0) / 1e9:.1f} GB are left: below 1 GB nothing new is drawn. Make room."


TOLD: dict[str, Told] = {
    "finished": Told(_ready, _why, icon="images"),
    "failed": Told("One prompt needs you", _about, act="Decide", icon="alert"),
    "cancelled": Told("An administrator cancelled what waited", _about, act="Look at it", icon="ban"),
    "held": Told("Waits for a moderator", "{prompt}", icon="shield"),
    "approved": Told("Approved, and drawing now", "{prompt}", icon="shield"),
    "refused": Told("A moderator refused your prompt", _about, act="Read why", icon="shield"),
    "decided": Told(_decided, _why, act="Look at it", icon="shield"),
    "answered": Told(_answered, _why, act="Look at it", icon="shield"),
    "reported": Told(_reported, _why, icon="flag"),
    "budget_granted": Told(_granted, _grant, icon="images"),
    "budget_low": Told(_low, _low_line, act="Look at it", icon="alert"),
    "more_asked": Told(_asked, "{note}", act="Look at it", icon="plus"),
    "mentioned": Told("{by} names you in a comment", "{text}", act="Look at it", icon="message"),
    "commented": Told("{by} comments on your picture", "{text}", act="Look at it", icon="message"),
    "collection_given": Told(
        _given, "The team saw them, and goes on seeing them.", act="Look at it", icon="folder"
    ),
    "opened": Told("{by} opened something private of yours", _why, icon="eye"),
    "suspended": Told("Your account was suspended", _suspended, icon="ban"),
    "restored": Told("Your account is open again", _why, icon="check"),
    "export_ready": Told(
        "The export of your data is ready", "It can be downloaded for 7 days.", "Download", "download"
    ),
    "client_answered": Told(
        "Somebody outside has answered",
        "By a link of yours: look what was said of its pictures.",
        act="Look at it",
        icon="external-link",
    ),
    "imported": Told(_imported, _import_counts, act="Look at it", icon="images"),
    "relay_paused": Told("{relay} is paused", _why, act="Look at it", icon="pause"),
    "storage_low": Told("A disk is nearly full", _little_room, act="Look at it", icon="alert"),
    "webhook_off": Told("A webhook was switched off", _why, act="Look at it", icon="alert"),
    "announcement": Told("{by} announced", "{text}", icon="megaphone"),
}
"""Kind → what is said; a kind of a later release says itself."""


def told(kind: str) -> Told:
    """Return the words of a kind."""
    return TOLD.get(kind, Told(kind.replace("_", " ").capitalize(), ""))
