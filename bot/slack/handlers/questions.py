"""What a waiting run asks: opened as a form, answered; and a failed run resumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.questions import key_of
from bot.slack.forms import question

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.people import Membership
    from bot.service.questions import Questions
    from bot.slack.dispatcher import Body, Call
    from bot.slack.payloads import BlockAction, ViewSubmission
    from bot.slack.responder import Responder


class QuestionHandlers:
    """What happens when somebody clicks Answer or Resume."""

    def __init__(
        self,
        *,
        questions: Questions,
        responder: Responder,
        link: Callable[[str], str | None],  # a workflow's page in Orchestrator, by its id
    ) -> None:
        self._questions = questions
        self._responder = responder
        self._link = link

    async def asked(self, call: Call, click: BlockAction, who: Membership) -> None:
        """Answer: open the question as Orchestrator asks it now, to whom it asks."""
        launch = await self._questions.waiting(click.launch_id)
        view_id = await self._responder.open(call, question.loading(launch))
        found = await self._questions.asked(launch, who=who)
        view = question.answer_form(launch, found, key_of(found), link=self._link(launch.workflow.id))
        await self._responder.change(view_id, view)

    def errors(self, sent: ViewSubmission) -> Body | None:
        """What is wrong with an answer, at its field."""
        wrong = question.answer_errors(sent.view)
        return {"response_action": "errors", "errors": wrong} if wrong else None

    async def answered(self, call: Call, sent: ViewSubmission, who: Membership) -> None:
        """The answer was sent: the window is closed by now."""
        asked = question.read_asked(sent.view)
        await self._questions.answer(
            asked.launch_id,
            who=who,
            key=asked.key,
            arguments=question.read_answer(sent.view),
            interaction_id=call.interaction_id,
        )

    async def resumed(self, call: Call, click: BlockAction, who: Membership) -> None:
        """Resume was pressed and confirmed."""
        await self._questions.resume(click.launch_id, who=who, interaction_id=call.interaction_id)
