"""The table of all the bot answers: (kind, id) to payload model, who may, and handler."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from bot.slack import errors, home, listings
from bot.slack.blocks import OPEN_LINK
from bot.slack.cards import buttons
from bot.slack.cards import question as asking
from bot.slack.dispatcher import Access, Route
from bot.slack.forms import (
    approver_views,
    delegation,
    fields,
    launch_options,
    pages,
    picker,
    presets,
    question,
    review,
    run_details,
)
from bot.slack.inbox import DeferredInteraction
from bot.slack.payloads import (
    BlockAction,
    BlockSuggestion,
    HomeOpened,
    MessageShortcut,
    Shortcut,
    SlashCommand,
    ViewClosed,
    ViewSubmission,
)

if TYPE_CHECKING:
    from bot.slack.dispatcher import Handler, Key
    from bot.slack.handlers.commands import Commands
    from bot.slack.handlers.decisions import DecisionHandlers
    from bot.slack.handlers.delegation import DelegationHandlers
    from bot.slack.handlers.explain import ExplainHandlers
    from bot.slack.handlers.form import FormHandlers
    from bot.slack.handlers.home import HomeHandlers
    from bot.slack.handlers.picker import PickerHandlers
    from bot.slack.handlers.presets import PresetHandlers
    from bot.slack.handlers.questions import QuestionHandlers
    from bot.slack.handlers.rerun import RerunHandlers
    from bot.slack.handlers.run_details import RunDetailHandlers
    from bot.slack.handlers.submission import SubmissionHandlers
    from bot.slack.inbox import Inbox
    from bot.slack.people import People
    from bot.slack.personal_pace import PersonalPace

Routes: TypeAlias = "dict[Key, Route[Any]]"
RUN_WORKFLOW, RUN_ABOUT = "run_workflow", "run_about"  # the shortcuts' callback ids in manifest.yml
_CLICK, _SENT, _ASKED = "action", "view_submission", "options"


@dataclass(frozen=True, kw_only=True)
class Handlers:
    """Where what people do is handled, by what it is about."""

    commands: Commands
    picker: PickerHandlers
    form: FormHandlers
    submission: SubmissionHandlers
    presets: PresetHandlers
    decisions: DecisionHandlers
    explain: ExplainHandlers
    delegation: DelegationHandlers
    repeating: RerunHandlers
    details: RunDetailHandlers
    questions: QuestionHandlers
    home: HomeHandlers


def table(command: str, of: Handlers) -> Routes:
    """What the bot answers, and where."""
    return {
        ("command", command): Route(
            payload=SlashCommand, handler=of.commands.commanded, is_once=True, is_paced=True
        ),
        **_picker(of.picker),
        **_form(of.form, of.submission),
        **_presets(of.presets),
        **_decisions(of.decisions),
        **_settling(of.decisions),
        (_CLICK, buttons.RUN_AGAIN): Route(
            payload=BlockAction, handler=of.repeating.run_again, is_paced=True
        ),
        (_CLICK, buttons.EDIT_AGAIN): Route(
            payload=BlockAction, handler=of.repeating.edit_again, is_paced=True
        ),
        **_details(of.details),
        **_questions(of.questions),
        ("event", "app_home_opened"): Route(
            payload=HomeOpened, handler=of.home.opened, access=Access.ANYBODY
        ),
        (_CLICK, home.RUN): Route(payload=BlockAction, handler=of.home.run_wanted, is_paced=True),
        (_CLICK, errors.WHY): Route(payload=BlockAction, handler=of.explain.asked),
        (_SENT, delegation.DELEGATE): Route(
            payload=ViewSubmission, handler=of.delegation.submitted, is_once=True
        ),
        (_CLICK, OPEN_LINK): Route(payload=BlockAction),
    }


def _picker(of: PickerHandlers) -> Routes:
    return {
        ("shortcut", RUN_WORKFLOW): Route(payload=Shortcut, handler=of.shortcut_used, is_paced=True),
        ("shortcut", RUN_ABOUT): Route(
            payload=MessageShortcut, handler=of.message_shortcut_used, is_paced=True
        ),
        (_ASKED, picker.WORKFLOW): Route(
            payload=BlockSuggestion, handler=of.workflows_suggested, access=Access.ANYBODY
        ),
        (_CLICK, picker.WORKFLOW): Route(
            payload=BlockAction, handler=of.workflow_picked, before=of.show_loading
        ),
        (_CLICK, picker.CHANNEL): Route(payload=BlockAction),
        (_SENT, picker.PICK_WORKFLOW): Route(
            payload=ViewSubmission, handler=of.picker_submitted, before=of.load_picked
        ),
    }


def _form(of: FormHandlers, submission: SubmissionHandlers) -> Routes:
    changed = Route(payload=BlockAction, handler=of.changed)
    return {
        (_ASKED, fields.CHOICE): Route(
            payload=BlockSuggestion, handler=of.choices_suggested, access=Access.ANYBODY
        ),
        (_ASKED, fields.OBJECT): Route(
            payload=BlockSuggestion, handler=of.objects_suggested, access=Access.ANYBODY
        ),
        (_CLICK, fields.VALUE): changed,
        (_CLICK, fields.CHOICE): changed,
        (_CLICK, fields.OBJECT): changed,
        (_CLICK, pages.START_FROM): Route(payload=BlockAction, handler=of.start_chosen),
        (_CLICK, pages.BACK): Route(payload=BlockAction, handler=of.turned_back),
        (_SENT, pages.FILL_FORM): Route(payload=ViewSubmission, handler=of.page_submitted),
        ("view_closed", pages.FILL_FORM): Route(payload=ViewClosed, handler=of.closed, access=Access.ANYBODY),
        (_CLICK, launch_options.START_AT): Route(payload=BlockAction, handler=of.start_wished),
        (_SENT, review.SEND_FORM): Route(
            payload=ViewSubmission, handler=submission.sent, errors=submission.errors, is_deferred=True
        ),
        (_SENT, review.CHECK_FORM): Route(
            payload=ViewSubmission, handler=submission.sent_to_check, errors=submission.errors
        ),
    }


def _presets(of: PresetHandlers) -> Routes:
    return {
        (_CLICK, review.SAVE_PRESET): Route(payload=BlockAction, handler=of.wanted),
        (_SENT, presets.NAME_PRESET): Route(payload=ViewSubmission, handler=of.named, is_once=True),
        (_CLICK, listings.USE_PRESET): Route(payload=BlockAction, handler=of.used),
        (_CLICK, listings.EDIT_PRESET): Route(payload=BlockAction, handler=of.edited),
        (_SENT, presets.CHANGE_PRESET): Route(payload=ViewSubmission, handler=of.changed, is_once=True),
        (_CLICK, presets.DELETE_PRESET): Route(payload=BlockAction, handler=of.deleted),
    }


def _decisions(of: DecisionHandlers) -> Routes:
    """What opens a modal is answered at once; every decision goes through the inbox."""
    return {
        (_CLICK, buttons.APPROVE): Route(payload=BlockAction, handler=of.approved, is_deferred=True),
        (_CLICK, buttons.REJECT): Route(payload=BlockAction, handler=of.rejected),
        (_SENT, approver_views.REJECT_LAUNCH): Route(
            payload=ViewSubmission,
            handler=of.rejection_submitted,
            errors=of.rejection_errors,
            is_deferred=True,
        ),
        (_CLICK, buttons.REVIEW): Route(payload=BlockAction, handler=of.review_asked),
        (_SENT, approver_views.REVIEW_LAUNCH): Route(
            payload=ViewSubmission, handler=of.review_submitted, errors=of.review_errors, is_deferred=True
        ),
        (_CLICK, approver_views.WITHDRAW_VOTE): Route(
            payload=BlockAction, handler=of.vote_withdrawn, is_deferred=True
        ),
        (_CLICK, buttons.REVIEWED): Route(payload=BlockAction, handler=of.glass_reviewed),
        (_SENT, approver_views.LAUNCH_REVIEWED): Route(
            payload=ViewSubmission, handler=of.glass_review_submitted, is_deferred=True
        ),
        (_CLICK, buttons.WITHDRAW): Route(payload=BlockAction, handler=of.stopped, is_deferred=True),
        (_CLICK, buttons.CANCEL): Route(payload=BlockAction, handler=of.stopped, is_deferred=True),
        (_CLICK, buttons.SHOW_VALUES): Route(payload=BlockAction, handler=of.values_asked),
    }


def _details(of: RunDetailHandlers) -> Routes:
    turned = Route(payload=BlockAction, handler=of.outputs_turned)
    return {
        (_CLICK, buttons.SHOW_OUTPUTS): Route(payload=BlockAction, handler=of.outputs_asked),
        (_CLICK, run_details.OUTPUT_PAGE): turned,
        (_CLICK, run_details.OUTPUT_PAGE_BACK): turned,
        (_CLICK, run_details.OUTPUT_FILES): Route(payload=BlockAction, handler=of.outputs_filed),
        (_CLICK, buttons.SHOW_LOG): Route(payload=BlockAction, handler=of.log_asked),
        (_CLICK, run_details.LOG_LEVEL): Route(payload=BlockAction, handler=of.level_chosen),
        (_CLICK, run_details.LOG_FILE): Route(payload=BlockAction, handler=of.log_filed),
    }


def _questions(of: QuestionHandlers) -> Routes:
    return {
        (_CLICK, asking.ANSWER): Route(payload=BlockAction, handler=of.asked),
        (_SENT, question.ANSWER_RUN): Route(
            payload=ViewSubmission, handler=of.answered, errors=of.errors, is_deferred=True
        ),
        (_CLICK, asking.RESUME): Route(payload=BlockAction, handler=of.resumed, is_deferred=True),
    }


def _settling(of: DecisionHandlers) -> Routes:
    started = Route(payload=BlockAction, handler=of.found_started, is_deferred=True)
    return {
        **{(_CLICK, action): started for action in buttons.SETTLE_STARTED},
        (_CLICK, buttons.SETTLE_AGAIN): Route(
            payload=BlockAction, handler=of.found_not_started, is_deferred=True
        ),
        (_CLICK, buttons.SETTLE_GIVE_UP): Route(payload=BlockAction, handler=of.given_up, is_deferred=True),
    }


def deferred_interactions(routes: Routes, people: People) -> dict[Key, DeferredInteraction]:
    """What is acknowledged once it is noted, and done afterwards."""
    return {
        key: DeferredInteraction(partial(route.carry_out, people=people), objections=route.errors_in)
        for key, route in routes.items()
        if route.is_deferred
    }


def handlers_by_key(routes: Routes, people: People, inbox: Inbox, pace: PersonalPace) -> dict[Key, Handler]:
    """The table as the dispatcher calls it: deferred interactions go to the inbox."""
    at_once: dict[Key, Handler] = {
        key: partial(route.handle, people=people, pace=pace)
        for key, route in routes.items()
        if not route.is_deferred
    }
    at_once |= {key: partial(inbox.once, handler=at_once[key]) for key in at_once if routes[key].is_once}
    return {**at_once, **inbox.table}
