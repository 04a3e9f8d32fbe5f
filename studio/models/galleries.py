"""What a gallery can be asked for by name."""

from django.db import models


class Outline(models.TextChoices):
    """How a picture stands."""

    LANDSCAPE = "landscape", "Landscape"
    PORTRAIT = "portrait", "Portrait"
    SQUARE = "square", "Square"


class Hue(models.TextChoices):
    """The colour of a picture that a person would name (media.hues)."""

    RED = "red", "Red"
    ORANGE = "orange", "Orange"
    YELLOW = "yellow", "Yellow"
    GREEN = "green", "Green"
    TEAL = "teal", "Teal"
    BLUE = "blue", "Blue"
    PURPLE = "purple", "Purple"
    PINK = "pink", "Pink"
    BROWN = "brown", "Brown"
    BLACK = "black", "Black"
    GREY = "grey", "Grey"
    WHITE = "white", "White"


class Gallery(models.TextChoices):
    """The ways to look at the kept images."""

    MINE = "mine", "Mine"
    TEAM = "team", "Team"
    FAVOURITES = "favourites", "Favourites"
    TRASH = "trash", "Trash"
    SEEN = "seen", "Everything you see"
