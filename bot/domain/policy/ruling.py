"""What the policy says of one wish, and why: the rules it looked at, in their order."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from bot.domain.policy.arguments import Fit

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.execution import Argument
    from bot.domain.people import Membership, Place
    from bot.domain.policy.freezes import Freeze
    from bot.domain.policy.rule import AnyWorkflow, Rule, StageRule


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Who wants to run what, where and when; what is None is not known yet, or does not matter."""

    workflow: AnyWorkflow
    who: Membership
    place: Place | None
    arguments: tuple[Argument, ...] | None = None
    at: datetime | None = None
    break_glass: str = ""  # the written reason to pass freezes and approval


class Why(Enum):
    """Why a rule decides or does not, and why the answer is no."""

    DECIDES = "decides"
    MAY_DECIDE = "may decide"  # once the arguments are known
    OTHER_PEOPLE = "other people"
    OTHER_CHANNELS = "other channels"
    NOT_IN_CHANNEL = "not in channel"  # the rule is for this channel, and this person is not in it
    OTHER_ARGUMENTS = "other arguments"
    FREEZE_WAITS = "freeze waits"
    GLASS_BROKEN = "glass broken"
    # these end in a no
    NOT_A_MEMBER = "not a member"
    NO_RULE = "no rule"
    NO_POLICY = "no policy"  # the file could not be read
    NO_MEMBERS = "no members"  # the rule goes by user groups, and who is in them is not known
    NO_CHANNEL = "no channel"  # the rule goes by the channel, and whether they are in it is not known
    NO_TAGS = "no tags"  # the rule goes by tags, and the workflow's are not known
    NO_ANSWER = "no answer"  # the rule goes by an argument that cannot be told
    OUT_OF_BOUNDS = "out of bounds"  # of what the rule says of one of its inputs
    NO_LOCK = "no lock"  # one at a time, but of what cannot be told
    FREEZE_REFUSES = "freeze refuses"
    GLASS_NOT_THEIRS = "glass not theirs"
    FAILED = "failed"  # to be evaluated


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One finding, with what it is about."""

    why: Why
    rule: Rule | None = None
    argument: str = ""  # whose value is in doubt
    fit: Fit = Fit.YES
    freeze: Freeze | None = None
    until: datetime | None = None


class RulingOutcome(Enum):
    """What happens to a launch the policy was asked about."""

    DENIED = "deny"
    FROZEN = "freeze"  # it is taken, and waits
    APPROVAL = "approval"
    ALLOWED = "allow"


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """The answer, the rule that gave it or came nearest to it, and the reasons in the order of the file."""

    allowed: bool
    wish: Wish = field(repr=False)
    rule: Rule | None
    reasons: tuple[Reason, ...]
    approve: tuple[StageRule, ...] = ()  # what this launch has to pass, in order
    freeze: Freeze | None = None  # what it waits for, until then
    until: datetime | None = None
    lock: str = ""  # the value of which one may run at a time, where the rule asks for that
    at_most: int | None = None  # runs that may be open in all, where the policy says

    @property
    def outcome(self) -> RulingOutcome:
        """The answer in a word; a launch that waits for a freeze may need approval as well."""
        if not self.allowed:
            return RulingOutcome.DENIED
        if self.freeze is not None:
            return RulingOutcome.FROZEN
        return RulingOutcome.APPROVAL if self.approve else RulingOutcome.ALLOWED
