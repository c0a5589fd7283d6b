"""Claims that were given back without a look, counted so that fences only grow."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # a default, because replicas of the release before go on inserting during a rolling upgrade
    returned = sa.Column("claims_returned", sa.Integer(), nullable=False, server_default="0")
    op.add_column("launches", returned)


def downgrade() -> None:
    op.drop_column("launches", "claims_returned")
