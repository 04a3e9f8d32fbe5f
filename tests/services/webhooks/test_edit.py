import pytest

from studio.models import AuditEntry

pytestmark = pytest.mark.django_db


def test_audit_keeps_the_host_of_the_teams_webhooks_alone(hook, team_hook):
    """One's own address may bear one's name, and the audit outlives its people."""
    entries = {row.subject: row.detail for row in AuditEntry.objects.filter(action="webhook.made")}

    assert "host" not in entries[str(hook.pk)]
    assert entries[str(team_hook.pk)]["host"] == "127.0.0.1"
