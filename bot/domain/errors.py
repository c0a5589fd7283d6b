"""Every way the bot says no, as one tree; a class's docstring is its default message.

```
BotError
├── Refusal                what a person asked for is not theirs to do, or no longer there
│   ├── NotAllowed  NotHere  PolicyUnread  NotAMember  NotInChannel  OwnRequest  NotRunnable
│   │   └── NotTheirChannel
│   │   └── MemberUnknown  MembersUnknown  ChannelUnknown   they count as a no, but nobody said no
│   ├── DraftGone  BadWish  AlreadySubmitted  UnknownLaunch  UnknownWorkflow  AlreadyDecided  AlreadyVoted
│   │   └── NotYourDraft   of DraftGone: said in the same words, and kept in the audit
│   ├── TooLate  TooFast  WorkflowChanged
│   ├── UnknownPreset  NameTaken  TooManyPresets  FormMoved  FileUnread
│   │   └── NotYourPreset  of UnknownPreset, likewise
│   ├── UnknownSubscription  AlreadySubscribed  TooManySubscriptions  TooManyWorkflows
│   ├── InvalidAnswers     the form's fields, each with what is wrong
│   └── NotChecked         a check of the form could not be made
├── CannotSeal  CannotUnseal  SecretMissing  DatabaseLocked  DatabaseLinked   the bot's own store
├── DatabaseLost           the database does not answer; nothing was written
│   ├── DatabaseBusy       something else held it up for too long; nothing was written
│   └── CommitLost         it went away at the last moment: nobody knows whether it was written
├── ObjectGone             an object that a launch names is no longer there
├── UnreadableRow          a stored record that this release cannot read
├── Overtaken              somebody else moved the row first; nothing was written
├── AlreadyHandled         what somebody did in Slack has had its effect already; nothing was written
└── OrchestratorError      Orchestrator did not do what was asked
    ├── NothingSent        the request provably had no effect
    │   └── Unreachable  LoginRefused  Busy
    ├── Declined           it answered no
    │   └── InvalidRequest  Forbidden  NotVisible  NotSupported  Conflict
    └── AnswerLost         nobody knows whether it had an effect
        └── ServerFault  UnreadableAnswer
```
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta


class BotError(Exception):
    """Something went wrong."""

    def __init__(self, message: str | None = None) -> None:
        self.message = message or " ".join((type(self).__doc__ or "").split())
        super().__init__(self.message)


class Refusal(BotError):
    """This is not possible. Nothing was started."""


class NotAllowed(Refusal):
    """The policy does not allow this to you here. Nothing was started."""

    def __init__(self, message: str | None = None, *, decided_by: object = None) -> None:
        super().__init__(message)
        self.decided_by = decided_by  # read it with bot.domain.policy.ruling_of: errors know no policy


class MembersUnknown(NotAllowed):
    """Slack did not say just now who is in the user groups that may decide this. Your click changed nothing.
    Please try again in a minute.
    """


class NotHere(NotAllowed):
    """The policy allows this to you only elsewhere. Nothing was started."""

    def __init__(
        self, message: str | None = None, *, channels: tuple[str, ...] = (), decided_by: object = None
    ) -> None:
        super().__init__(message, decided_by=decided_by)
        self.channels = channels  # Slack ids of the channels where it is allowed


class PolicyUnread(NotAllowed):
    """The bot's policy file cannot be read, so nobody can start anything until the platform team has mended
    it. Nothing was started.
    """


class NotAMember(Refusal):
    """Only full members of this workspace may use this bot. Nothing was started."""


class MemberUnknown(NotAMember):
    """Slack did not say just now whether you are a member of this workspace, so nothing was started or
    changed. Please try again in a minute.
    """


def not_a_member(*, is_known: bool) -> NotAMember:
    """Why somebody counts as no member: Slack said so, or it did not say."""
    return NotAMember() if is_known else MemberUnknown()


class NotInChannel(Refusal):
    """I am not in this channel, so I could not report here. Nothing was started. Invite me with `/invite`,
    then try again.
    """


class NotTheirChannel(NotAllowed):
    """You are not in that channel, so you cannot run anything from there. Nothing was started. Choose one
    that you are in.
    """


class ChannelUnknown(NotAllowed):
    """Slack did not say just now whether you are in that channel. Nothing was started or changed. Please try
    again in a minute.
    """


class NobodyHears(Refusal):
    """Nobody who may approve this would hear of it from your direct messages: the policy names no channel for
    it, and they cannot be written to one by one. Nothing was started. Ask for it in a channel of theirs.
    """


class OwnRequest(Refusal):
    """You asked for this launch, so somebody else has to decide it. Nothing was started."""


class WorkflowChanged(Refusal):
    """The workflow was changed in Orchestrator after this form was opened. Nothing was started. Open the form
    again: it offers what you had filled in.
    """


class NotRunnable(Refusal):
    """This workflow asks for an input that cannot be filled in from Slack yet. Nothing was started."""


class DraftGone(Refusal):
    """This form is no longer kept. Nothing was started. Open it again and send the new one."""


class NotYourDraft(DraftGone):
    """This form is no longer kept. Nothing was started. Open it again and send the new one."""


class AlreadySubmitted(Refusal):
    """This form was already submitted; it was launched once."""


class BadWish(Refusal):
    """Choose a moment that is to come, within 90 days. Nothing was started."""


class UnknownLaunch(Refusal):
    """There is no such launch, or it is not yours to see."""


class UnknownWorkflow(Refusal):
    """No workflow you may run here matches. Nothing was started. Try other words, or pick from the list."""


class FormMoved(Refusal):
    """This form is filled in in another window by now. Nothing was started or changed from here."""


class FileUnread(Refusal):
    """Slack did not hand over this file. Choose it again, or try again in a moment."""


class UnknownPreset(Refusal):
    """There is no such preset any more, or it is not yours. Nothing was changed."""


class NotYourPreset(UnknownPreset):
    """There is no such preset any more, or it is not yours. Nothing was changed."""


class NameTaken(Refusal):
    """You have a preset of that name for this workflow already. Choose another name."""


class TooManyPresets(Refusal):
    """You have 50 presets for this workflow, which is the most. Delete one first."""


class UnknownSubscription(Refusal):
    """There is no such subscription here, or it is not yours to end. Nothing was changed."""


class AlreadySubscribed(Refusal):
    """That is subscribed to here already. Nothing was changed."""


class TooManySubscriptions(Refusal):
    """There are as many subscriptions here as there may be: 20 in one place, 200 in all. End one first.
    Nothing was changed.
    """


class TooManyWorkflows(Refusal):
    """More workflows are meant than a subscription listens to. Nothing was changed."""


class AlreadyDecided(Refusal):
    """Somebody decided this launch before you. Your click changed nothing."""


class AlreadyVoted(Refusal):
    """You have decided this launch already, or somebody did in your name: one person, one decision. Your
    click changed nothing.
    """


class NeedsDialog(Refusal):
    """The policy asks to look at all of this request before it is approved. Your click changed nothing. Press
    Review on the card, and decide there.
    """


class CodeMissing(Refusal):
    """The policy asks for a one-time code with this approval. Your click changed nothing. Press Review on the
    card, and give the code there.
    """


class CodeWrong(Refusal):
    """This code is not right, or it was used already: each counts once. Your approval was not recorded. Wait
    for the next code, press Review on the card, and give that one.
    """


class TooManyCodes(Refusal):
    """Too many wrong codes were tried in your name. Your approval was not recorded. Please try again in 15
    minutes; if it was not you, tell the platform team.
    """


class NotEnrolled(Refusal):
    """The policy asks for a one-time code with this approval, and you have none yet. Your approval was not
    recorded. Ask the platform team to enrol you.
    """


class TooLate(Refusal):
    """This launch has moved on. Your click changed nothing."""


class TooFast(Refusal):
    """You are faster than the bot lets one person be. Nothing was done."""

    def __init__(self, wait: timedelta) -> None:
        seconds = max(1, math.ceil(wait.total_seconds()))
        again = f"{seconds} seconds" if seconds > 1 else "a second"
        super().__init__(
            f"You are faster than the bot lets one person be. Nothing was done. Please try again in {again}."
        )


class InvalidAnswers(Refusal):
    """Some fields need another look. Nothing was started."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__()
        self.problems = problems  # field name -> what is wrong and what to type


class NotChecked(Refusal):
    """Orchestrator could not check this form, so it was not recorded. Nothing was started. Please try again
    in a moment; what you typed is kept.
    """


class Overtaken(BotError):
    """Another process moved this launch first."""


class AlreadyHandled(BotError):
    """This was carried out already; it had its effect once."""


class DatabaseLocked(BotError):
    """Another process uses this SQLite file. One process per file; use PostgreSQL to run several."""


class DatabaseLinked(BotError):
    """This SQLite file has a second name, a hard link, by which another process could use it unnoticed.
    Remove one of the two names, or copy the file, then start again.
    """


class DatabaseLost(BotError):
    """The bot's database does not answer. Nothing was started or changed. Please try again in a minute."""


class DatabaseBusy(DatabaseLost):
    """The bot's database is held up by other work. Nothing was started or changed. Please try again in a
    minute.
    """


class CommitLost(DatabaseLost):
    """The bot's database went away just as this was recorded, so this may count or not. Please try again in a
    minute: it counts once.
    """


class UnreadableRow(BotError):
    """A stored record cannot be read: another release of the bot wrote it, or it is damaged. Nothing was
    started or changed. Please tell the platform team.
    """

    def __init__(self, message: str | None = None, *, why: str = "") -> None:
        super().__init__(message)
        self.why = why  # for the platform team


class CannotSeal(BotError):
    """A typed secret cannot be kept: no SEALING_KEYS are configured. Nothing was started."""


class CannotUnseal(BotError):
    """A sealed secret cannot be opened with the configured SEALING_KEYS. Put the former key back."""


class SecretMissing(BotError):
    """A named secret this launch needs is not configured any more. Nothing was started."""


class ObjectGone(BotError):
    """An object this launch names is no longer in the inventory. Nothing was started."""


class OrchestratorError(BotError):
    """Orchestrator did not do what was asked."""


class NothingSent(OrchestratorError):
    """Orchestrator did not take the request. It had no effect."""


class Unreachable(NothingSent):
    """Orchestrator cannot be reached. The request was not sent."""


class LoginRefused(NothingSent):
    """Orchestrator refuses the bot's own login. The platform team has to look at the bot's account."""


class Busy(NothingSent):
    """Orchestrator asks to slow down. The request had no effect."""

    def __init__(self, message: str | None = None, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Declined(OrchestratorError):
    """Orchestrator declined the request. It had no effect."""


class InvalidRequest(Declined):
    """Orchestrator finds the request invalid (400). It had no effect."""


class Forbidden(Declined):
    """Orchestrator forbids this to the bot's account (403). It had no effect."""


class NotVisible(Declined):
    """Orchestrator has no such object, or the bot's account may not see it (404): it does not say which."""


class NotSupported(Declined):
    """This Orchestrator does not offer that operation (405)."""


class Conflict(Declined):
    """Orchestrator reports a conflict with its current state (409)."""


class AnswerLost(OrchestratorError):
    """The request was sent, but no answer came back. Nobody knows yet whether it had an effect."""


class ServerFault(AnswerLost):
    """Orchestrator failed while answering (5xx). Nobody knows yet whether the request had an effect."""


class UnreadableAnswer(AnswerLost):
    """Orchestrator's answer made no sense. Nobody knows yet whether the request had an effect."""
