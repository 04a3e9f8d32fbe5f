"""Last night's backup is restored after its waiting rows have been drawn (SAFETY §6, row 48)."""

from pathlib import Path

from studio.models import Generation, State
from studio.services.drawing import restoration
from tests.faults import databases, invariants
from tests.faults.stage import Stage


def test_row_48_restored_backup_sends_nothing_again(stage: Stage, blank_database, tmp_path: Path):
    rows = [stage.submit(n=2), stage.submit(n=1)]
    Generation.objects.filter(pk=rows[1].pk).update(
        state=State.CLAIMED, claimed_by="last night's", lease_at="2026-01-01T00:00Z"
    )

    with blank_database.backup(stage.database, tmp_path) as url:
        stage.finish()
        with databases.using(url):
            restored = Stage(folder=tmp_path, database=url, relay=stage.relay)
            restoration.after_restore()
            restored.finish()
            states = [restored.state(row) for row in rows]
            invariants.check()

    assert states == [State.CANCELLED, State.CANCELLED]
    assert [stage.state(row) for row in rows] == [State.DONE, State.DONE]
    assert [stage.requests(row) for row in rows] == [1, 1]
