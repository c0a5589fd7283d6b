"""Payloads that had their effect, so that a replay at another replica or after a restart has none."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payloads_seen",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_payloads_seen_seen_at", "payloads_seen", ["seen_at"])


def downgrade() -> None:
    op.drop_index("ix_payloads_seen_seen_at", "payloads_seen")
    op.drop_table("payloads_seen")
