"""What looks at a run need: claims given back, runs paused or not seen, and what was learnt for good."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # defaults, because replicas of the release before go on inserting during a rolling upgrade
    returned = sa.Column("claims_returned", sa.Integer(), nullable=False, server_default="0")
    op.add_column("launches", returned)
    op.add_column("launches", sa.Column("is_paused", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("launches", sa.Column("unseen_since", sa.DateTime(timezone=True)))
    op.create_table(
        "learnt",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_learnt")),
    )


def downgrade() -> None:
    op.drop_table("learnt")
    op.drop_column("launches", "unseen_since")
    op.drop_column("launches", "is_paused")
    op.drop_column("launches", "claims_returned")
