"""A ruling in words: the answer, what each rule said, and what follows from the one that decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.errors import NotAllowed, NotAMember, NotHere, PolicyUnread, not_a_member
from bot.domain.policy.arguments import Fit
from bot.domain.policy.rule import InFreeze, OnExpiry, Risk
from bot.domain.policy.ruling import Ruling, RulingOutcome, Why
from bot.domain.policy.wording import Names, asked, either, lasting, limits, people, stage, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.policy.rule import Rule
    from bot.domain.policy.ruling import Reason

_RISKS = {
    Risk.READ_ONLY: "It changes nothing (risk: read-only).",
    Risk.CHANGE: "It changes something (risk: change).",
    Risk.DESTRUCTIVE: "It can destroy something (risk: destructive).",
}
_DOUBTS = {
    Fit.MISSING: "no {} is given",
    Fit.SECRET: "{} is secret",
    Fit.MIXED: "only some values of {} fit",
    Fit.INCOMPARABLE: "the value of {} cannot be compared",
}


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Sentences, as plain text."""

    answer: str
    because: tuple[str, ...]
    follows: tuple[str, ...]  # from a yes

    def __str__(self) -> str:
        parts = [self.answer, "", "Why:", *(f"- {line}" for line in self.because)]
        if self.follows:
            parts += ["", "What follows:", *(f"- {line}" for line in self.follows)]
        return "\n".join(parts)


def explain(ruling: Ruling, names: Names | None = None) -> Explanation:
    """The ruling for whoever asks why."""
    names = names or Names()
    return Explanation(
        answer=_answer(ruling, names),
        because=tuple(_because(ruling, reason, names) for reason in ruling.reasons),
        follows=tuple(_follows(ruling, names)),
    )


def _answer(ruling: Ruling, names: Names) -> str:
    wish = ruling.wish
    who = names.person(wish.who.person.user_id)
    what = f"run “{wish.workflow.name}”"
    if wish.place:
        what = f"{what} in {names.channel(wish.place.channel_id)}"
    if ruling.outcome is RulingOutcome.DENIED:
        return f"No: {who} may not {what}."
    depends = [each.rule for each in ruling.reasons if each.why is Why.MAY_DECIDE and each.rule]
    if depends:
        condition = f"if {_tests(depends[0])}, {_when(ruling)}"
        return f"Yes, {condition}: {who} may {what}. With other values the answer may be another."
    return f"Yes, {_when(ruling)}: {who} may {what}."


def _when(ruling: Ruling) -> str:
    approved = ["once approved"] if ruling.approve else []
    thawed = ["after the freeze"] if ruling.freeze else []
    return " and ".join(approved + thawed) or "at once"


def _because(ruling: Ruling, reason: Reason, names: Names) -> str:
    if reason.rule is not None:
        return f"The rule “{reason.rule.name}” {_says(reason, reason.rule, names)}"
    if reason.why is Why.NOT_A_MEMBER:
        return "Only full members of this workspace whom Slack tells about may run anything."
    if reason.why is Why.NO_POLICY:
        return "The bot's policy file cannot be read, and in doubt the answer is no."
    other = "other " if len(ruling.reasons) > 1 else ""
    return f"No {other}rule of the policy is for this workflow, and what no rule allows is not allowed."


def _says(reason: Reason, rule: Rule, names: Names) -> str:
    """What the rule says of the wish, to stand behind its name."""
    match reason.why:
        case Why.DECIDES:
            tests = f", for runs where {_tests(rule)}" if rule.when else ""
            return f"decides: it is for {_scope(rule, names)}{tests}."
        case Why.MAY_DECIDE:
            return f"decides if {_tests(rule)}, else a later one may: it is for {_scope(rule, names)}."
        case Why.OTHER_PEOPLE:
            return f"does not apply: it is for {_scope(rule, names)}, and this person is not one of them."
        case Why.OTHER_CHANNELS | Why.NOT_IN_CHANNEL | Why.NO_CHANNEL:
            return _says_of_place(reason, rule, names)
        case Why.OTHER_ARGUMENTS:
            return f"does not apply: it is for runs where {_tests(rule)}."
        case Why.NO_ANSWER:
            doubt = _DOUBTS.get(reason.fit, "{} is not known").format(reason.argument)
            return f"is for runs where {_tests(rule)}; but {doubt}. In doubt the answer is no."
        case Why.OUT_OF_BOUNDS:
            return f"does not take this value of {reason.argument}: {limits(rule.input(reason.argument))}."
        case Why.NO_MEMBERS:
            return "goes by user groups of which Slack does not say just now who is in them. Try again soon."
        case Why.NO_TAGS:
            return "goes by the workflow's tags, which are not known. In doubt the answer is no."
        case Why.NO_LOCK:
            return (
                f"lets one run at a time for each {rule.one_at_a_time}, which cannot be told here. "
                "In doubt the answer is no."
            )
        case Why.FAILED:
            return "could not be evaluated; the bot's log has the cause. In doubt the answer is no."
        case Why.FREEZE_WAITS:
            return f"lets launches wait in a freeze: {_freeze(reason)}."
        case Why.FREEZE_REFUSES:
            return f"refuses launches in a freeze: {_freeze(reason)}."
        case Why.GLASS_BROKEN:
            return "is set aside by a break-glass: it needs no approval and heeds no freeze, but a review."
        case Why.GLASS_NOT_THEIRS:
            return "holds as it stands: this person may not set it aside by a break-glass."
        case Why.NOT_A_MEMBER | Why.NO_RULE | Why.NO_POLICY:
            return "does not allow it."


def _says_of_place(reason: Reason, rule: Rule, names: Names) -> str:
    if reason.why is Why.NO_CHANNEL:
        return "goes by the channel, and Slack does not say just now whether this person is in it."
    if reason.why is Why.NOT_IN_CHANNEL:
        return f"does not apply: it is for {_scope(rule, names)}, and this person is not in that channel."
    return f"does not apply here: it is for {_scope(rule, names)}."


def _scope(rule: Rule, names: Names) -> str:
    who = people(rule.run, names)
    return f"{who}, in {either(map(names.channel, sorted(rule.channels)))}" if rule.channels else who


def _tests(rule: Rule) -> str:
    return " and ".join(map(asked, rule.when))


def _freeze(reason: Reason) -> str:
    if reason.freeze is None or reason.until is None:
        return "one holds"
    return f"“{reason.freeze.name}” holds until {until(reason.freeze, reason.until)}"


def _follows(ruling: Ruling, names: Names) -> Iterator[str]:
    """What the rule asks for, if the answer is yes."""
    rule = ruling.rule
    if rule is None or not ruling.allowed:
        return
    if rule.risk:
        yield _RISKS[rule.risk]
    yield from _approval(ruling, rule, names)
    if rule.one_at_a_time:
        yield f"One run at a time for each {rule.one_at_a_time}; the next ones queue."
    if ruling.at_most is not None:
        yield f"At most {ruling.at_most} runs of this bot are open at a time; the next ones queue."
    if rule.in_freeze is InFreeze.RUN:
        yield "It also starts during a freeze, when other launches wait."
    if rule.hidden:
        yield f"Channels do not show the values of: {', '.join(sorted(rule.hidden))}."


def _approval(ruling: Ruling, rule: Rule, names: Names) -> Iterator[str]:
    for number, each in enumerate(ruling.approve, start=1):
        asked = f"{stage(each, names)}."
        several = len(ruling.approve) > 1
        inside = asked[0].lower() + asked[1:]
        yield f"Stage {number} of {len(ruling.approve)}: {inside}" if several else asked
        if each.escalate:
            when = (
                f"After {lasting(each.escalate_after)}" if each.escalate_after else "When that time is over"
            )
            yield f"{when}, {people(each.escalate, names)} may decide as well."
    if ruling.approve:
        edited = ", nor one filled in with their preset" if rule.editors_may_not_approve else ""
        yield f"Nobody approves their own request{edited}."
        if rule.on_expiry is OnExpiry.END:
            yield "A request that is not approved in time ends, and nothing is started."


def ruling_of(error: NotAllowed) -> Ruling | None:
    """The ruling behind a denial, with all its reasons; None where the policy did not decide it."""
    return error.decided_by if isinstance(error.decided_by, Ruling) else None


def refusal(ruling: Ruling) -> NotAllowed | NotAMember:
    """The error that says why not, by which rule."""
    if ruling.reasons[-1].why is Why.NOT_A_MEMBER:
        return not_a_member(is_known=ruling.wish.who.is_known)
    if ruling.reasons[-1].why is Why.NO_POLICY:
        return PolicyUnread(decided_by=ruling)
    text = f"{_short(ruling)} Nothing was started."
    if ruling.rule is not None and _of_nearest(ruling).why is Why.OTHER_CHANNELS:
        return NotHere(text, channels=tuple(sorted(ruling.rule.channels)), decided_by=ruling)
    return NotAllowed(text, decided_by=ruling)


def _of_nearest(ruling: Ruling) -> Reason:
    """What the rule that refused said last, or the one that came nearest to a yes."""
    return [reason for reason in ruling.reasons if reason.rule is ruling.rule or ruling.rule is None][-1]


def _short(ruling: Ruling) -> str:
    """Without the names of people, which only the whole explanation has."""
    name, rule = ruling.wish.workflow.name, ruling.rule
    if rule is None:
        return f"No policy rule is for “{name}”, so nobody may run it."
    nearest = _of_nearest(ruling)
    if nearest.why is Why.OTHER_CHANNELS:
        return f"“{name}” may not be run here: the rule “{rule.name}” is for other channels."
    if nearest.why is Why.NOT_IN_CHANNEL:
        return f"You may not run “{name}” here: the rule “{rule.name}” is for people in this channel."
    if nearest.why is Why.OTHER_PEOPLE:
        return f"You may not run “{name}”: the rule “{rule.name}” is for other people."
    return f"You may not run “{name}”: the rule “{rule.name}” {_says(nearest, rule, Names())}"
