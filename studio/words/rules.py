"""What is said of rules and of what they hold."""

from studio.words.readers import Sentence, Values


def _refused(values: Values) -> str:
    said = f" {values['text']}" if values.get("text") else ""
    return f"A moderator refused this prompt. Nothing was charged.{said}"


SENTENCES: dict[str, Sentence] = {
    # What a writer reads where a rule has no sentence of its own
    "rule_allows": "The marked words are allowed.",
    "rule_warns": "The marked words may not be meant for this studio. Look at them again before you go on.",
    "rule_holds": "The marked words wait for a moderator. Nothing is sent and nothing is charged until then.",
    "rule_blocks": "The marked words are not drawn here. Change them and try again.",
    # What became of it
    "held": "{why}",
    "held_later": "A rule that was added since holds this. {why}",
    "hold_refused": _refused,
    "hold_lapsed": "No moderator decided within 14 days, so this was refused. Nothing was charged.",
    "hold_is_over": "This no longer waits for a moderator. Reload the page to see where it stands.",
    # Rules
    "rule_line": "“{line}”: {why}",
    "rule_not_a_pattern": "This is not a pattern that RE2 reads: {found}.",
    "rule_found_everywhere": "This pattern is found in every text. Let it ask for at least one letter.",
    "rule_nothing_to_find": "There is nothing to look for in this line.",
    "rules_too_much": "All rules together are more than can be looked for at once. Shorten a pattern.",
    "rule_looks_for_nothing": "Write at least one word, phrase or pattern.",
    "rule_looks_nowhere": "Tick at least one place to look in.",
    "rule_is_gone": "This rule was deleted meanwhile.",
}
