"""An original is lost: a worker writes it down by night, and touches nothing else (SAFETY §6, rows 35 and 42)."""

import os

import pytest

from studio.models import Image
from tests.faults.stage import Stage


@pytest.mark.parametrize("ours", [True, False])
def test_row_35_lost_original_is_marked_by_night_and_what_no_row_knows_stays(stage: Stage, ours: bool):
    row = stage.submit(n=2)
    stage.finish()
    lost, kept = stage.originals(row)
    lost.unlink()
    stray = kept.with_name("9.png")
    stray.write_bytes(b"stray")
    os.utime(stray, (1, 1))
    if not ours:
        kept.unlink()  # now no file fits any row: it is another studio's storage
        for path in (stage.folder / "media" / "thumbnails").rglob("*.webp"):
            path.unlink()

    stage.run("night")

    missing = Image.objects.filter(missing_since__isnull=False).values_list("index", flat=True)
    assert list(missing) == ([0] if ours else [])
    assert stray.exists()
