"""How rules become an answer: in the order of the file, the first that fits decides, and doubt is a no."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.policy.arguments import Fit, fit, lock_of, out_of_bounds
from bot.domain.policy.freezes import frozen
from bot.domain.policy.rule import InFreeze
from bot.domain.policy.ruling import Reason, Ruling, Why

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.policy.freezes import Freeze
    from bot.domain.policy.policy import Policy
    from bot.domain.policy.rule import Rule
    from bot.domain.policy.ruling import Wish

log = logging.getLogger(__name__)

_PASSED_OVER = (Why.OTHER_PEOPLE, Why.OTHER_CHANNELS, Why.OTHER_ARGUMENTS)  # the last is nearest to a yes


def judge(policy: Policy, wish: Wish) -> Ruling:
    """Look at the rules that may concern the workflow, one by one until one decides."""
    if not wish.who.is_member:
        return _no(wish, None, (Reason(why=Why.NOT_A_MEMBER),))
    if not policy.is_read:
        return _no(wish, None, (Reason(why=Why.NO_POLICY),))
    passed: list[Reason] = []
    for rule in (policy.rules[number] for number in policy.index.concerning(wish.workflow)):
        try:
            found = _look(rule, wish)
            if found is not None and found.why not in _PASSED_OVER:
                return _settle(policy, rule, wish, (*passed, found))
        except Exception:  # whatever goes wrong in evaluating, the answer is no
            log.exception("the policy rule %s could not be evaluated", rule.name)
            return _no(wish, rule, (*passed, Reason(why=Why.FAILED, rule=rule)))
        passed += [found] if found else []
    nearest = max(passed, key=lambda each: _PASSED_OVER.index(each.why)).rule if passed else None
    return _no(wish, nearest, (*passed, Reason(why=Why.NO_RULE)))


def _no(wish: Wish, rule: Rule | None, reasons: tuple[Reason, ...]) -> Ruling:
    return Ruling(allowed=False, wish=wish, rule=rule, reasons=reasons)


def _look(rule: Rule, wish: Wish) -> Reason | None:
    """What one rule says of the wish; None if it is for other workflows."""
    unknown_tags = bool(rule.tags) and wish.workflow.tags is None
    covers = rule.covers(wish.workflow)
    if not covers and not unknown_tags:
        return None
    theirs = rule.run.has(wish.who)
    in_doubt = rule.run.is_in_doubt(wish.who)
    if not theirs and not in_doubt:
        return Reason(why=Why.OTHER_PEOPLE, rule=rule)
    if wish.place is not None and rule.channels and wish.place.channel_id not in rule.channels:
        return Reason(why=Why.OTHER_CHANNELS, rule=rule)
    if in_doubt or not covers:
        return Reason(why=Why.NO_MEMBERS if in_doubt else Why.NO_TAGS, rule=rule)
    return _look_at_arguments(rule, wish)


def _look_at_arguments(rule: Rule, wish: Wish) -> Reason:
    """Whether the rule is for these arguments: one surely different passes it over, else doubt is a no."""
    if wish.arguments is None:
        return Reason(why=Why.MAY_DECIDE if rule.when else Why.DECIDES, rule=rule)
    tried = [(test, fit(test, wish.arguments)) for test in rule.when]
    for test, found in sorted(tried, key=lambda each: each[1] is not Fit.NO):
        if found is Fit.NO:
            return Reason(why=Why.OTHER_ARGUMENTS, rule=rule, argument=test.name, fit=found)
        if found is not Fit.YES:
            return Reason(why=Why.NO_ANSWER, rule=rule, argument=test.name, fit=found)
    outside = out_of_bounds(rule, wish.arguments)
    if outside is not None:
        return Reason(why=Why.OUT_OF_BOUNDS, rule=rule, argument=outside)
    if rule.one_at_a_time and lock_of(rule, wish.arguments) is None:
        return Reason(why=Why.NO_LOCK, rule=rule)
    return Reason(why=Why.DECIDES, rule=rule)


def _settle(policy: Policy, rule: Rule, wish: Wish, reasons: tuple[Reason, ...]) -> Ruling:
    """The answer of the rule that decides."""
    if reasons[-1].why not in {Why.DECIDES, Why.MAY_DECIDE}:
        return _no(wish, rule, reasons)
    lock, at_most = lock_of(rule, wish.arguments or ()) or "", policy.at_most
    if wish.break_glass:
        theirs = policy.break_glass is not None and policy.break_glass.by.has(wish.who)
        reasons = (*reasons, Reason(why=Why.GLASS_BROKEN if theirs else Why.GLASS_NOT_THEIRS, rule=rule))
        return Ruling(allowed=theirs, wish=wish, rule=rule, reasons=reasons, lock=lock, at_most=at_most)
    free = Ruling(
        allowed=True,
        wish=wish,
        rule=rule,
        reasons=reasons,
        approve=rule.approve,
        lock=lock,
        at_most=at_most,
    )
    held = frozen(policy.freezes, wish.at) if wish.at and rule.in_freeze is not InFreeze.RUN else None
    return free if held is None else _freeze(free, rule, *held)


def _freeze(free: Ruling, rule: Rule, freeze: Freeze, until: datetime) -> Ruling:
    """What would hold outside the freeze, made to wait for its end or refused."""
    waits = rule.in_freeze is InFreeze.WAIT
    why = Why.FREEZE_WAITS if waits else Why.FREEZE_REFUSES
    reason = Reason(why=why, rule=rule, freeze=freeze, until=until)
    return replace(free, allowed=waits, reasons=(*free.reasons, reason), freeze=freeze, until=until)
