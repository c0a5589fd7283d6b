"""Cards whose place takes nothing any more: since when, and what was told directly instead."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_LOST = sa.text("lost_since IS NOT NULL")


def upgrade() -> None:
    op.add_column("cards", sa.Column("lost_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cards", sa.Column("direct_seq", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.create_index("ix_cards_lost_target", "cards", ["target"], sqlite_where=_LOST, postgresql_where=_LOST)


def downgrade() -> None:
    op.drop_index("ix_cards_lost_target", "cards")
    op.drop_column("cards", "direct_seq")
    op.drop_column("cards", "lost_since")
