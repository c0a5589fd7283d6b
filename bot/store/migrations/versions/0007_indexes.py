"""Indexes for what is asked often, partial where most rows have ended and are never asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('approved', 'awaiting approval', 'running', 'starting', 'uncertain', 'waiting')")
_DUE = (("launches", "due_at"), ("launches", "tell_at"), ("cards", "due_at"))


def _partial(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    for table, column in _DUE:
        op.drop_index(f"ix_{table}_{column}", table)
        _partial(f"ix_{table}_{column}", table, [column], sa.text(f"{column} IS NOT NULL"))
    op.drop_index("ix_launches_state", "launches")
    op.create_index("ix_launches_state_due_at", "launches", ["state", "due_at"])
    op.drop_index("ix_launches_workflow_id_requested_at", "launches")
    newest = ["requester", "workflow_id", "requested_at"]
    op.create_index("ix_launches_requester_workflow_id_requested_at", "launches", newest)
    _partial("ix_launches_open_requester", "launches", ["requester", "requested_at"], _OPEN)
    _partial("ix_launches_open_channel", "launches", ["channel", "requested_at"], _OPEN)
    op.create_index("ix_audit_what_number", "audit", ["what", "number"])


def downgrade() -> None:
    op.drop_index("ix_audit_what_number", "audit")
    op.drop_index("ix_launches_open_channel", "launches")
    op.drop_index("ix_launches_open_requester", "launches")
    op.drop_index("ix_launches_requester_workflow_id_requested_at", "launches")
    op.create_index("ix_launches_workflow_id_requested_at", "launches", ["workflow_id", "requested_at"])
    op.drop_index("ix_launches_state_due_at", "launches")
    op.create_index("ix_launches_state", "launches", ["state"])
    for table, column in _DUE:
        op.drop_index(f"ix_{table}_{column}", table)
        op.create_index(f"ix_{table}_{column}", table, [column])
