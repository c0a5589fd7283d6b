"""views.*: opening, stacking and changing modals, and publishing the Home tab."""

from collections.abc import Mapping

from bot.demo.slack.api.methods import TIER_4, Arguments, Desk, Method
from bot.demo.slack.errors import SlackRefusalError
from bot.demo.slack.limits import MOST_VIEW_BYTES, json_bytes, view_problems
from bot.demo.slack.limits.rules import Surface
from bot.demo.slack.state.views import Sheet
from bot.demo.slack.wire import Json


def open_view(desk: Desk, arguments: Arguments) -> Json:
    """Open a modal; from inside a modal it goes on top, from anywhere else it replaces what is open."""
    view = checked_view(desk, arguments, where="views.open", surface="modal")
    trigger = desk.workspace.triggers.check(arguments.need("trigger_id"))
    views = desk.workspace.views
    show = views.push if trigger.from_modal and views.stack(trigger.user) else views.open
    sheet = show(trigger.user, view, here=trigger.here)
    trigger.is_used = True
    return {"view": sheet.view}


def push_view(desk: Desk, arguments: Arguments) -> Json:
    """Put a modal on top of the open ones."""
    view = checked_view(desk, arguments, where="views.push", surface="modal")
    trigger = desk.workspace.triggers.check(arguments.need("trigger_id"))
    if not desk.workspace.views.stack(trigger.user):
        raise SlackRefusalError("not_found")
    sheet = desk.workspace.views.push(trigger.user, view, here=trigger.here)
    trigger.is_used = True
    return {"view": sheet.view}


def update_view(desk: Desk, arguments: Arguments) -> Json:
    """Change an open modal or a Home tab."""
    view_id, external_id = arguments.text("view_id"), arguments.text("external_id")
    if not (view_id or external_id):
        problem = "[ERROR] must define either view_id or external_id [json-pointer:/]"
        raise SlackRefusalError("invalid_arguments", messages=(problem,))
    sheet = desk.workspace.views.find(view_id=view_id, external_id=external_id)
    surface: Surface = "home" if sheet is not None and sheet.view["type"] == "home" else "modal"
    view = checked_view(desk, arguments, where="views.update", surface=surface)
    if sheet is None:
        raise SlackRefusalError("not_found")
    _check_hash(sheet, arguments)
    return {"view": desk.workspace.views.replace(sheet, view).view}


def publish_view(desk: Desk, arguments: Arguments) -> Json:
    """Publish somebody's Home tab."""
    view = checked_view(desk, arguments, where="views.publish", surface="home")
    user = arguments.need("user_id")
    if user not in desk.workspace.directory.members:
        raise SlackRefusalError("user_not_found")
    if not desk.workspace.has_home_tab:
        raise SlackRefusalError("not_enabled")
    home = desk.workspace.views.home(user)
    if home is not None:
        _check_hash(home, arguments)
    return {"view": desk.workspace.views.publish(user, view).view}


def checked_view(desk: Desk, arguments: Arguments, *, where: str, surface: Surface) -> Json:
    """The view of a call, or a refusal that says what is wrong with it."""
    view = arguments.data("view")
    if view is None:
        problem = "[ERROR] missing required field: view [json-pointer:/]"
        raise SlackRefusalError("invalid_arguments", messages=(problem,))
    problems = view_problems(view, surface=surface)
    desk.workspace.violated(where, problems)
    if problems or not isinstance(view, dict):
        raise SlackRefusalError("invalid_arguments", messages=tuple(problems))
    if json_bytes(view) > MOST_VIEW_BYTES:
        desk.workspace.violated(where, [f"the view is larger than {MOST_VIEW_BYTES} bytes"])
        raise SlackRefusalError("view_too_large")
    return view


def _check_hash(sheet: Sheet, arguments: Arguments) -> None:
    wanted = arguments.text("hash")
    if wanted is not None and wanted != sheet.view["hash"]:
        raise SlackRefusalError("hash_conflict")


METHODS: Mapping[str, Method] = {
    "views.open": Method(run=open_view, takes="trigger_id view interactivity_pointer", per_minute=TIER_4),
    "views.push": Method(run=push_view, takes="trigger_id view interactivity_pointer", per_minute=TIER_4),
    "views.update": Method(run=update_view, takes="view_id external_id hash view", per_minute=TIER_4),
    "views.publish": Method(run=publish_view, takes="user_id hash view", per_minute=TIER_4),
}
