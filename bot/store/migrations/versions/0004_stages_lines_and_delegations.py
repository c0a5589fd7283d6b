"""Approvals in stages, lines in which launches wait for one another, delegations."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_launches = sa.table(
    "launches", sa.column("id", sa.String), sa.column("requested_at", sa.String), sa.column("body", sa.JSON)
)


def upgrade() -> None:
    op.add_column("launches", sa.Column("line", sa.String(length=64), nullable=True))
    op.add_column("launches", sa.Column("in_line_since", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_launches_line", "launches", ["line"])
    op.create_index("ix_launches_state", "launches", ["state"])
    op.add_column("events", sa.Column("detail", sa.JSON(), nullable=False, server_default=sa.text("'{}'")))
    op.create_table(
        "locks",
        sa.Column("line", sa.String(length=64), nullable=False),
        sa.Column("launch_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["launch_id"], ["launches.id"], name=op.f("fk_locks_launch_id_launches")),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_locks")),
    )
    op.create_index("ix_locks_launch_id", "locks", ["launch_id"])
    op.create_table(
        "turns",
        sa.Column("line", sa.String(length=64), nullable=False),
        sa.Column("requester", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("line", "requester", name=op.f("pk_turns")),
    )
    op.create_table(
        "delegations",
        sa.Column("by_team", sa.String(length=64), nullable=False),
        sa.Column("by_user", sa.String(length=64), nullable=False),
        sa.Column("to_team", sa.String(length=64), nullable=False),
        sa.Column("to_user", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("by_team", "by_user", name=op.f("pk_delegations")),
    )
    op.create_index("ix_delegations_until", "delegations", ["until"])
    _rewrite(_to_stages)


def downgrade() -> None:
    _rewrite(_to_one_decision)
    op.drop_index("ix_delegations_until", "delegations")
    op.drop_table("delegations")
    op.drop_table("turns")
    op.drop_index("ix_locks_launch_id", "locks")
    op.drop_table("locks")
    op.drop_column("events", "detail")
    op.drop_index("ix_launches_state", "launches")
    op.drop_index("ix_launches_line", "launches")
    op.drop_column("launches", "in_line_since")
    op.drop_column("launches", "line")


def _rewrite(change: Callable[[dict[str, Any]], None]) -> None:
    """CommittedStep every launch's body, a page at a time."""
    connection, last = op.get_bind(), ""
    while True:
        page = sa.select(_launches.c.id, _launches.c.body).where(_launches.c.id > last).order_by("id")
        rows = connection.execute(page.limit(500)).all()
        for row in rows:
            change(row.body)
            connection.execute(_launches.update().where(_launches.c.id == row.id).values(body=row.body))
        if not rows:
            return
        last = rows[-1].id


def _to_stages(body: dict[str, Any]) -> None:
    """The one group that had to approve becomes the one stage, the decision its vote."""
    approval, decision = body.pop("approval", None), body.pop("decision", None)
    if approval is None:
        return
    people = {name: approval[name] for name in ("users", "groups") if name in approval}
    stage = {
        "$": "Stage",
        "rule": {"$": "StageRule", "by": {"$": "Group", **people}},
        "opened_at": body["requested_at"],
        "expires_at": approval["expires_at"],
        "votes": [_vote(decision)] if decision else [],
    }
    body["approval"] = {"$": "Approval", "stages": [stage]}


def _vote(decision: dict[str, Any]) -> dict[str, Any]:
    return {
        "$": "Vote",
        "by": decision["by"],
        "at": decision["at"],
        "approved": decision["approved"],
        "comment": decision.get("reason", ""),
    }


def _to_one_decision(body: dict[str, Any]) -> None:
    """The first stage alone, and the vote cast last: the former release knows no more."""
    approval = body.pop("approval", None)
    if approval is None:
        return
    stage = approval["stages"][0]
    by = stage["rule"]["by"]
    people = {name: by[name] for name in ("users", "groups") if name in by}
    body["approval"] = {"$": "Approval", **people, "expires_at": stage["expires_at"]}
    votes = [vote for each in approval["stages"] for vote in each.get("votes", ())]
    if votes:
        last = votes[-1]
        body["decision"] = {
            "$": "Decision",
            "by": last["by"],
            "at": last["at"],
            "approved": last["approved"],
            "reason": last.get("comment", ""),
        }
