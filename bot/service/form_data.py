"""What Orchestrator works out of a form while it is filled in, and what it checks at the end."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict, defaultdict
from typing import TYPE_CHECKING

from bot.domain.errors import NotChecked, OrchestratorError, UnreadableAnswer
from bot.domain.forms.form import SourceKind
from bot.domain.forms.found import Answer, FormAnswers, SourceQuery, Trouble
from bot.domain.forms.live import as_it_stands, checks
from bot.domain.values import is_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bot.domain.execution import Argument
    from bot.domain.forms.form import Form, Typed
    from bot.orchestrator.client import Orchestrator
    from bot.orchestrator.forms.presented import Presented

log = logging.getLogger(__name__)

PATIENCE = 2.0  # seconds for all that is asked of a form in a row: Slack shows it within three
CHECKING = 8.0  # seconds for the checks before a launch is recorded
_FRESH = 20.0  # seconds in which an answer is not asked for again
_MOST = 2_000  # answers kept
_AT_ONCE = 8  # of the questions of one form


class FormData:
    """Asks side by side, in bounded time; trouble is an answer, never an error."""

    def __init__(self, *, orchestrator: Orchestrator, clock: Callable[[], float] = time.monotonic) -> None:
        self._orchestrator = orchestrator
        self._clock = clock
        self._kept: OrderedDict[tuple[str, SourceQuery], tuple[float, Answer]] = OrderedDict()

    async def settle(
        self, workflow_id: str, form: Form, typed: Mapping[str, Typed], found: FormAnswers
    ) -> FormAnswers:
        """Ask all that is open and what follows from the answers, until nothing is or the time is over."""
        until = self._clock() + PATIENCE
        while questions := as_it_stands(form, typed, found).questions:
            left = until - self._clock()
            found = found.joined(
                await self.ask(workflow_id, questions, within=left) if left > 0 else _late(questions)
            )
        return found

    async def ask(
        self, workflow_id: str, questions: Sequence[SourceQuery], *, within: float = PATIENCE
    ) -> FormAnswers:
        """Every question's answer, or why there is none; `within` are seconds."""
        kept = {each: self._fresh(workflow_id, each) for each in dict.fromkeys(questions)}
        open_ones = [each for each, answer in kept.items() if answer is None]
        asked = await self._ask(workflow_id, open_ones, within=within)
        for question, answer in asked.items():
            if answer.trouble is None:
                self._keep(workflow_id, question, answer)
        answers = {each: answer or asked[each] for each, answer in kept.items()}
        return FormAnswers(answers=tuple(answers.items()))

    async def validate(
        self,
        workflow_id: str,
        form: Form,
        *,
        typed: Mapping[str, Typed],
        found: FormAnswers,
        arguments: Sequence[Argument],
    ) -> dict[str, str]:
        """What the form's own checks find wrong, by field; `""` is the form as a whole.

        Raises NotChecked where one cannot be made. Checks that read a secret or a file are the workflow's.
        """
        problems: dict[str, str] = {}
        try:
            async with asyncio.timeout(CHECKING):
                for validation, question in checks(form, typed, found):
                    if question.kind is SourceKind.PRESENTATION:
                        problems |= await self._judged(workflow_id, arguments)
                    elif said := await self._said(workflow_id, question):
                        told = [each for each in validation.targets if form.field(each)] or [""]
                        problems |= {each: f"{problems.get(each, '')} {said}".strip() for each in told}
        except (OrchestratorError, TimeoutError) as error:
            log.warning("a form of workflow %s could not be checked: %s", workflow_id, type(error).__name__)
            raise NotChecked from error
        return problems

    async def _said(self, workflow_id: str, question: SourceQuery) -> str:
        """What a check says is wrong; nothing where all is well."""
        said = await self._orchestrator.run_action(workflow_id, question.id, question.inputs)
        return said.strip() if isinstance(said, str) else ""

    async def _judged(self, workflow_id: str, arguments: Sequence[Argument]) -> dict[str, str]:
        """What the server says of the answers; of a secret, which it is not told here, it can say nothing."""
        told = [each for each in arguments if not is_secret(each.value)]
        shown = await self._orchestrator.presented(workflow_id, told)
        names = {each.name for each in told}
        return {each.name: each.problem for each in shown if each.problem and each.name in names}

    async def _ask(
        self, workflow_id: str, questions: Sequence[SourceQuery], *, within: float
    ) -> dict[SourceQuery, Answer]:
        """Presentations answer all questions with the same inputs at once, actions one each."""
        groups: dict[object, list[SourceQuery]] = defaultdict(list)
        for each in questions:
            groups[each.inputs if each.kind is SourceKind.PRESENTATION else each].append(each)
        gate = asyncio.Semaphore(_AT_ONCE)
        asking = (self._group(workflow_id, each, gate, within=within) for each in groups.values())
        return dict(pair for pairs in await asyncio.gather(*asking) for pair in pairs)

    async def _group(
        self, workflow_id: str, questions: Sequence[SourceQuery], gate: asyncio.Semaphore, *, within: float
    ) -> list[tuple[SourceQuery, Answer]]:
        try:
            async with asyncio.timeout(within), gate:
                return await self._answers(workflow_id, questions)
        except TimeoutError:
            trouble = Trouble.TOO_LATE
        except UnreadableAnswer:
            trouble = Trouble.NONSENSE
        except OrchestratorError:
            trouble = Trouble.FAILED
        log.warning("%r of workflow %s %s", questions[0].id, workflow_id, trouble.value)
        return [(each, Answer(trouble=trouble)) for each in questions]

    async def _answers(
        self, workflow_id: str, questions: Sequence[SourceQuery]
    ) -> list[tuple[SourceQuery, Answer]]:
        first = questions[0]
        match first.kind:
            case SourceKind.ACTION:
                value = await self._orchestrator.run_action(workflow_id, first.id, first.inputs)
                return [(first, Answer(value=value))]
            case SourceKind.PRESENTATION:
                shown = await self._orchestrator.presented(workflow_id, first.inputs)
                return [(each, _presented(each, shown)) for each in questions]
            case SourceKind.INVENTORY | SourceKind.CASES | SourceKind.JOINED | SourceKind.NOT_UNDERSTOOD:
                return [(first, Answer(trouble=Trouble.NOT_UNDERSTOOD))]

    def _fresh(self, workflow_id: str, question: SourceQuery) -> Answer | None:
        until, answer = self._kept.get((workflow_id, question), (0.0, None))
        return answer if self._clock() < until else None

    def _keep(self, workflow_id: str, question: SourceQuery, answer: Answer) -> None:
        self._kept[workflow_id, question] = (self._clock() + _FRESH, answer)
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)


def _late(questions: Iterable[SourceQuery]) -> FormAnswers:
    return FormAnswers(answers=tuple((each, Answer(trouble=Trouble.TOO_LATE)) for each in questions))


def _presented(question: SourceQuery, shown: Iterable[Presented]) -> Answer:
    name, _, facet = question.id.rpartition("/")
    field = next((each for each in shown if each.name == name), None)
    if field is None:
        return Answer(trouble=Trouble.NONSENSE)
    match facet:
        case "choices":
            return Answer(value=field.choices or ())
        case "visible":
            return Answer(value=not field.hidden)
        case _:
            return Answer(value=field.value)
