"""Whatever file a relay sends: the worker lives, and what is kept can be decoded whole (SAFETY §3, T07–T09)."""

import io
import random
import warnings
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from studio.media.darkroom import Darkroom
from studio.media.inspect import UnusableImage, look
from tests.fuzz import hostile

KINDS = ("PNG", "JPEG", "WEBP")
SAMPLE = 1000
"""Up to here our own files are mutated; beyond, Pillow's test images are fetched."""


@pytest.fixture(scope="module")
def seeds(cases: int, tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    own = hostile.own_images()
    if cases <= SAMPLE:
        return own
    try:
        return own + hostile.pillow_images(tmp_path_factory.mktemp("pillow"))
    except OSError as error:
        pytest.skip(str(error))


def test_hostile_files_are_refused_and_the_worker_lives(
    tmp_path: Path, cases: int, seed: int, seeds: list[bytes], capsys
):
    ends: Counter[str] = Counter()
    darkroom = Darkroom(children=1)
    for data in hostile.files(seeds, cases, random.Random(seed)):
        ends[_take_in(data, tmp_path, darkroom)] += 1
    darkroom.close()

    with capsys.disabled():
        print(f"\n{cases} files from {len(seeds)} pictures, seed {seed}: {dict(ends.most_common())}")
    assert ends.total() == cases
    assert ends["refused at the first look"] > cases // 4


def _take_in(data: bytes, folder: Path, darkroom: Darkroom) -> str:
    """Take a file in as the worker does; what is kept must be a whole picture, as its facts say."""
    path = folder / "file"
    path.write_bytes(data)
    try:
        facts = look(path)
    except UnusableImage:
        return "refused at the first look"
    try:
        developed = darkroom.develop(path, into=folder)
    except UnusableImage:
        return "refused at the second look"
    with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data), formats=KINDS) as picture:
        picture.load()  # it may warn of odd metadata, which is kept and never read
        assert (picture.format, picture.size) == (facts.format, (facts.width, facts.height))
        assert getattr(picture, "n_frames", 1) == 1
    for thumbnail in developed.thumbnails.values():
        with Image.open(thumbnail, formats=("WEBP",)) as picture:
            picture.load()
    return f"kept {facts.format}"
