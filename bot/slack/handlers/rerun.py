"""Run again: the values of a launch that ended, in the form of its workflow as it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.people import Membership
    from bot.service.launch_views import LaunchViews
    from bot.slack.dispatcher import Call
    from bot.slack.handlers.picker import PickerHandlers
    from bot.slack.payloads import BlockAction


class RerunHandlers:
    """What happens when somebody wants the same once more.

    Nothing is decided by the click: it opens a form like any other, which policy judges when it opens and
    when it is sent, so that a right that was lost since is lost here too.
    """

    def __init__(self, *, launch_views: LaunchViews, picker: PickerHandlers) -> None:
        self._views = launch_views
        self._picker = picker

    async def run_again(self, call: Call, click: BlockAction, who: Membership) -> None:
        """Run again, or Ask again: straight to the review."""
        found = await self._views.for_repeat(click.launch_id, who=who)
        await self._picker.run_again(call, found, who=who, edit=False)

    async def edit_again(self, call: Call, click: BlockAction, who: Membership) -> None:
        """Edit and run again: to the form, filled in."""
        found = await self._views.for_repeat(click.launch_id, who=who)
        await self._picker.run_again(call, found, who=who, edit=True)
