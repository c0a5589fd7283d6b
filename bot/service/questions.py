"""Questions of waiting runs, answered by those they ask; and failed runs that wait to be resumed.

The intent is committed before the answer leaves, the question is read again right before, and the end of
the interaction in the inbox is one transaction with what came of it. Who takes up an interaction that was
left half done looks first: where Orchestrator asks the same still, the answer never arrived.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.domain.errors import (
    AnswerLost,
    Declined,
    NotAllowed,
    NothingSent,
    OrchestratorError,
    Refusal,
    TooLate,
)
from bot.domain.execution import Argument
from bot.domain.launch import Happening, State
from bot.domain.policy.explaining import refusal
from bot.domain.questions import (
    RESUME,
    SYSTEM_ACTION,
    assignees_of,
    can_resume,
    check_assignee,
    key_of,
    name_of,
)
from bot.domain.steps import answering
from bot.domain.workflow import ParameterType
from bot.service.denials import denials_audited

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.domain.execution import Interaction
    from bot.domain.launch import Launch
    from bot.domain.people import Membership
    from bot.domain.policy import Policy
    from bot.orchestrator.client import Orchestrator
    from bot.service.secrets import Secrets
    from bot.store.store import Store
    from bot.store.transaction import Transaction

_MOVED_ON = (
    "The run does not ask this any more: somebody answered it, or it asks something else by now. "
    "Nothing was answered by you."
)
_NOT_KNOWN = (
    "Orchestrator did not say whether it took your answer. If the run still waits in a minute, answer again; "
    "the thread tells when it goes on."
)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What is sent to a waiting run, by whom, and under what it is told."""

    launch_id: str
    who: Membership
    key: str  # of the question that was shown
    arguments: tuple[Argument, ...]
    what: Happening
    interaction_id: str


class Questions:
    """What people can do about a run that waits for them."""

    def __init__(
        self,
        *,
        store: Store,
        orchestrator: Orchestrator,
        policy: Callable[[], Policy],
        secrets: Secrets,
    ) -> None:
        self._store = store
        self._orchestrator = orchestrator
        self._policy = policy
        self._secrets = secrets

    async def waiting(self, launch_id: str) -> Launch:
        """The launch if its run waits for people; TooLate if it does not."""
        launch = await self._store.transact(lambda tx: tx.launch(launch_id))
        if launch.state is not State.WAITING or launch.execution_id is None:
            raise TooLate("The run does not wait for an answer any more.")
        return launch

    async def asked(self, launch: Launch, *, who: Membership) -> Interaction:
        """The question as Orchestrator asks it now, if it is this person's to answer; else NotAllowed."""
        question = await self._read(launch)
        if question is None:
            raise TooLate("The run does not ask anything any more. Nothing was answered.")
        async with denials_audited(self._store, who, "answer", launch_id=launch.id):
            self._check(launch, question, who=who)
        return question

    async def answer(
        self,
        launch_id: str,
        *,
        who: Membership,
        key: str,
        arguments: tuple[Argument, ...],
        interaction_id: str,
    ) -> None:
        """Answer the question that was shown, once; a Refusal or OrchestratorError says why it was not."""
        await self._send(
            Reply(
                launch_id=launch_id,
                who=who,
                key=key,
                arguments=arguments,
                what=Happening.ANSWERED,
                interaction_id=interaction_id,
            )
        )

    async def resume(self, launch_id: str, *, who: Membership, interaction_id: str) -> None:
        """Let a failed run try the failed item again, with the inputs it was started with.

        They were approved as they are, so nothing is approved again; the policy must allow the run to this
        person now.
        """
        launch = await self._store.transact(lambda tx: tx.launch(launch_id))
        key = launch.answering_key
        if launch.answering != interaction_id:
            launch = await self.waiting(launch_id)
            await self._check_resume(launch, who=who)
            question = await self._read(launch)
            if question is None or not can_resume(question):
                raise TooLate("The run does not wait to be resumed any more. Nothing was resumed.")
            key = key_of(question)
        action = Argument(name=SYSTEM_ACTION, type=ParameterType(declared="string"), value=RESUME)
        await self._send(
            Reply(
                launch_id=launch_id,
                who=who,
                key=key,
                arguments=(action, *await self._secrets.reveal(self._store, launch)),
                what=Happening.RESUME_ASKED,
                interaction_id=interaction_id,
            )
        )

    async def _check_resume(self, launch: Launch, *, who: Membership) -> None:
        """NotAllowed and its like unless this person may run just this now."""
        ruling = self._policy().decide(
            workflow=launch.workflow, who=who, place=launch.place, arguments=launch.arguments
        )
        async with denials_audited(self._store, who, "resume", launch_id=launch.id):
            if not ruling.allowed:
                raise refusal(ruling)

    def _check(self, launch: Launch, question: Interaction, *, who: Membership) -> None:
        if can_resume(question):
            raise TooLate("The run has failed and can be resumed, with the button for it.")
        policy = self._policy()
        check_assignee(question, who, known=dict(policy.assignees))
        runs = policy.find(workflow=launch.workflow, who=who, place=launch.place) is not None
        if not assignees_of(question) and not runs:
            raise NotAllowed("Only those who may run this workflow can answer what it asks of anybody.")

    async def _read(self, launch: Launch) -> Interaction | None:
        return await self._orchestrator.interaction(launch.workflow.id, launch.execution_id or "")

    # send it once

    async def _send(self, reply: Reply) -> None:
        launch, is_again = await self._intend(reply)
        try:
            question = await self._read(launch)
            is_same = question is not None and key_of(question) == reply.key
            if not is_same and not is_again:
                raise TooLate(_MOVED_ON)
            if is_same and question is not None:  # else a former try was heard
                if reply.what is Happening.ANSWERED:
                    async with denials_audited(self._store, reply.who, "answer", launch_id=launch.id):
                        self._check(launch, question, who=reply.who)
                await self._post(launch, reply)
        except Refusal:
            await self._give_up(reply)
            raise
        except (NothingSent, Declined) as no:
            await self._give_up(reply)
            raise Refusal(f"{_first_sentence(no)} Nothing was answered. Please try again.") from no
        except AnswerLost as lost:
            raise Refusal(_NOT_KNOWN) from lost
        await self._record(reply, question)

    async def _intend(self, reply: Reply) -> tuple[Launch, bool]:
        """Commit the intent; with whether a former try of the same interaction may have been heard."""

        def mean(tx: Transaction) -> tuple[Launch, bool]:
            launch = tx.launch(reply.launch_id)
            if launch.answering == reply.interaction_id:
                return launch, True
            step = answering.intended(launch, key=reply.key, interaction_id=reply.interaction_id, now=tx.now)
            return tx.save(step), False

        return await self._store.transact(mean)

    async def _post(self, launch: Launch, reply: Reply) -> None:
        """Send it; where no answer comes, look whether the same is asked still."""
        try:
            await self._orchestrator.answer(launch.workflow.id, launch.execution_id or "", reply.arguments)
        except AnswerLost as lost:
            try:
                question = await self._read(launch)
            except OrchestratorError:
                raise lost from None
            if question is not None and key_of(question) == reply.key:
                raise

    async def _give_up(self, reply: Reply) -> None:
        def free(tx: Transaction) -> None:
            tx.complete(reply.interaction_id)
            tx.save(answering.given_up(tx.launch(reply.launch_id)))

        await self._store.transact(free)

    async def _record(self, reply: Reply, question: Interaction | None) -> None:
        def note(tx: Transaction) -> None:
            tx.complete(reply.interaction_id)
            launch = tx.launch(reply.launch_id)
            detail = _detail(tx, launch, reply, question)
            tx.save(answering.answered(launch, what=reply.what, who=reply.who, detail=detail, now=tx.now))

        await self._store.transact(note)


def _first_sentence(error: OrchestratorError) -> str:
    return f"{error.message.partition('. ')[0].rstrip('.')}."


def _detail(tx: Transaction, launch: Launch, reply: Reply, question: Interaction | None) -> Mapping[str, Any]:
    """What the audit keeps of it: the question, and the answer as the rule has arguments kept."""
    if reply.what is Happening.RESUME_ASKED:
        return {}  # the arguments are those of the request, which the audit has
    asked = name_of(question) if question and key_of(question) == reply.key else ""
    return {"question": asked, "answer": tx.audited(launch, reply.arguments)}
