"""The Home tab is opened, or something is begun from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.slack.forms import picker

if TYPE_CHECKING:
    from bot.domain.people import Membership
    from bot.slack.delivery.home_tabs import HomeTabs
    from bot.slack.dispatcher import Call
    from bot.slack.payloads import BlockAction, HomeOpened
    from bot.slack.responder import Responder


class HomeHandlers:
    """What happens when somebody looks at their Home tab."""

    def __init__(self, *, tabs: HomeTabs, responder: Responder) -> None:
        self._tabs = tabs
        self._responder = responder

    async def opened(self, call: Call, opened: HomeOpened, who: Membership) -> None:
        """The tab was opened; Slack tells the same of the Messages tab, which shows nothing of the bot's."""
        await call.ack_first()
        if opened.event.tab == "home":
            await self._tabs.opened(who.person, channel=opened.event.channel)

    async def run_wanted(self, call: Call, _click: BlockAction, _who: Membership) -> None:
        """Run a workflow: the picker, which asks where to report."""
        await self._responder.open(call, picker.picker(ask_channel=True, metadata=""))
