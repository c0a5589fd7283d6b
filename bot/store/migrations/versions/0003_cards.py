"""Cards in a table of their own: a launch may have several."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MOVE_HERE = """
    INSERT INTO cards (launch_id, target, kind, channel, ts, version, fence, tries, told_seq)
    SELECT id, channel, 'home', card_channel, card_ts, card_version, 0, 0, 0
    FROM launches WHERE card_ts IS NOT NULL
"""
_MOVE_BACK = """
    UPDATE launches SET
        card_channel = (SELECT channel FROM cards WHERE launch_id = launches.id AND kind = 'home'),
        card_ts = (SELECT ts FROM cards WHERE launch_id = launches.id AND kind = 'home'),
        card_version = COALESCE(
            (SELECT version FROM cards WHERE launch_id = launches.id AND kind = 'home'), 0
        )
"""


def upgrade() -> None:
    op.create_table(
        "cards",
        sa.Column("launch_id", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=True),
        sa.Column("ts", sa.String(length=32), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("told_seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["launch_id"], ["launches.id"], name=op.f("fk_cards_launch_id_launches")),
        sa.PrimaryKeyConstraint("launch_id", "target", name=op.f("pk_cards")),
    )
    op.create_index("ix_cards_due_at", "cards", ["due_at"])
    op.execute(_MOVE_HERE)
    for name in ("card_channel", "card_ts", "card_version"):
        op.drop_column("launches", name)


def downgrade() -> None:
    op.add_column("launches", sa.Column("card_channel", sa.String(length=64), nullable=True))
    op.add_column("launches", sa.Column("card_ts", sa.String(length=32), nullable=True))
    op.add_column(
        "launches", sa.Column("card_version", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    op.execute(_MOVE_BACK)
    op.drop_index("ix_cards_due_at", "cards")
    op.drop_table("cards")
