"""What concerns one person now: what waits for them, what is theirs and goes on, what they ran lately."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.launch import State
from bot.domain.people import Place
from bot.domain.questions import asks

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.launch import Launch
    from bot.domain.people import Membership
    from bot.domain.policy import Policy
    from bot.domain.preset import Preset
    from bot.service.launches import Launches
    from bot.service.presets import Presets
    from bot.store.launches import Listed
    from bot.store.store import Store

_READ = 60  # of a person's newest launches
_OPEN = 200  # launches that wait for somebody, of which those for this person are picked


@dataclass(frozen=True, kw_only=True)
class Overview:
    """One person's launches and presets, newest first."""

    needs_them: tuple[Listed, ...]  # to decide, answer, resume or settle
    going_on: tuple[Listed, ...]  # their own, running or planned
    recent: tuple[Listed, ...]  # their own, ended
    presets: tuple[Preset, ...]
    unreadable: int


class Overviews:
    """Reads what concerns people; rights are asked again when they click."""

    def __init__(
        self, *, store: Store, launches: Launches, presets: Presets, policy: Callable[[], Policy]
    ) -> None:
        self._store = store
        self._launches = launches
        self._presets = presets
        self._policy = policy

    async def of(self, who: Membership) -> Overview:
        """All of it; what this release cannot read is counted."""
        own = await self._store.launches.find(person=who.person, channel="", only_open=False, limit=_READ)
        waiting = await self._store.launches.waiting(limit=_OPEN)
        needs = tuple(each for each in waiting.launches if self._needs(each.launch, who))
        needed = {each.launch.id for each in needs}
        theirs = [each for each in own.launches if each.launch.id not in needed]
        return Overview(
            needs_them=needs,
            going_on=tuple(each for each in theirs if not each.launch.state.is_end),
            recent=tuple(each for each in theirs if each.launch.state.is_end),
            presets=await self._presets.offered(who=who, place=Place(channel_id="")),
            unreadable=len(own.unreadable | waiting.unreadable),
        )

    async def changes(self) -> int:
        """A number that grows with everything that happens to any launch."""
        return (await self._store.audit.head()).number

    def _needs(self, launch: Launch, who: Membership) -> bool:
        match launch.state:
            case State.AWAITING_APPROVAL:
                return _decides(launch, who)
            case State.WAITING:
                return self._answers(launch, who)
            case State.UNCERTAIN:
                is_open = launch.search is not None and launch.search.needs_person
                return is_open and self._launches.may_see(launch, who=who)
            case _:
                return False

    def _answers(self, launch: Launch, who: Membership) -> bool:
        question = launch.question
        if question is None or question.can_resume or not question.assignees:
            return launch.requester == who.person
        return asks(question.assignees, who, known=dict(self._policy().assignees))


def _decides(launch: Launch, who: Membership) -> bool:
    approval = launch.approval
    if approval is None or approval.stage is None or launch.excluded & who.identities:
        return False
    has_voted = any(vote.identities & who.identities for vote in approval.votes)
    return not has_voted and approval.stage.voters.has(who)
