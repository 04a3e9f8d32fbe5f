"""Lists to start from: each becomes a rule that is off, for its team to read, change and turn on."""

from collections.abc import Mapping
from dataclasses import dataclass

from studio.errors import StudioError
from studio.models import Act, Rule, User
from studio.services.moderation import rules
from studio.words import Reason

_YOUNG = (
    "(child|children|kid|kids|toddler|infant|minor|minors|preteen|schoolgirl|schoolboy|underage|loli|shota)"
)
_BARE = "(nude|naked|topless|undressed|lingerie|erotic|sexual|sexy|porn|nsfw)"


@dataclass(frozen=True)
class Starter:
    """One list, by the name its rule will have."""

    name: str
    about: str
    act: Act
    words: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()


STARTERS: Mapping[str, Starter] = {
    "children": Starter(
        "Children",
        "Children and nakedness in one sentence.",
        Act.BLOCK,
        ("child porn", "child nudity", "jailbait", "lolicon", "shotacon"),
        (rf"\b{_YOUNG}\b.{{0,60}}\b{_BARE}\b", rf"\b{_BARE}\b.{{0,60}}\b{_YOUNG}\b"),
    ),
    "nudity": Starter(
        "Nudity",
        "Nakedness and sex; museums and medicine will want it off.",
        Act.HOLD,
        ("nude", "naked", "topless", "nsfw", "porn", "pornographic", "erotic", "hentai", "genitals", "orgy"),
    ),
    "gore": Starter(
        "Gore",
        "Blood, wounds and the dead.",
        Act.HOLD,
        (
            "gore",
            "gory",
            "mutilated",
            "dismembered",
            "decapitated",
            "beheading",
            "entrails",
            "corpse",
            "torture",
        ),
    ),
    "weapons": Starter(
        "Weapons",
        "Weapons by name. Put what your team needs, as kitchen knife, into a rule that allows it before.",
        Act.WARN,
        (
            "gun",
            "pistol",
            "rifle",
            "shotgun",
            "machine gun",
            "grenade",
            "bomb",
            "explosives",
            "machete",
            "ak-47",
        ),
    ),
    "artists": Starter(
        "Living artists",
        "The phrases that ask for somebody's hand; add the names your team must not use.",
        Act.WARN,
        ("in the style of", "in the manner of", "in the art style of", "trending on artstation"),
    ),
    "people": Starter(
        "Real people",
        "Offices that only real people hold; add names.",
        Act.HOLD,
        (
            "deepfake",
            "the president of",
            "the prime minister of",
            "the chancellor of",
            "the pope",
            "the king of",
        ),
    ),
    "language": Starter(
        "Strong language",
        "Swearing in English, disguised or not.",
        Act.BLOCK,
        (
            "fuck",
            "fucking",
            "motherfucker",
            "shit",
            "bullshit",
            "asshole",
            "bitch",
            "bastard",
            "cunt",
            "dickhead",
        ),
    ),
}


def take(*, key: str, administrator: User) -> Rule:
    """Make a rule of a list, switched off; raises StudioError for a list there is not."""
    found = STARTERS.get(key)
    if found is None:
        raise StudioError(Reason("no_such_list"))
    facts = {
        "name": found.name,
        "act": found.act,
        "sentence": "",
        "in_prompt": True,
        "in_negative": False,
        "in_names": False,
    }
    lines = {"words": "\n".join(found.words), "patterns": "\n".join(found.patterns)}
    return rules.add(administrator=administrator, on=False, **facts, **lines)
