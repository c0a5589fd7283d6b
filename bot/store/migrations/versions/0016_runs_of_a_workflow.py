"""The index by which a workflow's latest runs are found, whoever asked for them."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_launches_workflow_id_requested_at", "launches", ["workflow_id", "requested_at"])


def downgrade() -> None:
    op.drop_index("ix_launches_workflow_id_requested_at", "launches")
