"""Hostile picture files without end: what Pillow tests itself with, our own naughty files, and mutants of both."""

import random
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from tests.media import naughty

BIGGEST = 400_000
"""Bytes of a file that is still worth mutating."""


def pillow_images(folder: Path) -> list[bytes]:
    """Return the pictures of Pillow's own tests, from its source package; OSError when it cannot be had."""
    wanted = f"pillow=={version('pillow')}"
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", "pillow", wanted]
    done = subprocess.run([*command, "-d", str(folder)], capture_output=True, text=True, check=False)
    archives = list(folder.glob("*.tar.gz"))
    if done.returncode or not archives:
        raise OSError(f"Pillow's sources could not be fetched: {done.stderr.strip()[-200:]}")
    with tarfile.open(archives[0]) as archive:
        members = [each for each in archive if each.isfile() and "/Tests/images/" in each.name]
        return [archive.extractfile(each).read() for each in members]


def own_images() -> list[bytes]:
    """Return a few good pictures of each kind to start from."""
    return [
        naughty.png(),
        naughty.png(mode="L"),
        naughty.png(mode="RGBA"),
        naughty.jpeg(),
        naughty.jpeg(mode="CMYK"),
        naughty.webp(),
        naughty.webp(lossless=True),
        naughty.grey_16_bit_png(),
        naughty.see_through_palette_png(),
    ]


def files(seeds: list[bytes], count: int, chance: random.Random) -> Iterator[bytes]:
    """Yield `count` files: each seed as it is, then mutants."""
    yield from seeds[:count]
    small = [each for each in seeds if 0 < len(each) <= BIGGEST]
    for _ in range(count - len(seeds)):
        data = bytearray(chance.choice(small))
        for _ in range(chance.randint(1, 3)):
            data = chance.choice(MUTATIONS)(data, small, chance)
        yield bytes(data)


def _flip(data: bytearray, _others: list[bytes], chance: random.Random) -> bytearray:
    for _ in range(chance.randint(1, 16)):
        if data:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return data


def _cut(data: bytearray, _others: list[bytes], chance: random.Random) -> bytearray:
    return data[: chance.randrange(len(data) + 1)]


def _insert(data: bytearray, _others: list[bytes], chance: random.Random) -> bytearray:
    place = chance.randrange(len(data) + 1)
    return data[:place] + chance.randbytes(chance.randint(1, 64)) + data[place:]


def _splice(data: bytearray, others: list[bytes], chance: random.Random) -> bytearray:
    other = chance.choice(others)
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other)) :]


def _repeat(data: bytearray, _others: list[bytes], chance: random.Random) -> bytearray:
    start = chance.randrange(len(data) + 1)
    part = data[start : start + chance.randint(1, 2000)]
    return data[:start] + part * chance.randint(2, 40) + data[start:]


def _overwrite(data: bytearray, _others: list[bytes], chance: random.Random) -> bytearray:
    """Put an extreme number somewhere near the start, where sizes and lengths stand."""
    place = chance.randrange(min(64, len(data)) + 1)
    data[place : place + 4] = chance.choice([b"\xff" * 4, b"\0" * 4, b"\x7f" + b"\xff" * 3, b"\0\0\0\1"])
    return data


MUTATIONS = [_flip, _flip, _cut, _insert, _splice, _repeat, _overwrite]
