"""What is said of rules and of what they hold."""

from collections.abc import Iterator

from studio.words.readers import Sentence, Values


def _refused(values: Values) -> str:
    said = f" {values['text']}" if values.get("text") else ""
    return f"A moderator refused this prompt. Nothing was charged.{said}"


SENTENCES: dict[str, Sentence] = {
    "names_stopped": "Others read this, and a rule of this studio stops “{words}”. Choose other words.",
    # What a writer reads where a rule has no sentence of its own
    "rule_allows": "The marked words are allowed.",
    "rule_warns": "The marked words may not be meant for this studio. Look at them again before you go on.",
    "rule_holds": "The marked words wait for a moderator. Nothing is sent and nothing is charged until then.",
    "rule_blocks": "The marked words are not drawn here. Change them and try again.",
    # What became of it
    "held": "{why}",
    "classifier_objects": lambda values: (
        f"A classifier sees {', '.join(values['categories'])} in this prompt, so a moderator looks at it first."
    ),
    "classifier_down": (
        "The studio's classifier does not answer, so a moderator looks at this first. Nothing is charged until then."
    ),
    "classifier_key_missing": "Enter the classifier's key.",
    "held_later": "A rule that was added since holds this. {why}",
    "hold_refused": _refused,
    "hold_lapsed": "No moderator decided within 14 days, so this was refused. Nothing was charged.",
    "held_already": (
        "Just this waits for a moderator already, so it was not sent a second time. Once it is let through you can "
        "have more of it; or cancel what waits, and send this."
    ),
    "hold_is_over": "This no longer waits for a moderator. Reload the page to see where it stands.",
    # Rules
    "rule_line": "“{line}”: {why}",
    "rule_not_a_pattern": "This is not a pattern that RE2 reads: {found}.",
    "rule_found_everywhere": "This pattern is found in every text. Let it ask for at least one letter.",
    "rule_nothing_to_find": "There is nothing to look for in this line.",
    "rules_too_much": "All rules together are more than can be looked for at once. Shorten a pattern.",
    "rule_looks_for_nothing": "Write at least one word, phrase or pattern.",
    "rule_looks_nowhere": "Tick at least one place to look in.",
    "no_such_list": "There is no such list.",
    "rule_is_gone": "This rule was deleted meanwhile.",
}


DOES = {
    "allow": ("allow", "allowed"),
    "warn": ("warn", "warned"),
    "hold": ("hold", "held"),
    "block": ("block", "blocked"),
}


def told_change(code: str, before: Values, after: Values) -> str:
    """Say what somebody did with a rule, as it follows their name."""
    if code == "moved":
        return f"moved it from place {before.get('place', '…')} to {after.get('place', '…')}"
    if code == "changed":
        return ", ".join(_changes(before, after)) or "changed it"
    return {"added": "added it", "removed": "deleted it"}.get(code, code)


def _changes(before: Values, after: Values) -> Iterator[str]:
    if "is_on" in after:
        yield "turned it on" if after["is_on"] else "turned it off"
    if "act" in after:
        now, was = DOES.get(after["act"], ("…", "…"))[0], DOES.get(before.get("act", ""), ("…", "…"))[1]
        yield f"made it {now}, it {was} before"
    if "name" in after:
        yield f"renamed it from “{before.get('name', '…')}”"
    for name in ("words", "patterns"):
        if name in after:
            yield from _lines(before.get(name, ""), after[name])
    if "sentence" in after:
        yield "changed what the writer reads"
    if {"in_prompt", "in_negative", "in_names"} & set(after):
        yield "changed where it looks"


def _lines(before: str, after: str) -> Iterator[str]:
    old, new = before.splitlines(), after.splitlines()
    for verb, lines in (
        ("added", [line for line in new if line not in old]),
        ("took out", [line for line in old if line not in new]),
    ):
        if lines:
            more = f" and {len(lines) - 2} more" if len(lines) > 2 else ""
            yield f"{verb} {', '.join(f'“{line}”' for line in lines[:2])}{more}"
    if set(old) == set(new):
        yield "put its lines in another order"
