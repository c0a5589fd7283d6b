"""Pauses: what must not start, until somebody resumes it; and the index by which old launches are found."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pauses",
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("by_team", sa.String(64)),
        sa.Column("by_user", sa.String(64)),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("scope", "name", name="pk_pauses"),
    )
    op.create_index("ix_launches_requested_at", "launches", ["requested_at"])


def downgrade() -> None:
    op.drop_index("ix_launches_requested_at", "launches")
    op.drop_table("pauses")
