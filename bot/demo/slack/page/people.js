/** Who and what is in the workspace: names, avatars, conversations. */

import { el } from "./dom.js";
import { icon } from "./icons.js";

let described = null;
let reader = null;

/** Remember the workspace as the server described it. */
export function learn(description) {
  described = description;
}

/** Say whose page this is, so that their own mentions stand out. */
export function readAs(user) {
  reader = user;
}

export const world = () => described;
export const person = (id) => described.people.find((each) => each.id === id);
export const channel = (id) => described.channels.find((each) => each.id === id);
export const isBot = (id) => id === described.bot.user_id || id === described.bot.bot_id;

/** What a person, or the bot, is called. */
export function nameOf(id) {
  if (isBot(id)) return described.bot.name;
  const known = person(id);
  return known ? known.real_name || known.name : id || "unknown";
}

/** A person with the part they play, as `Ada Berg — operator`. */
export function titled(known) {
  const name = known.real_name || known.name;
  return known.title ? `${name} — ${known.title}` : name;
}

/** What a conversation is called, without its sign. */
export function channelName(id) {
  return channel(id)?.name ?? (isDirect(id) ? described.bot.name : id);
}

/** Where a message's own address leads, as `{channel, thread}`, or null for any other address. */
export function permalink(href) {
  const { hostname, pathname, searchParams } = new URL(href);
  const match = /^\/archives\/(\w+)\/p(\d+)(\d{6})$/.exec(pathname);
  if (!match || !hostname.endsWith("slack.com")) return null;
  return { channel: match[1], thread: searchParams.get("thread_ts") ?? `${match[2]}.${match[3]}` };
}

export const isDirect = (id) => /^[DG]/.test(id ?? "");

function initials(name) {
  const words = name.split(/[\s._-]+/).filter(Boolean);
  const letters =
    words.length > 1 ? [words[0], words.at(-1)].map((word) => [...word][0]) : [...name].slice(0, 2);
  return letters.join("").toUpperCase();
}

const COLOURS = ["#8a4fbf", "#0d7c66", "#b4491f", "#2b62c4", "#a83268", "#5c6b1e", "#0f6f8f", "#8c5a12"];

function colourOf(known, id) {
  if (known?.color) return known.color.startsWith("#") ? known.color : `#${known.color}`;
  return COLOURS[[...String(id)].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % COLOURS.length];
}

/** A square with a person's initials in their colour, or the bot's face. */
export function avatar(id, size = "") {
  const face = el("span", { class: `avatar ${size}`, "aria-hidden": "true" });
  if (isBot(id)) {
    face.classList.add("avatar-bot");
    face.append(icon("robot"));
    return face;
  }
  face.style.setProperty("--face", colourOf(person(id), id));
  face.append(initials(nameOf(id)));
  return face;
}

/** `@Ada` as a small mark in text; stronger when it is the reader. */
export function mention(id) {
  const mark = el(
    "span",
    { class: "mention", dataset: { user: id }, title: person(id)?.title ?? "" },
    `@${nameOf(id)}`,
  );
  if (id === reader) mark.classList.add("mention-me");
  return mark;
}

/** `@approvers`, by the group's handle where the world tells it. */
export function groupMention(id) {
  const group = (described.user_groups ?? []).find((each) => each.id === id);
  return el("span", { class: "mention", title: group?.name ?? "" }, `@${group?.handle ?? id}`);
}

/** `#ops` as a link to that conversation. */
export function channelMention(id, label) {
  const name = label || channelName(id);
  return el("a", { class: "mention", href: "#", dataset: { goChannel: id } }, `#${name}`);
}
