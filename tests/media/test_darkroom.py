import contextlib
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from studio.media import darkroom as darkroom_module
from studio.media.darkroom import Darkroom, DarkroomBusy, DarkroomError, DecoderDied, Limits
from studio.media.inspect import UnusableImage, look
from tests.media import naughty

RED = (255, 0, 0)


@pytest.fixture(scope="module")
def darkroom():
    with contextlib.closing(Darkroom()) as darkroom:
        yield darkroom


@pytest.fixture
def make_darkroom():
    """Return a maker of darkrooms that are closed after the test."""
    with contextlib.ExitStack() as stack:
        yield lambda *arguments, **options: stack.enter_context(
            contextlib.closing(Darkroom(*arguments, **options))
        )


@pytest.fixture
def saved(tmp_path):
    """Return a function that puts bytes into a file whose name says nothing."""

    def save(content: bytes, name: str = "part") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return save


def thumbnail(developed, side: int = 512) -> Image.Image:
    with Image.open(developed.thumbnails[side]) as image:
        image.load()
    return image


def children() -> list[int]:
    """Return the process ids of the darkroom's children of this process, the dead ones too."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = status.read_text().rpartition(")")[2].split()
            if int(fields[1]) == os.getpid():
                found.append(int(status.parent.name))
    return [pid for pid in found if b"child.py" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def kill_once_busy(before: set[int]) -> None:
    """Send SIGKILL to the new child when it has started and is at work: after half a second of CPU."""
    while True:
        for pid in set(children()) - before:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            if int(fields[11]) + int(fields[12]) > os.sysconf("SC_CLK_TCK") / 2:
                return os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


BOTH = (512, 960)


def test_develop_makes_a_webp_thumbnail_and_a_tone(darkroom, saved, tmp_path):
    path = saved(naughty.png(1200, 600))

    developed = darkroom.develop(path, into=tmp_path)

    assert (developed.width, developed.height) == (1200, 600)
    assert developed.thumbnails == {512: tmp_path / "part-512.webp"}
    assert look(developed.thumbnails[512]).media_type == "image/webp"
    assert thumbnail(developed).size == (512, 256)


def test_develop_makes_each_side_that_is_asked_for(darkroom, saved, tmp_path):
    developed = darkroom.develop(saved(naughty.png(1200, 600)), into=tmp_path, sides=BOTH)

    assert thumbnail(developed, 512).size == (512, 256)
    assert thumbnail(developed, 960).size == (960, 480)


def test_develop_a_small_picture_does_not_enlarge_it(darkroom, saved, tmp_path):
    developed = darkroom.develop(saved(naughty.png(600, 48)), into=tmp_path, sides=BOTH)

    assert thumbnail(developed, 960).size == (600, 48)
    assert thumbnail(developed, 512).size == (512, 41)


def test_develop_a_thin_line_keeps_a_pixel_of_it(darkroom, saved, tmp_path):
    developed = darkroom.develop(saved(naughty.png(4000, 2)), into=tmp_path)

    assert thumbnail(developed).size == (512, 1)


def test_develop_from_a_relative_path_finds_it(darkroom, saved, tmp_path, monkeypatch):
    saved(naughty.png())
    monkeypatch.chdir(tmp_path)

    developed = darkroom.develop(Path("part"), into=Path())

    assert thumbnail(developed).size == (64, 48)


@pytest.mark.parametrize("colour", ["#c81e1e", "#1e1ec8", "#808080"])
def test_develop_a_plain_picture_has_its_colour_as_tone(darkroom, saved, tmp_path, colour):
    content = naughty.encoded(Image.new("RGB", (640, 640), colour), "PNG")

    tone = bytes.fromhex(darkroom.develop(saved(content), into=tmp_path).tone[1:])

    assert all(abs(got - asked) <= 3 for got, asked in zip(tone, bytes.fromhex(colour[1:]), strict=True))


def test_develop_a_picture_that_cannot_be_seen_has_a_grey_tone(darkroom, saved, tmp_path):
    content = naughty.encoded(Image.new("RGBA", (64, 64), (9, 200, 9, 0)), "PNG")

    assert darkroom.develop(saved(content), into=tmp_path).tone == "#808080"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_develop_a_turned_jpeg_brings_it_upright(darkroom, saved, tmp_path, orientation):
    path = saved(naughty.turned_jpeg(orientation, 640, 480))
    with Image.open(path) as image:
        upright = Image.open(path) if orientation == 1 else image.transpose(turn(orientation))

    developed = darkroom.develop(path, into=tmp_path, sides=[960])

    shown = thumbnail(developed, 960)
    assert (developed.width, developed.height) == shown.size == upright.size
    corners = [(5, 5), (shown.width - 5, 5), (5, shown.height - 5)]
    for corner in corners:
        pairs = zip(shown.getpixel(corner), upright.getpixel(corner), strict=True)
        assert max(abs(got - asked) for got, asked in pairs) < 20


def turn(orientation: int) -> Image.Transpose:
    """Return Pillow's way back, written down again from the EXIF specification."""
    t = Image.Transpose
    ways = [
        t.FLIP_LEFT_RIGHT,
        t.ROTATE_180,
        t.FLIP_TOP_BOTTOM,
        t.TRANSPOSE,
        t.ROTATE_270,
        t.TRANSVERSE,
        t.ROTATE_90,
    ]
    return ways[orientation - 2]


def test_develop_leaves_no_metadata_in_the_thumbnails(darkroom, saved, tmp_path):
    content = naughty.jpeg(1000, 1000, exif=b"Exif\0\0II*\0GPS", xmp=b"<x:xmpmeta>", comment=naughty.SCRIPT)

    developed = darkroom.develop(saved(content), into=tmp_path)

    for file in developed.thumbnails.values():
        assert not any(mark in file.read_bytes() for mark in (b"Exif", b"EXIF", b"xmp", b"ICCP", b"script"))


def test_t07_develop_a_polyglot_leaves_its_tail_behind(darkroom, saved, tmp_path):
    developed = darkroom.develop(saved(naughty.polyglot_png()), into=tmp_path)

    assert not any(naughty.SCRIPT in file.read_bytes() for file in developed.thumbnails.values())


@pytest.mark.parametrize(
    "content",
    [
        naughty.png(mode="RGBA"),
        naughty.png(mode="LA"),
        naughty.png(mode="1"),
        naughty.jpeg(mode="L"),
        naughty.webp(),
    ],
)
def test_develop_any_mode_is_close_to_the_original(darkroom, saved, tmp_path, content):
    path = saved(content)

    shown = thumbnail(darkroom.develop(path, into=tmp_path))

    with Image.open(path) as image:
        assert max(abs(a - b) for a, b in zip(mean(image.convert("RGB")), mean(shown), strict=True)) < 8


def mean(image: Image.Image) -> tuple[int, ...]:
    return image.convert("RGB").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))


def test_develop_16_bits_of_grey_keeps_its_middle_grey(darkroom, saved, tmp_path):
    shown = thumbnail(darkroom.develop(saved(naughty.grey_16_bit_png(64, 48)), into=tmp_path))

    assert abs(shown.getpixel((32, 24))[0] - 130) < 12


def test_develop_cmyk_is_shown_in_its_colours(darkroom, saved, tmp_path):
    content = naughty.encoded(Image.new("CMYK", (64, 48), (0, 255, 255, 0)), "JPEG")

    tone = bytes.fromhex(darkroom.develop(saved(content), into=tmp_path).tone[1:])

    assert tone[0] > 200 > 60 > max(tone[1:])


def test_develop_a_see_through_palette_keeps_the_alpha(darkroom, saved, tmp_path):
    shown = thumbnail(darkroom.develop(saved(naughty.see_through_palette_png()), into=tmp_path))

    assert shown.mode == "RGBA"
    assert (shown.getpixel((4, 24))[3], shown.getpixel((60, 24))[3]) == (0, 255)


def test_develop_an_opaque_alpha_drops_it(darkroom, saved, tmp_path):
    shown = thumbnail(darkroom.develop(saved(naughty.png(mode="RGBA")), into=tmp_path))

    assert shown.mode == "RGB"


def test_develop_a_colour_profile_turns_it_into_srgb(darkroom, saved, tmp_path):
    shown = thumbnail(darkroom.develop(saved(naughty.swapped_profile_png()), into=tmp_path))

    red, green, _ = shown.getpixel((32, 24))
    assert green > 240 > 40 > red


@pytest.mark.parametrize("profile", [b"nonsense", b"\0" * 200])
def test_develop_a_broken_profile_is_left_out(darkroom, saved, tmp_path, profile):
    content = naughty.encoded(Image.new("RGB", (64, 48), RED), "PNG", icc_profile=profile)

    assert darkroom.develop(saved(content), into=tmp_path).tone.startswith("#f")


def test_develop_a_profile_of_another_colour_space_is_left_out(darkroom, saved, tmp_path):
    developed = darkroom.develop(saved(naughty.profiled_png("LAB")), into=tmp_path)

    assert thumbnail(developed).size == (64, 48)


@pytest.mark.parametrize(
    "make",
    [
        naughty.gif,
        naughty.svg,
        naughty.html,
        naughty.tiff,
        naughty.apng,
        naughty.animated_webp,
        naughty.mpo,
        naughty.wrong_pixels_png,
        lambda: naughty.bare_png(60_000, 60_000),
        lambda: naughty.bare_png(8_000, 8_000),
        lambda: naughty.bare_png(0, 48),
        lambda: naughty.resized_jpeg(65_000, 65_000),
        lambda: naughty.resized_webp(16_383, 16_383),
        lambda: naughty.bare_png(64, 48),
        lambda: naughty.jpeg()[:-200],
        lambda: naughty.webp()[:-20],
        lambda: b"",
    ],
)
def test_t08_develop_a_hostile_file_is_the_pictures_fault_within_two_seconds(darkroom, saved, tmp_path, make):
    path = saved(make())
    start = cpu_seconds_of_children()

    with pytest.raises(UnusableImage):
        darkroom.develop(path, into=tmp_path)

    assert cpu_seconds_of_children() - start < 2
    assert list(tmp_path.glob("*.webp")) == []


def test_t08_develop_mutants_never_ends_in_another_error(darkroom, saved, tmp_path):
    outcomes = {"developed": 0, "unusable": 0}
    for content in [*naughty.mutants(naughty.jpeg(), count=60), *naughty.mutants(naughty.webp(), count=60)]:
        try:
            darkroom.develop(saved(content), into=tmp_path)
            outcomes["developed"] += 1
        except UnusableImage:
            outcomes["unusable"] += 1

    assert sum(outcomes.values()) == 120
    assert min(outcomes.values()) > 10


def test_develop_the_next_picture_after_a_hostile_one_uses_the_same_child(make_darkroom, saved, tmp_path):
    darkroom, before = make_darkroom(), set(children())
    darkroom.develop(saved(naughty.png()), into=tmp_path)
    first = set(children()) - before
    with pytest.raises(UnusableImage):
        darkroom.develop(saved(naughty.html()), into=tmp_path)

    darkroom.develop(saved(naughty.png()), into=tmp_path)

    assert set(children()) - before == first
    assert len(first) == 1


def test_fault_47_develop_with_the_child_killed_midway_says_so_and_the_next_works(
    make_darkroom, saved, tmp_path
):
    darkroom, good = make_darkroom(), saved(naughty.png(), "good")
    killer = threading.Thread(target=kill_once_busy, args=[set(children())])
    killer.start()

    with pytest.raises(DecoderDied, match="SIGKILL"):
        darkroom.develop(saved(naughty.heavy_png()), into=tmp_path)

    killer.join()
    assert darkroom.develop(good, into=tmp_path).width == 64


def test_develop_with_the_child_killed_between_two_pictures_starts_another(make_darkroom, saved, tmp_path):
    darkroom, before = make_darkroom(), set(children())
    darkroom.develop(saved(naughty.png()), into=tmp_path)
    (first,) = set(children()) - before
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)

    developed = darkroom.develop(saved(naughty.png()), into=tmp_path)

    assert developed.width == 64


def test_t08_develop_over_the_wall_clock_is_unusable_and_the_next_works(
    make_darkroom, saved, tmp_path, monkeypatch
):
    monkeypatch.setattr(darkroom_module, "FAIR_SHARE", 0)  # on a busy machine it hardly gets a turn
    darkroom, good = make_darkroom(limits=Limits(wall=1.0, nice=0)), saved(naughty.png(), "good")

    with pytest.raises(UnusableImage) as caught:
        darkroom.develop(saved(naughty.heavy_png()), into=tmp_path)

    assert caught.value.reason == "took longer than 1 s to decode"
    assert darkroom.develop(good, into=tmp_path).width == 64


def test_develop_with_a_child_that_gets_no_turn_is_not_the_pictures_fault(make_darkroom, saved, tmp_path):
    darkroom, good = make_darkroom(limits=Limits(wall=0.5)), saved(naughty.png(), "good")
    before = set(children())
    darkroom.develop(good, into=tmp_path)
    (child,) = set(children()) - before
    os.kill(child, signal.SIGSTOP)

    with pytest.raises(DarkroomError):
        darkroom.develop(good, into=tmp_path)

    assert darkroom.develop(good, into=tmp_path).width == 64


def test_t08_develop_over_the_cpu_limit_kills_the_child_alone(make_darkroom, saved, tmp_path):
    darkroom, good = make_darkroom(limits=Limits(cpu=0)), saved(naughty.png(), "good")

    with pytest.raises(UnusableImage) as caught:
        darkroom.develop(saved(naughty.heavy_png()), into=tmp_path)

    assert caught.value.reason == "took more than 0 s of CPU to decode"
    assert darkroom.develop(good, into=tmp_path).width == 64


def test_develop_many_pictures_gets_a_full_cpu_allowance_for_each(make_darkroom, saved, tmp_path):
    darkroom, path = make_darkroom(limits=Limits(cpu=1)), saved(naughty.png(3000, 2000))

    sizes = {darkroom.develop(path, into=tmp_path).width for _ in range(12)}

    assert sizes == {3000}


def test_fault_47_develop_over_the_memory_limit_says_so_and_the_next_works(make_darkroom, saved, tmp_path):
    darkroom, good = make_darkroom(limits=Limits(memory=220 * 1024**2)), saved(naughty.png(), "good")

    with pytest.raises(DecoderDied, match="out of memory"):
        darkroom.develop(saved(naughty.heavy_png()), into=tmp_path)

    assert darkroom.develop(good, into=tmp_path).width == 64


def test_develop_a_file_that_is_gone_is_not_the_pictures_fault(darkroom, tmp_path):
    with pytest.raises(DarkroomError, match="No such file"):
        darkroom.develop(tmp_path / "gone", into=tmp_path)


def test_fault_33_develop_into_a_full_disk_is_not_the_pictures_fault(darkroom, saved, tmp_path):
    path = saved(naughty.png(), "full")
    (tmp_path / "full-512.webp").symlink_to("/dev/full")

    with pytest.raises(DarkroomError, match="No space left"):
        darkroom.develop(path, into=tmp_path)


def test_develop_with_a_child_that_cannot_start_is_not_the_pictures_fault(make_darkroom, saved, tmp_path):
    darkroom = make_darkroom(limits=Limits(memory=2**80))

    with pytest.raises(DarkroomError, match="does not start"):
        darkroom.develop(saved(naughty.png()), into=tmp_path)


def test_develop_after_close_is_refused_and_leaves_no_process(saved, tmp_path):
    before, darkroom = set(children()), Darkroom()
    darkroom.develop(saved(naughty.png()), into=tmp_path)
    darkroom.close()

    with pytest.raises(DarkroomError, match="closed"):
        darkroom.develop(saved(naughty.png()), into=tmp_path)

    assert set(children()) == before


def test_develop_alone_takes_a_child_that_saw_no_other_picture(make_darkroom, saved, tmp_path):
    darkroom, path, before = make_darkroom(), saved(naughty.png()), set(children())
    darkroom.develop(path, into=tmp_path)
    (first,) = set(children()) - before

    darkroom.develop(path, into=tmp_path, alone=True)

    (second,) = set(children()) - before
    assert second != first


def test_develop_with_every_child_busy_gives_up_when_patience_ends(make_darkroom, saved, tmp_path):
    darkroom = make_darkroom()
    darkroom._free.get()

    with pytest.raises(DarkroomBusy):
        darkroom.develop(saved(naughty.png()), into=tmp_path, patience=0.01)


def test_develop_after_an_idle_time_starts_a_new_child(make_darkroom, saved, tmp_path):
    darkroom, path, before = make_darkroom(limits=Limits(idle=0.1)), saved(naughty.png()), set(children())
    darkroom.develop(path, into=tmp_path)
    (first,) = set(children()) - before

    ended = os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)

    assert (ended.si_code, ended.si_status) == (os.CLD_EXITED, 0)
    assert darkroom.develop(path, into=tmp_path).width == 64


def test_develop_while_children_leave_idly_loses_no_picture(make_darkroom, saved, tmp_path):
    darkroom, path = make_darkroom(limits=Limits(idle=0.02)), saved(naughty.png())

    for wait in range(12):
        time.sleep(0.015 + wait / 1000)
        assert darkroom.develop(path, into=tmp_path).width == 64


def test_develop_from_many_threads_never_runs_more_children_than_allowed(make_darkroom, saved, tmp_path):
    darkroom, before = make_darkroom(2), set(children())
    paths = [saved(naughty.png(300 + number, 200), f"part{number}") for number in range(12)]

    with ThreadPoolExecutor(12) as threads:
        developed = list(threads.map(lambda path: darkroom.develop(path, into=tmp_path), paths))

    assert [one.width for one in developed] == [300 + number for number in range(12)]
    assert len(set(children()) - before) == 2


def test_child_inherits_no_secret_no_file_and_no_signal(make_darkroom, saved, tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "hush")
    darkroom, before = make_darkroom(), set(children())
    with (tmp_path / "open").open("w") as ours:
        os.set_inheritable(ours.fileno(), True)
        darkroom.develop(saved(naughty.png()), into=tmp_path)
    (child,) = set(children()) - before
    process = Path(f"/proc/{child}")

    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(child, number)

    names = {entry.partition(b"=")[0] for entry in (process / "environ").read_bytes().split(b"\0") if entry}
    malloc = {b"MALLOC_ARENA_MAX", b"MALLOC_MMAP_THRESHOLD_", b"MALLOC_TRIM_THRESHOLD_"}
    assert names <= {b"PATH", b"LD_LIBRARY_PATH"} | malloc
    assert {entry.name for entry in (process / "fd").iterdir()} == {"0", "1", "2"}
    assert os.getsid(child) == child
    assert darkroom.develop(saved(naughty.png()), into=tmp_path).width == 64
    assert set(children()) - before == {child}


def test_child_is_shut_in_where_the_kernel_can(make_darkroom, saved, tmp_path):
    darkroom, before = make_darkroom(), set(children())
    darkroom.develop(saved(naughty.png()), into=tmp_path)
    (child,) = set(children()) - before

    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{child}/status").read_text().splitlines())

    assert status["NoNewPrivs"] == "1"
    assert status.get("Seccomp", "2") == "2"


def test_child_that_cannot_decode_once_shut_in_is_started_without_locks(
    make_darkroom, saved, tmp_path, monkeypatch, caplog
):
    fussy = tmp_path / "child.py"
    fussy.write_text(
        "import json, os, sys\n"
        "if json.loads(sys.argv[1])['shut_in']: os._exit(3)\n"
        f"os.execv(sys.executable, [sys.executable, '-I', {str(darkroom_module.CHILD)!r}, sys.argv[1]])\n"
    )
    monkeypatch.setattr(darkroom_module, "CHILD", fussy)
    darkroom_module._tell_once.cache_clear()

    developed = make_darkroom().develop(saved(naughty.png()), into=tmp_path)

    assert developed.width == 64
    assert [record.getMessage() for record in caplog.records] == [
        "darkroom.open missing=landlock,seccomp: see docs/operations.md, The decoder"
    ]


def test_child_has_the_limits_of_the_contract(make_darkroom, saved, tmp_path):
    darkroom, before = make_darkroom(), set(children())
    darkroom.develop(saved(naughty.png()), into=tmp_path)
    (child,) = set(children()) - before

    limits = Path(f"/proc/{child}/limits").read_text()
    fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()

    assert [line.split()[-3:-1] for line in limits.splitlines() if "address space" in line] == [
        ["2147483648"] * 2
    ]
    assert [line.split()[-3] for line in limits.splitlines() if "core file" in line] == ["0"]
    assert next(int(line.split()[3]) for line in limits.splitlines() if "cpu time" in line) == 21
    assert int(fields[16]) == min(19, os.nice(0) + 10)


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="no autogrouping on this system")
def test_child_gives_way_to_other_sessions_too(make_darkroom, saved, tmp_path):
    darkroom, before = make_darkroom(), set(children())

    darkroom.develop(saved(naughty.png()), into=tmp_path)

    (child,) = set(children()) - before
    assert Path(f"/proc/{child}/autogroup").read_text().endswith("nice 10\n")


def test_child_keeps_its_memory_between_two_pictures(make_darkroom, saved, tmp_path):
    darkroom, before, path = make_darkroom(), set(children()), saved(naughty.noisy_png())
    for _ in range(3):
        darkroom.develop(path, into=tmp_path)
    (child,) = set(children()) - before
    start = page_faults(child)

    for _ in range(5):
        darkroom.develop(path, into=tmp_path)

    assert (page_faults(child) - start) / 5 < 500


def test_child_ends_by_itself_when_its_parent_is_killed(saved, tmp_path):
    script = (
        "import pathlib, sys, time; from studio.media.darkroom import Darkroom; room = Darkroom();"
        "room.develop(pathlib.Path(sys.argv[1]), into=pathlib.Path(sys.argv[2]));"
        "print(room._free.get()._process.pid, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", script, str(saved(naughty.png())), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        child = Path("/proc") / parent.stdout.readline().decode().strip()
        parent.kill()

    deadline = time.monotonic() + 5
    while child.exists() and " Z " not in (child / "stat").read_text() and time.monotonic() < deadline:
        time.sleep(0.02)

    assert time.monotonic() < deadline


def test_import_of_the_darkroom_loads_neither_pillow_nor_django():
    script = "import sys, studio.media.darkroom; print([m for m in ('PIL', 'django') if m in sys.modules])"

    result = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)

    assert result.stdout == "[]\n"


def test_child_stays_small_and_quick_over_many_relay_pictures(make_darkroom, saved, tmp_path):
    darkroom, before, path = make_darkroom(), set(children()), saved(naughty.noisy_png())
    darkroom.develop(path, into=tmp_path)
    (child,) = set(children()) - before
    start = cpu_seconds(child)

    for _ in range(5):
        darkroom.develop(path, into=tmp_path)

    status = Path(f"/proc/{child}/status").read_text().splitlines()
    assert next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) < 45 * 1024
    assert (cpu_seconds(child) - start) / 5 < 0.12


def page_faults(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[7])


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cpu_seconds_of_children() -> float:
    """What the decoders of this process have used, those that ended too."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    alive = 0.0
    for pid in children():
        with contextlib.suppress(OSError):
            alive += cpu_seconds(pid)
    return ended.ru_utime + ended.ru_stime + alive
