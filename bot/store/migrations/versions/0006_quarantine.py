"""Rows that cannot be read, or failed again and again, put aside."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quarantine",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("row_key", sa.String(length=160), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_aside", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "row_key", name=op.f("pk_quarantine")),
    )
    with op.batch_alter_table("inbox") as inbox:
        inbox.alter_column("due_at", existing_type=sa.DateTime(timezone=True), nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM inbox WHERE due_at IS NULL")
    with op.batch_alter_table("inbox") as inbox:
        inbox.alter_column("due_at", existing_type=sa.DateTime(timezone=True), nullable=False)
    op.drop_table("quarantine")
