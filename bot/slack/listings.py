"""What one person reads privately: lists of launches, help, and hints."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from bot.domain.launch import State
from bot.slack import blocks
from bot.slack.cards import Message, short_id, status_words
from bot.slack.cards.words import starts
from bot.slack.mrkdwn import duration, escape, inline, mention, moment, permalink

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.approval import Delegation
    from bot.domain.launch import Launch
    from bot.domain.people import Person
    from bot.domain.preset import Preset
    from bot.slack.blocks import Block
    from bot.store.launches import Listed

USE_PRESET, EDIT_PRESET = "use_preset", "edit_preset"  # action ids
_SHOWN = 15


def status(
    listed: Sequence[Listed], *, words: str, command: str, url: str, absences: Sequence[Delegation] = ()
) -> Message:
    """What is open now, and who decides in whose name."""
    found = _list(
        listed, title="Open launches", none="Nothing is open here", words=words, command=command, url=url
    )
    told = [blocks.context(away(absences))] if absences else []
    return Message(text=found.text, blocks=[*found.blocks, *told])


def history(listed: Sequence[Listed], *, words: str, command: str, url: str) -> Message:
    """What was, newest first."""
    return _list(
        listed,
        title="Latest launches",
        none="Nothing was launched here",
        words=words,
        command=command,
        url=url,
    )


def with_unreadable(said: Message, count: int) -> Message:
    """The list, and in words that so many launches are missing from it."""
    if not count:
        return said
    what = "1 more launch" if count == 1 else f"{count} more launches"
    told = (
        f"{what} of yours or of this channel cannot be read by this release of the bot. "
        "Please tell the platform team: `python -m bot quarantine list` names what is put aside."
    )
    return Message(text=said.text, blocks=[*said.blocks, blocks.context(told)])


def _list(listed: Sequence[Listed], *, title: str, none: str, words: str, command: str, url: str) -> Message:
    fitting = f" that fits “{inline(words)}”" if words else ""
    if not listed:
        text = f"{none}{fitting}. `{command}` runs a workflow."
        return Message(text=text, blocks=[blocks.section(text)])
    made = [blocks.section(f"*{title}{fitting}*")]
    made += [blocks.section(_line(each, url)) for each in listed[:_SHOWN]]
    if len(listed) > _SHOWN:
        more = f"… and {len(listed) - _SHOWN} more. Words behind the command narrow the list."
        made.append(blocks.context(more))
    return Message(text=f"{title}: {len(listed)}", blocks=made)


def _line(listed: Listed, url: str) -> str:
    launch = listed.launch
    name = f"*{inline(launch.workflow.name)}*"
    if listed.home:
        name = f"<{permalink(listed.home.channel, listed.home.ts, url=url)}|{inline(launch.workflow.name)}>"
    when = f"\nStarts: {starts(launch)}" if starts(launch) else ""
    took = f" after {duration(launch.took)}" if launch.state.is_end and launch.took is not None else ""
    return (
        f"{name} · {status_words(launch)}{took}\n"
        f"`{short_id(launch)}` · {mention(launch.requester)} {moment(launch.requested_at)}{when}"
    )


def presets(found: Sequence[Preset], *, who: Person, command: str) -> Message:
    """The presets somebody can use here; of their own, they can change each as well."""
    if not found:
        text = f"You have no presets here. `{command}` runs a workflow; its last page can save the values."
        return Message(text=text, blocks=[blocks.section(text)])
    made = [blocks.section("*Presets*")]
    for each in found[:_SHOWN]:
        made += [blocks.section(preset_line(each, who)), preset_buttons(each, who)]
    if len(found) > _SHOWN:
        made.append(blocks.context(f"… and {len(found) - _SHOWN} more, offered on their workflows' forms."))
    return Message(text=f"Presets: {len(found)}", blocks=made)


def preset_line(preset: Preset, who: Person) -> str:
    """A preset in a line: what it is called, for which workflow, whose it is."""
    shared = f" · shared with <#{preset.channel_id}>" if preset.channel_id else ""
    by = "" if preset.owner == who else f" · by {mention(preset.owner)}"
    return f"*{inline(preset.name)}* · {inline(preset.workflow.name)}{shared}{by}"


def preset_buttons(preset: Preset, who: Person) -> Block:
    """To use it, and to change one's own."""
    buttons = [blocks.button("Use", action=USE_PRESET, value=preset.id, names=preset.name)]
    if preset.owner == who:
        buttons.append(blocks.button("Change", action=EDIT_PRESET, value=preset.id, names=preset.name))
    return blocks.actions(buttons, block_id=f"preset-{preset.id}")


def away(delegations: Sequence[Delegation]) -> str:
    """Who decides in whose name; empty where nobody is away."""
    lines = [f"• {_stands_in(each)}" for each in delegations[:_SHOWN]]
    if len(delegations) > _SHOWN:
        lines.append(f"• … and {len(delegations) - _SHOWN} more")
    return "\n".join(["*Away*", *lines]) if lines else "Nobody lets another decide at the moment."


def _stands_in(delegation: Delegation) -> str:
    until = moment(delegation.until)
    return f"{mention(delegation.to)} decides for {mention(delegation.by)} until {until}"


def delegated(delegation: Delegation) -> str:
    """The answer to a delegation."""
    return f"{_stands_in(delegation)}. It is shown with the open launches, and ends by itself."


def decides_again(*, was_away: bool) -> str:
    """The answer to its end."""
    return "You decide for yourself again." if was_away else "Nobody was deciding for you. Nothing changed."


def cancelled(launch: Launch) -> str:
    """The answer to `cancel`."""
    name = inline(launch.workflow.name)
    if launch.state is State.WITHDRAWN:
        return f"*{name}* `{short_id(launch)}` is withdrawn. Nothing was started."
    return f"I ask Orchestrator to stop *{name}* `{short_id(launch)}`. Its thread tells when it has stopped."


def help_text(command: str, *, may_run: bool) -> Message:
    """What this person can do."""
    lines = [
        f"`{command} status [words]`  what is open",
        f"`{command} history [words]`  what was",
        f"`{command} cancel <id>`  stop one of those",
        f"`{command} explain <words or id> [name=value ...]`  what the policy says, and why",
        f"`{command} subscribe <workflow or folder> [started|ended|failed] [me]`  hear of its runs here",
        f"`{command} delegate`  let somebody decide in your name; `off` ends it, `list` shows who does",
        f"`{command} pause`  what is paused; `pause all <why>` and `resume all` for those who may",
    ]
    if may_run:
        lines = [
            f"`{command}`  pick a workflow and fill in its form",
            f"`{command} run <words or id> [name=value ...]`  straight to its form, prefilled",
            f"`{command} presets`  values you or this channel keep",
            *lines,
        ]
    else:
        lines.append("There is no workflow you may run in this channel. The platform team keeps the policy.")
    text = "\n".join(lines)
    return Message(text=f"What {command} can do", blocks=[blocks.section(text)])


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The sub-command that was probably meant."""
    close = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.5)
    return close[0] if close else None


def unknown(word: str, *, near: str | None, command: str) -> str:
    """The answer to a sub-command that does not exist."""
    hint = f"Did you mean `{command} {near}`?" if near else f"`{command} help` lists what there is."
    return f"There is no `{command} {escape(word[:40])}`. {hint} To run a workflow: `{command} run …`"
