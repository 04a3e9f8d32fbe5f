"""What is said of house presets, of grids, and of pictures that are there already."""

from studio.words.readers import Sentence, Values


def _several(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _queue(values: Values) -> str:
    waiting = _several(values["waiting"], "image")
    return f"{waiting} of your grids still wait, and all of them together may be {values['most']}. Wait for some."


def _taken_back(values: Values) -> str:
    count = values["count"]
    return f"{_several(count, 'cell')} taken back." if count else "Nothing waits any more."


def _obliged(values: Values) -> str:
    if values["model"]:
        return f"{values['model']} cannot draw with {values['presets']}, which you draw with. Choose another model."
    return f"You draw with {values['presets']}: administrators have fixed it."


def _already(values: Values) -> str:
    them = "it" if values["count"] == 1 else "them"
    return f"Already made: the same words with the same settings. Look at {them} first."


def _many(values: Values) -> str:
    names = [str(name).replace("_", " ") for name in values["names"]]
    said = f"{', '.join(names[:-1])} and {names[-1]}"
    return f"A table has two sides. Several values stand for {said}: leave one of each but two."


SENTENCES: dict[str, Sentence] = {
    "already_ended": "This has ended already: there is nothing left to take back.",
    "preset_gone": "That house preset is no longer offered. Choose again.",
    "preset_changed": "{preset} was changed meanwhile. This is what it fixes now: look at it and send again.",
    "preset_lists_others": "{preset} is for other models",
    "preset_goes_beyond": "it does not take what {preset} fixes: {settings}",
    "preset_too_long": "With the words that {preset} adds, the prompt has {length:,} characters; {most:,} is the most.",
    "preset_obliged": _obliged,
    "preset_name_taken": "Another preset has this name.",
    "preset_says_nothing": "Fix a setting, name models or write what is added: this preset does nothing yet.",
    "preset_moved_on": "Somebody has changed this preset meanwhile. Look at it, then save yours again.",
    "preset_model_cannot": "{model} does not take {settings} as it is fixed here. Untick it, or fix something else.",
    "preset_saved": "{preset}: saved. It holds from the next picture on.",
    "already_made": _already,
    "grid_of_one": "Choose several values of something, or write a field into the prompt: {{light: dawn|noon|dusk}}.",
    "grid_of_many": _many,
    "grid_too_large": "A grid has at most {most} images. Take fewer values, or fewer images in each cell.",
    "grid_empty": "No model draws any of these combinations. Choose other values.",
    "grid_over_budget": (
        "Only {left} of your {cap} images are left this month, and this grid has {total}. Take fewer values."
    ),
    "grids_waiting": _queue,
    "grid_taken_back": _taken_back,
    "no_model": "There is no model to draw with yet.",
    "compare_how_many": "Choose {least} to {most} models to compare.",
    "comparison_over_quota": (
        "Only {left} of your {cap} images are left this month, and this asks for {total}. Ask for fewer."
    ),
    "nothing_to_pick": "There is no picture to pick yet.",
    "picked_already": "You have already picked. Reload the page to see which one.",
    "pick_a_column": "Pick one of the columns.",
    "preset_retired": "{preset} is put away. The receipts of its pictures still name it.",
}
