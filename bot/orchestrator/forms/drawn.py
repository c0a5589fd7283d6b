"""A workflow's form: its custom form, else its legacy presentation, else its plain inputs."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.errors import NotSupported, NotVisible, OrchestratorError, UnreadableAnswer
from bot.domain.forms.form import Remark
from bot.domain.forms.plain import plain_form
from bot.orchestrator.forms.custom import custom_form
from bot.orchestrator.forms.mandatory import ContentAnswer, mandatory_in
from bot.orchestrator.forms.presentation import presentation_form
from bot.orchestrator.forms.presented import PresentationAnswer, presented
from bot.orchestrator.forms.shapes import FormAnswer
from bot.orchestrator.reading import read
from bot.orchestrator.transport import ApiCall

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.forms.form import Form
    from bot.domain.workflow import Workflow
    from bot.orchestrator.transport import Transport

_log = logging.getLogger(__name__)
_PATIENCE = 1.0  # seconds for each way: a person waits for the form
_ABSENT = 300.0  # seconds in which a server without presentations is not asked for one
_UNREAD = (
    "Orchestrator did not give this workflow's own form, so its inputs are asked for plainly: "
    "what the form would check is not checked."
)


class DrawnForms:
    """Reads forms; whichever way fails, a form comes out."""

    def __init__(self, transport: Transport, *, clock: Callable[[], float]) -> None:
        self._transport = transport
        self._clock = clock
        self._no_presentations_until = -float("inf")

    async def read(self, workflow: Workflow) -> Form:
        """The workflow's form, within some seconds; what could not be read is among its remarks."""
        failed = False
        for way in (self._custom, self._presentation):
            try:
                async with asyncio.timeout(_PATIENCE):
                    form = await way(workflow)
            except (OrchestratorError, TimeoutError) as error:
                _log.warning("a form of workflow %s could not be read: %s", workflow.id, type(error).__name__)
                failed = True
                continue
            if form is not None:
                return _remarked(form) if failed else form
        plain = plain_form(workflow, mandatory=await self._mandatory(workflow))
        return _remarked(plain) if failed else plain

    async def _mandatory(self, workflow: Workflow) -> frozenset[str]:
        """The inputs its definition calls mandatory; where it cannot be read, the policy alone says so."""
        try:
            async with asyncio.timeout(_PATIENCE):
                answer = await self._transport.send(ApiCall(path=("workflows", workflow.id, "content")))
                return await read(answer, ContentAnswer, mandatory_in)
        except (OrchestratorError, TimeoutError) as error:
            _log.info("the content of workflow %s is not known: %s", workflow.id, type(error).__name__)
            return frozenset()

    async def _custom(self, workflow: Workflow) -> Form | None:
        """404 for a workflow without one, and from servers that know none."""
        answer = await self._transport.send(ApiCall(path=("forms", workflow.id)))
        try:
            return await read(answer, FormAnswer, lambda told: _custom(told, workflow))
        except (NotVisible, NotSupported):
            return None

    async def _presentation(self, workflow: Workflow) -> Form | None:
        """Where there are presentations, every workflow has one: 404 speaks of the server."""
        if self._clock() < self._no_presentations_until:
            return None
        answer = await self._transport.send(ApiCall(path=("workflows", workflow.id, "presentation")))
        try:
            return await read(
                answer, PresentationAnswer, lambda told: presentation_form(presented(told), workflow)
            )
        except (NotVisible, NotSupported):
            self._no_presentations_until = self._clock() + _ABSENT
            return None


def _custom(answer: FormAnswer, workflow: Workflow) -> Form | None:
    """A form that places nothing is the default one; an answer that is no form proves nothing."""
    if not answer.model_fields_set & {"layout", "described"}:
        raise UnreadableAnswer
    places = any(section.fields for page in answer.layout.pages for section in page.sections)
    return custom_form(answer, workflow) if places else None


def _remarked(form: Form) -> Form:
    return replace(form, remarks=(Remark(field="", why=_UNREAD), *form.remarks))
