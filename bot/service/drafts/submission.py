"""What a form that is filled in becomes: a launch, or a preset; and what the policy says of it before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.draft import check_wishes
from bot.domain.errors import NotAllowed
from bot.domain.run_history import LOOKED_AT, run_history
from bot.domain.steps.asking import reference
from bot.service.denials import denials_audited
from bot.service.drafts.validation import arguments_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.draft import Draft, LaunchOptions
    from bot.domain.execution import Argument
    from bot.domain.launch import Launch
    from bot.domain.people import Membership
    from bot.domain.policy import Policy, Rule, Ruling
    from bot.domain.run_history import RunHistory
    from bot.service.launches import Launches
    from bot.service.presets import Presets
    from bot.store.store import Store


_LOOKED_AT = 200  # of a person's newest launches


class Submission:
    """What people can do with a form once it is filled in."""

    def __init__(
        self, *, store: Store, launches: Launches, presets: Presets, policy: Callable[[], Policy]
    ) -> None:
        self._store = store
        self._launches = launches
        self._presets = presets
        self._policy = policy

    async def rule(self, draft: Draft, *, who: Membership, arguments: tuple[Argument, ...]) -> Rule:
        """The rule these answers fall under, freezes aside; NotAllowed and its like say why not."""
        _, rule = await self._launches.rule(draft=draft, who=who, arguments=arguments)
        return rule

    async def ruling(
        self,
        draft: Draft,
        *,
        who: Membership,
        arguments: tuple[Argument, ...],
        at: datetime | None = None,
    ) -> Ruling:
        """What the policy says of these answers at that moment, else now, freezes too.

        NotAllowed and its like say why not. A freeze alone is no reason: what starts later, or breaks the
        glass, may pass it.
        """
        await self.rule(draft, who=who, arguments=arguments)
        return self._policy().decide(
            workflow=draft.workflow,
            who=who,
            place=draft.place,
            arguments=arguments,
            at=at or self._store.now(),
        )

    def may_break_glass(self, who: Membership) -> bool:
        """Whether the policy lets this person pass its barriers with a written reason."""
        glass = self._policy().break_glass
        return glass is not None and glass.by.has(who)

    def wrong_reason(self, wishes: LaunchOptions) -> str:
        """What is wrong with the reason to break the glass; empty if none was given, or nothing is."""
        glass = self._policy().break_glass
        return glass.wrong_reason(wishes.break_glass) if glass and wishes.break_glass else ""

    async def _check_glass(self, wishes: LaunchOptions, *, who: Membership) -> None:
        """NotAllowed if the reason is none, or one of their own launches still awaits its review."""
        wrong, glass = self.wrong_reason(wishes), self._policy().break_glass
        if wrong:
            raise NotAllowed(f"{wrong} Nothing was started.")
        if glass is None or not glass.review_first:
            return
        theirs = await self._store.launches.find(
            person=who.person, channel="", only_open=False, limit=_LOOKED_AT
        )
        owed = next((each.launch for each in theirs.launches if _awaits_review(each.launch)), None)
        if owed is not None:
            raise NotAllowed(
                f"Your break-glass launch {owed.id[:8]} is not reviewed yet, which by the policy comes "
                "first. Nothing was started."
            )

    async def last_run(self, draft: Draft, *, who: Membership) -> Launch | None:
        """This person's newest run of the same workflow."""
        return await self._store.launches.last_run(person=who.person, workflow_id=draft.workflow.id)

    async def history(self, draft: Draft) -> RunHistory:
        """What the workflow's latest runs tell, whoever asked for them."""
        runs = await self._store.launches.latest_runs(draft.workflow.id, limit=LOOKED_AT)
        return run_history(runs)

    async def submit(
        self, draft: Draft, *, who: Membership, wishes: LaunchOptions, interaction_id: str = ""
    ) -> Launch:
        """Record the launch; BadWish if what is wished for beside the inputs cannot be."""
        check_wishes(wishes, now=self._store.now())
        if wishes.break_glass:
            async with denials_audited(self._store, who, "break the glass", workflow=draft.workflow.name):
                await self._check_glass(wishes, who=who)
        return await self._launches.request(
            draft=draft,
            who=who,
            arguments=arguments_of(draft),
            wishes=wishes,
            interaction_id=interaction_id,
        )

    async def save_preset(self, draft: Draft, name: str, *, who: Membership) -> None:
        """Keep the answers under a name; NameTaken or TooManyPresets."""
        arguments = arguments_of(draft)
        rule = await self.rule(draft, who=who, arguments=arguments)
        workflow, hidden = reference(draft.workflow), rule.hidden
        await self._presets.save(
            who=who, workflow=workflow, name=name, arguments=arguments, hidden=hidden, editors=draft.editors
        )


def _awaits_review(launch: Launch) -> bool:
    """Whether it broke the glass, and is still to be reviewed, or to end and be reviewed then."""
    return bool(launch.break_glass) and (launch.wants_review or not launch.state.is_end)
