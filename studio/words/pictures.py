"""What is said of pictures that are kept: collections, tags, stars, comments, the trash."""

from studio.words.readers import Sentence, Values


def _count(values: Values, name: str, one: str, many: str) -> str:
    number = values.get(name, 0)
    return f"1 {one}" if number == 1 else f"{number:,} {many}"


def _used(values: Values) -> str:
    """Say where pictures are used that somebody is about to throw away."""
    it = "It" if values.get("count", 1) == 1 else "They"
    found = []
    if people := values.get("people", 0):
        liked = "favourite" if it == "It" else "favourites"
        article = "a " if it == "It" else ""
        found.append(
            f"{'is' if it == 'It' else 'are'} {article}{liked} of {_count({'n': people}, 'n', 'person', 'people')}"
        )
    if names := values.get("names", []):
        quoted = [f"“{name}”" for name in names]
        listed = quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
        found.append(f"{'lies' if it == 'It' else 'lie'} in {listed}, which the team sees")
    return f"{it} {' and '.join(found)}. For 30 days all of it can be brought back."


SENTENCES: dict[str, Sentence] = {
    "not_yours": "Only the person who made this can do that.",
    "not_your_picture": "Only the person who made this image can do that.",
    "still_used": _used,
    "not_your_collection": "Only the person whose collection this is can do that.",
    "cannot_add_here": "Only the person whose collection this is adds to it.",
    "collection_wants_a_name": "Give it a name.",
    "collection_name_too_long": "A name has at most {most} letters.",
    "tag_too_long": "A tag has at most {most} letters: “{name}” is too long.",
    "too_many_tags": "At most {most} tags at once.",
    "not_in_collection": "That picture is not in this collection any more.",
    "not_your_tag": "Only whoever put a tag on a picture, or made the picture, takes it off.",
    "tag_wants_words": "Write a tag.",
    "collection_made": "“{name}” is ready for pictures.",
    "collection_saved": "Saved.",
    "collection_deleted": "“{name}” is gone. Its pictures are where they were.",
    "comment_wants_words": "Write something first.",
    "comment_too_long": "A comment has at most {most:,} characters; this one has {count:,}.",
    "stars_out_of_range": "Give one to five stars.",
    "alt_too_long": "At most {most:,} characters; these are {count:,}.",
}
