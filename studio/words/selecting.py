"""What is said of pictures that are chosen in the gallery, and of what was done with them."""

from studio.words.readers import Sentence, Values


def _of(values: Values) -> str:
    return "One picture" if values["n"] == 1 else f"{values['n']:,} pictures"


def _and(words: str) -> Sentence:
    return lambda values: f"{_of(values)} {words}"


SENTENCES: dict[str, Sentence] = {
    "nothing_selected": "No picture is chosen. Tick some first.",
    "too_many_selected": "These are more than {most:,} pictures. Choose fewer, and take them in parts.",
    "two_downloads": "Two of your downloads are on their way already. Wait for one of them, or stop it.",
    # What was done, and can be undone
    "did_liked": _and("among your favourites."),
    "did_unliked": _and("no longer among your favourites."),
    "did_shared": _and("shared with the team."),
    "did_private": _and("made private."),
    "did_trashed": _and("put into the trash."),
    "did_restored": _and("taken out of the trash."),
    "did_collected": _and("added."),
    "did_uncollected": _and("taken out of the collection."),
    "did_tagged": "Tagged.",
    "did_nothing": "Nothing changed: they were so already, or are not yours.",
}
