"""The pictures follow the prompt: measured, not looked at."""

import io

import numpy as np
import pytest
from PIL import Image

from studio.sandbox.painter import finish, paint

SIDE = 192


def colours(prompt: str, *, seed: int = 3, **options: object) -> np.ndarray:
    """Return a small picture of a prompt as (height, width, 3) from 0 to 1."""
    data = paint(prompt, width=SIDE, height=SIDE, seed=seed, **options)
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), np.float32) / 255


def light(prompt: str) -> float:
    return float(colours(prompt).mean())


def share(prompt: str, channel: int) -> float:
    """Return how much of the light is red, green or blue."""
    mean = colours(prompt).mean(axis=(0, 1))
    return float(mean[channel] / mean.sum())


def busy(prompt: str) -> float:
    return float(np.abs(np.diff(colours(prompt).mean(2), axis=1)).mean())


def test_paint_same_arguments_give_the_same_bytes() -> None:
    first, second = (paint("a lake at dawn", width=128, height=96, seed=5) for _ in range(2))

    assert first == second


def test_paint_other_seed_gives_another_picture() -> None:
    assert np.abs(colours("a mountain lake", seed=1) - colours("a mountain lake", seed=2)).mean() > 0.02


def test_paint_other_words_give_another_picture() -> None:
    prompts = [
        "a mountain lake",
        "a city at night",
        "a red rose",
        "a cup of tea",
        "portrait of a man",
        "deep space",
    ]
    pictures = [colours(prompt) for prompt in prompts]

    differences = [np.abs(a - b).mean() for i, a in enumerate(pictures) for b in pictures[:i]]
    assert min(differences) > 0.08


@pytest.mark.parametrize(("width", "height"), [(64, 64), (256, 144), (144, 256), (333, 251)])
def test_paint_gives_the_size_asked_for(width, height) -> None:
    for prompt in (
        "a lake",
        "oil lake",
        "watercolour lake",
        "pixel art lake",
        "stained glass lake",
        "portrait",
    ):
        image = Image.open(io.BytesIO(paint(prompt, width=width, height=height, seed=1)))

        assert (image.format, image.mode, image.size) == ("PNG", "RGB", (width, height))


@pytest.mark.parametrize("place", ["mountains", "the sea", "a city", "a forest", "a meadow"])
def test_paint_night_is_darker_than_noon(place) -> None:
    assert light(f"{place} at night") < 0.6 * light(f"{place} at noon")


@pytest.mark.parametrize(("word", "channel"), [("red", 0), ("green", 1), ("blue", 2)])
def test_paint_colour_word_rules_the_picture(word, channel) -> None:
    assert share(f"mountains, all in {word}", channel) > share("mountains in grey", channel) + 0.05


def test_paint_red_sun_is_red_where_the_sun_is() -> None:
    red = colours("ink wash mountains, one red sun")
    plain = colours("ink wash mountains")

    def reddest(picture: np.ndarray) -> float:
        return float(np.sort((picture[..., 0] - picture[..., 1]).ravel())[-300])

    assert reddest(red) > reddest(plain) + 0.3


def test_paint_negative_prompt_takes_the_sun_out() -> None:
    with_sun, without = (colours("the sea at noon", negative_prompt=words) for words in ("", "sun"))

    assert (with_sun.min(2) > 0.97).sum() > 2 * (without.min(2) > 0.97).sum()


def test_paint_monochrome_has_no_colour() -> None:
    picture = colours("black and white photo of poppies")[: SIDE - 24]

    assert float(np.ptp(picture, axis=2).max()) < 0.02


def test_paint_pixel_art_has_few_colours() -> None:
    picture = colours("pixel art castle")[: SIDE - 24].reshape(-1, 3)

    assert len(np.unique(picture, axis=0)) <= 32


def test_paint_winter_is_paler_than_summer() -> None:
    winter, summer = (np.ptp(colours(f"hills in {season}"), axis=2).mean() for season in ("winter", "summer"))

    assert winter < summer


def test_paint_water_mirrors_the_sky() -> None:
    picture = colours("a calm lake at sunset, no clouds")
    above, below = picture[int(SIDE * 0.45) : int(SIDE * 0.6)], picture[int(SIDE * 0.68) : int(SIDE * 0.9)]

    assert float(np.abs(above.mean((0, 1)) - below.mean((0, 1))).max()) < 0.2


def test_paint_meadow_is_busier_than_dunes() -> None:
    assert busy("a wildflower meadow") > 1.5 * busy("smooth desert dunes")


def test_paint_low_quality_is_softer() -> None:
    sharp, soft = (
        np.abs(np.diff(colours("a city at noon", quality=quality), axis=1)).mean() for quality in ("", "low")
    )

    assert soft < sharp


def test_paint_every_picture_wears_the_label(monkeypatch) -> None:
    labelled = colours("a lake at noon")
    monkeypatch.setattr(finish, "label", lambda image: None)
    bare = colours("a lake at noon")

    changed = np.argwhere(np.abs(labelled - bare).max(2) > 0.05)
    assert len(changed) > 200
    assert changed.min(axis=0).tolist() > [SIDE * 0.85, SIDE * 0.4]


@pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
def test_paint_format_is_obeyed(format) -> None:
    data = paint("a lake", width=64, height=64, seed=1, format=format)

    assert Image.open(io.BytesIO(data)).format == format.upper()
