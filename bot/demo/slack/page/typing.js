/** What typed words can mean: commands, people, channels. */

import { escape } from "./mrkdwn.js";
import { isBot, nameOf, world } from "./people.js";

export const globalShortcuts = () =>
  (world().shortcuts ?? []).filter((shortcut) => shortcut.type !== "message");
export const knownCommand = (text) => world().commands.find((each) => each.command === text.split(/\s/)[0]);
export const isWholeCommand = (text) => text === knownCommand(text)?.command;

/** The commands that begin as typed, as options. */
export function commandsLike(typed) {
  const like = world().commands.filter((each) => each.command.startsWith(typed));
  return like.map((each) => ({
    value: each.command,
    text: text(`${each.command} ${each.usage_hint ?? ""}`),
    description: text(each.description ?? ""),
  }));
}

/** The people (and the bot) whose name has the typed `@word` in it, as options. */
export function peopleLike(word) {
  if (!word) return [];
  const everybody = [...world().people.map((each) => each.id), world().bot.user_id];
  const like = everybody.filter((id) => nameOf(id).toLowerCase().includes(word.slice(1).toLowerCase()));
  return like.slice(0, 8).map((id) => ({
    value: `@${nameOf(id)}`,
    text: text(nameOf(id)),
    description: text(isBot(id) ? "App" : ""),
  }));
}

const text = (words) => ({ type: "plain_text", text: words });

/** Typed words as Slack's client would send them: escaped, with people and channels as references. */
export function marked(typed) {
  const people = [
    ...world().people.flatMap((each) => [
      [each.real_name, each.id],
      [each.name, each.id],
    ]),
    [world().bot.name, world().bot.user_id],
  ];
  const names = people.filter(([name]) => name).sort(([one], [other]) => other.length - one.length);
  const atPeople = names.reduce(
    (words, [name, id]) => words.replaceAll(`@${escape(name)}`, `<@${id}>`),
    escape(typed),
  );
  return world().channels.reduce(
    (words, { id, name }) =>
      words.replace(
        new RegExp(`(^|\\s)#${RegExp.escape?.(name) ?? name}(?![\\w-])`, "g"),
        `$1<#${id}|${name}>`,
      ),
    atPeople,
  );
}
