"""The tables, as one release of the bot knows them; migrations/ is how a database gets there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from bot.domain.launch import OPEN
from bot.store.column_types import Body, Moment

if TYPE_CHECKING:
    from sqlalchemy import TextClause


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Literals, as in the index: a planner does not know of parameters whether the index holds them all.
IS_OPEN = text(f"state IN ({', '.join(sorted(repr(state.value) for state in OPEN))})")


def _index_of(table: str, *columns: str, where: TextClause, name: str = "") -> Index:
    """A partial index: most launches have ended, and what is looked for among them is looked for often."""
    named = f"ix_{table}_{name or '_'.join(columns)}"
    return Index(named, *columns, sqlite_where=where, postgresql_where=where)


drafts = Table(
    "drafts",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("workflow_id", String(255), nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("body", Body, nullable=False),
    Index("ix_drafts_owner_workflow_id", "owner", "workflow_id"),
)

presets = Table(
    "presets",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("workflow_id", String(255), nullable=False),
    Column("name", String(64), nullable=False),
    Column("channel", String(64), nullable=False, index=True),  # empty: shared with nobody
    Column("body", Body, nullable=False),
    UniqueConstraint("owner", "workflow_id", "name"),
)

launches = Table(
    "launches",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("state", String(32), nullable=False),
    Column("workflow_id", String(255), nullable=False),
    Column("execution_id", String(255), unique=True),
    Column("requester", String(64), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("requested_at", Moment, nullable=False),
    Column("started_at", Moment),
    Column("cancel_asked", Boolean, nullable=False),
    Column("body", Body, nullable=False),
    Column("version", Integer, nullable=False),
    # the tracker's clock, schedule and lease in one; nothing is due where it is null
    Column("due_at", Moment),
    Column("fence", Integer, nullable=False),
    Column("claims_returned", Integer, nullable=False, server_default="0"),  # without a look at the run
    Column("is_paused", Boolean, nullable=False, server_default=false()),
    Column("unseen_since", Moment),  # looks at the run failed since then, all of them
    # the line it stands in while it waits for other launches, and since when
    Column("line", String(64)),
    Column("in_line_since", Moment),
    Column("goes_first", Boolean, nullable=False, server_default=false()),  # of those that wait
    # the announcer's, likewise
    Column("tell_at", Moment),
    Column("tell_fence", Integer, nullable=False),
    Column("tell_tries", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("told_seq", Integer, key="delivered_seq", nullable=False),
    _index_of("launches", "due_at", where=text("due_at IS NOT NULL")),
    _index_of("launches", "tell_at", where=text("tell_at IS NOT NULL")),
    Index("ix_launches_line", "line"),
    Index("ix_launches_requested_at", "requested_at"),
    Index("ix_launches_state_due_at", "state", "due_at"),
    Index("ix_launches_requester_requested_at", "requester", "requested_at"),
    Index("ix_launches_channel_requested_at", "channel", "requested_at"),
    Index("ix_launches_workflow_id_requested_at", "workflow_id", "requested_at"),
    Index("ix_launches_requester_workflow_id_requested_at", "requester", "workflow_id", "requested_at"),
    _index_of("launches", "requester", "requested_at", where=IS_OPEN, name="open_requester"),
    _index_of("launches", "channel", "requested_at", where=IS_OPEN, name="open_channel"),
)

inbox = Table(  # what was acknowledged to Slack, until it is carried out
    "inbox",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("name", String(64), nullable=False),
    Column("body", Body, nullable=False),
    Column("due_at", Moment, index=True),  # when another may carry it out; null: it is put aside
)

payloads_seen = Table(  # by digest: what came once has no effect a second time
    "payloads_seen",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("seen_at", Moment, nullable=False, index=True),
)

quarantine = Table(  # rows that failed, and those that are put aside
    "quarantine",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("row_key", String(160), primary_key=True),
    Column("why", Text, nullable=False),
    Column("reference", String(16), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("since", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("is_aside", Boolean, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("launch_id", ForeignKey("launches.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("what", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    Column("by_team", String(64)),
    Column("by_user", String(64)),
    Column("note", Text, nullable=False),
    Column("detail", Body, nullable=False),
)

locks = Table(  # of what one launch at a time may run
    "locks",
    metadata,
    Column("line", String(64), primary_key=True),
    Column("launch_id", ForeignKey("launches.id"), nullable=False, index=True),
)

turns = Table(  # who had a turn in a line, while others wait in it
    "turns",
    metadata,
    Column("line", String(64), primary_key=True),
    Column("requester", String(64), primary_key=True),
    Column("at", Moment, nullable=False),
)

delegations = Table(
    "delegations",
    metadata,
    Column("by_team", String(64), primary_key=True),
    Column("by_user", String(64), primary_key=True),
    Column("to_team", String(64), nullable=False),
    Column("to_user", String(64), nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False, index=True),
)

subscriptions = Table(  # to the runs of workflows, whoever starts them
    "subscriptions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("owner_team", String(64), nullable=False),
    Column("owner_user", String(64), nullable=False),
    Column("target", String(64), nullable=False),  # the channel or person that hears it
    Column("workflow_id", String(255), nullable=False),  # empty: all below the folder
    Column("name", Text, nullable=False),  # the workflow's, or the folder's path
    Column("interest", String(16), nullable=False),
    Column("since", Moment, nullable=False),
    Column("due_at", Moment),  # when its workflows are looked at next; null: it lapsed
    Column("fence", Integer, nullable=False),
    Index("ix_subscriptions_target", "target"),
    _index_of("subscriptions", "due_at", where=text("due_at IS NOT NULL")),
)

subscription_news = Table(  # what a subscription tells, each thing once
    "subscription_news",
    metadata,
    Column("subscription_id", ForeignKey("subscriptions.id", ondelete="CASCADE"), primary_key=True),
    Column("execution_id", String(255), primary_key=True),
    Column("happened", String(16), primary_key=True),
    Column("at", Moment, nullable=False),  # when the bot saw it
    Column("workflow_id", String(255), nullable=False),
    Column("workflow_name", Text, nullable=False),
    Column("state", String(32), nullable=False),
    Column("started_by", Text, nullable=False),
    Column("started_at", Moment),
    Column("ended_at", Moment),
    Column("due_at", Moment),  # when it is told; null: it was
    Column("fence", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    _index_of("subscription_news", "due_at", where=text("due_at IS NOT NULL")),
)

pauses = Table(  # what must not start
    "pauses",
    metadata,
    Column("scope", String(16), primary_key=True),
    Column("name", String(255), primary_key=True),  # empty: all
    Column("by_team", String(64)),
    Column("by_user", String(64)),
    Column("since", Moment, nullable=False),
    Column("why", Text, nullable=False),
)

cards = Table(
    "cards",
    metadata,
    Column("launch_id", ForeignKey("launches.id"), primary_key=True),
    Column("target", String(64), primary_key=True),  # the channel or person it is for
    Column("kind", String(16), nullable=False),
    Column("channel", String(64)),  # the conversation it is in, once posted
    Column("ts", String(32)),  # Slack's id of it there
    Column("version", Integer, nullable=False),  # the launch's version it shows
    # the announcer's clock for a copy; the home card is shown along with the story
    Column("due_at", Moment),
    Column("fence", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("told_seq", Integer, key="delivered_seq", nullable=False),  # the last event told beside a copy
    Column("lost_since", Moment),  # when Slack began to refuse something of it; null: it takes all
    # of a home card: the last event told to the requester directly, as its thread could not be told
    Column("direct_seq", Integer, nullable=False, server_default=text("0")),
    _index_of("cards", "due_at", where=text("due_at IS NOT NULL")),
    _index_of("cards", "target", where=text("lost_since IS NOT NULL"), name="lost_target"),
)

sealed = Table(
    "sealed",
    metadata,
    Column("owner", String(64), primary_key=True),  # a draft's or its launch's id, or a name of our own
    Column("slot", String(255), primary_key=True),
    Column("ciphertext", LargeBinary, nullable=False),
)

step_up = Table(  # approvers who have one-time codes; the secrets are in `sealed`
    "step_up",
    metadata,
    Column("user_id", String(64), primary_key=True),
    Column("enrolled_at", Moment, nullable=False),
    Column("last_step", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("failed_at", Moment),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("what", String(64), nullable=False),
    Column("launch_id", String(64), nullable=False, index=True),
    Column("team_id", String(64), nullable=False),
    Column("user_id", String(64), nullable=False),
    Column("email", String(320), nullable=False),
    Column("detail", Text, nullable=False),  # JSON, kept to the letter because it is hashed
    Column("before", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("ix_audit_what_number", "what", "number"),
)

audit_shipments = Table(  # how far the audit was shipped
    "audit_shipments",
    metadata,
    Column("target", String(64), primary_key=True),  # a hash of the address
    Column("number", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),  # when another process may ship
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # the one row
    Column("number", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)

learnt = Table(
    "learnt",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("text", Text, nullable=False),
)
