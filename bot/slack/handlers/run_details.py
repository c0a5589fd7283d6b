"""What a run gave back and what its log says: shown to whoever asks, or shared as files in the thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.errors import OrchestratorError, TooLate
from bot.slack.errors import in_words
from bot.slack.forms import run_details
from bot.slack.forms.messages import message_view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.launch import Launch
    from bot.domain.people import Membership
    from bot.service.launch_views import LaunchViews
    from bot.service.run_logs import RunLogs
    from bot.slack.dispatcher import Call
    from bot.slack.payloads import BlockAction
    from bot.slack.responder import Responder
    from bot.slack.uploads import TextFile, Uploads


class RunDetailHandlers:
    """What happens when somebody wants to see more of a run than its card and thread show."""

    def __init__(
        self, *, launch_views: LaunchViews, run_logs: RunLogs, responder: Responder, uploads: Uploads
    ) -> None:
        self._views = launch_views
        self._logs = run_logs
        self._responder = responder
        self._uploads = uploads

    async def outputs_asked(self, call: Call, click: BlockAction, who: Membership) -> None:
        """Show all outputs: the first page of them."""
        found = await self._views.read(click.launch_id, who=who)
        view = run_details.outputs_view(found.launch, 0, files=not self._uploads.are_off)
        await self._responder.open(call, view)

    async def outputs_turned(self, call: Call, click: BlockAction, who: Membership) -> None:
        """Another page of them."""
        found = await self._views.read(click.launch_id, who=who)
        call.ack()
        page = int(click.seen) if click.seen.isdecimal() else 0
        view = run_details.outputs_view(found.launch, page, files=not self._uploads.are_off)
        await self._responder.change(click.view.id, view)

    async def outputs_filed(self, call: Call, click: BlockAction, who: Membership) -> None:
        """As files in the thread."""
        launch = await self._views.to_share(click.launch_id, who=who)
        call.ack()
        await self._share(launch, run_details.output_files(launch))
        await self._say_shared(click)

    async def log_asked(self, call: Call, click: BlockAction, who: Membership) -> None:
        """Show log: the newest lines."""
        launch = await self._logs.may_read(click.launch_id, who=who)
        view_id = await self._responder.open(call, run_details.log_loading(launch))
        await self._show_log(launch, view_id, level="info")

    async def level_chosen(self, call: Call, click: BlockAction, who: Membership) -> None:
        """The lines of another level."""
        launch = await self._logs.may_read(click.view.private_metadata, who=who)
        call.ack()
        await self._show_log(launch, click.view.id, level=run_details.read_level(click.selected_value))

    async def log_filed(self, call: Call, click: BlockAction, who: Membership) -> None:
        """The whole log as a file in the thread, where the policy lets the thread have it."""
        launch = await self._logs.may_share(click.launch_id, who=who)
        call.ack()
        lines = await self._logs.lines(launch, level="debug")
        await self._share(launch, [run_details.log_file(launch, lines)])
        await self._say_shared(click)

    async def _show_log(self, launch: Launch, view_id: str, *, level: str) -> None:
        try:
            lines = await self._logs.lines(launch, level=level)
        except OrchestratorError as error:
            await self._responder.change(view_id, message_view("Log", in_words(error)))
            return
        may_share = launch.log == "thread" and not self._uploads.are_off
        view = run_details.log_view(launch, lines, level=level, file=may_share)
        await self._responder.change(view_id, view)

    async def _share(self, launch: Launch, files: Sequence[TextFile]) -> None:
        home = await self._views.home(launch)
        if home is None:
            raise TooLate("This launch has no card yet, so there is no thread to put files into.")
        await self._uploads.share(files, channel=home.channel, thread_ts=home.ts)

    async def _say_shared(self, click: BlockAction) -> None:
        text = "The files are on their way into the thread of the launch's card."
        await self._responder.change(click.view.id, message_view("Shared", text))
