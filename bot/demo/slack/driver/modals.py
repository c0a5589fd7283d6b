"""Submitting and closing modals: what the client refuses, what the bot answers, what is then to be seen."""

from bot.demo.slack.delivery.envelope import Ack
from bot.demo.slack.driver.gestures import Gestures
from bot.demo.slack.driver.outcomes import TROUBLE, Submitted
from bot.demo.slack.driver.places import OnView, Surface
from bot.demo.slack.driver.reading import label_of
from bot.demo.slack.driver.validation import problems
from bot.demo.slack.errors import CannotDoError, SlackRefusalError
from bot.demo.slack.limits import submission_ack_problems
from bot.demo.slack.state.directory import Member
from bot.demo.slack.state.views import Sheet
from bot.demo.slack.wire import Json


class Modals:
    """What happens to modals when people are done with them."""

    def __init__(self, gestures: Gestures) -> None:
        self._gestures = gestures
        self._workspace = gestures.workspace

    async def submit(self, member: Member, *, view_id: str) -> Submitted:
        """Press the submit button of the topmost modal."""
        surface = self._gestures.surface(member, OnView(view_id=view_id))
        sheet = self._topmost(surface)
        if sheet.view["submit"] is None:
            raise CannotDoError("this modal has no submit button")
        refused = problems(surface)
        if refused:
            return self._refused(surface, sheet, refused, sent=False)
        view = sheet.live
        payload = self._gestures.payloads.submission(
            member, view, here=sheet.here, urls=self._response_urls(surface)
        )
        ack = await self._gestures.post.send("interactive", payload)
        return self._answered(surface, sheet, view, ack)

    async def close(self, member: Member, *, view_id: str, everything: bool) -> None:
        """Press a modal's close button, or its cross, which closes everything."""
        sheet = self._topmost(self._gestures.surface(member, OnView(view_id=view_id)))
        is_cleared = everything or sheet.view["clear_on_close"]
        closing = self._workspace.views.stack(member.id)[::-1] if is_cleared else [sheet]
        for each in closing:
            live = each.live
            self._workspace.views.close(each)
            if each.view["notify_on_close"]:
                payload = self._gestures.payloads.closed(member, live, is_cleared=is_cleared)
                await self._gestures.post.send("interactive", payload)

    def _topmost(self, surface: Surface) -> Sheet:
        stack = self._workspace.views.stack(surface.member.id)
        if surface.sheet is None or not stack or stack[-1] is not surface.sheet:
            raise CannotDoError("this view is not on top")
        return surface.sheet

    def _answered(self, surface: Surface, sheet: Sheet, sent: Json, ack: Ack) -> Submitted:
        if not ack.ok:
            return Submitted(ok=False, error=TROUBLE)
        said = submission_ack_problems(ack.body, blocks=sent["blocks"]) if ack.body else []
        self._workspace.violated(f"ack of {sent['callback_id']}", said)
        if said:
            return Submitted(ok=False, error=TROUBLE)
        if ack.body.get("response_action") == "errors":
            return self._refused(surface, sheet, ack.body["errors"], sent=True)
        try:
            self._show(surface.member, sheet, ack.body)
        except SlackRefusalError as refusal:
            self._workspace.violated(f"ack of {sent['callback_id']}", [refusal.code])
            return Submitted(ok=False, error=TROUBLE)
        return Submitted(ok=True, closed=not self._workspace.views.stack(surface.member.id))

    def _show(self, member: Member, sheet: Sheet, body: Json) -> None:
        views = self._workspace.views
        is_open = sheet in views.stack(member.id)
        match body.get("response_action"):
            case "update" if is_open:
                views.replace(sheet, body["view"])
            case "push" if is_open:
                views.push(member.id, body["view"], here=sheet.here)
            case "clear":
                views.clear(member.id)
            case None if is_open:
                views.close(sheet)
            case _:
                return

    def _refused(self, surface: Surface, sheet: Sheet, errors: dict[str, str], *, sent: bool) -> Submitted:
        sheet.errors = dict(errors)
        self._workspace.views.told(sheet)
        labels = {field.key[0]: label_of(field) for field in surface.fields}
        named = {labels.get(block_id, block_id): words for block_id, words in errors.items()}
        return Submitted(ok=False, sent=sent, errors=dict(errors), error_at=named)

    def _response_urls(self, surface: Surface) -> list[Json]:
        urls = []
        for field in surface.fields:
            chosen = surface.answer(field)
            if field.element.get("response_url_enabled") and isinstance(chosen, str):
                user = surface.member.id
                block_id, action_id = field.key
                url = self._gestures.payloads.response_url("app", user=user, channel=chosen)
                place = {"block_id": block_id, "action_id": action_id, "channel_id": chosen}
                urls.append({**place, "response_url": url})
        return urls
