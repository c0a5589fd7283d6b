/** Slack's mrkdwn and plain text objects as DOM nodes. */

import { el, link } from "./dom.js";
import { formatDate } from "./dates.js";
import { emojiNode, emojiOf, withEmoji } from "./emoji.js";
import { channelMention, groupMention, mention } from "./people.js";

const ATOM_BASE = 0xe000;
const ATOMS = /`([^`\n]+)`|<([^<>\n]+)>|:([a-z0-9_+'-]+):|(https?:\/\/[^\s<>|]*[^\s<>|.,;:!?)\]}'"*_~])/g;
const STYLES = [
  ["b", /(?<![\p{L}\p{N}*])\*(?=[^\s*])([^*\n]*?[^\s*]|[^\s*])\*(?![\p{L}\p{N}*])/u],
  ["i", /(?<![\p{L}\p{N}_])_(?=[^\s_])([^\n]*?[^\s_])_(?![\p{L}\p{N}_])/u],
  ["s", /(?<![\p{L}\p{N}~])~(?=[^\s~])([^~\n]*?[^\s~]|[^\s~])~(?![\p{L}\p{N}~])/u],
];

/** Undo the three escapes Slack asks for. */
const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** Make typed text safe to send as mrkdwn. */
export const escape = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** A text object (or a bare string) as nodes. */
export function textNodes(text) {
  if (text === null || text === undefined) return [];
  if (typeof text === "string") return mrkdwn(text);
  return text.type === "mrkdwn" ? mrkdwn(text.text, text.verbatim) : plain(text.text, text.emoji !== false);
}

/** A text object as a bare string, for labels and attributes. */
export function textString(text) {
  if (!text) return "";
  return withEmoji(
    typeof text === "string" ? unescape(text) : text.type === "mrkdwn" ? unescape(text.text) : text.text,
  );
}

/** Plain text: only emoji and line ends are drawn. */
export function plain(text, emoji = true) {
  const nodes = [];
  String(text ?? "")
    .split("\n")
    .forEach((line, index) => {
      if (index) nodes.push(el("br"));
      const parts = emoji ? line.split(/:([a-z0-9_+'-]+):/) : [line];
      parts.forEach((part, place) => part !== "" && nodes.push(place % 2 ? emojiNode(part) : part));
    });
  return nodes;
}

/** mrkdwn as nodes: fences first, then quotes and lists by line, then the marks within a line. */
export function mrkdwn(text, verbatim = false) {
  const nodes = [];
  String(text ?? "")
    .split(/```\n?([\s\S]*?)\n?```\n?/)
    .forEach((part, index) => {
      if (index % 2) nodes.push(el("pre", {}, unescape(part.replace(/<(?:[^<>|]*\|)?([^<>]+)>/g, "$1"))));
      else if (part !== "") nodes.push(...lines(part, verbatim));
    });
  return nodes;
}

const QUOTE = /^(?:>|&gt;) ?/;
const ITEM = /^(\s*)([•◦▪‣-]|\d{1,3}[.)])\s+(.*)$/;

function lines(text, verbatim) {
  const [before, ...tail] = text.split(/^(?:>>>|&gt;&gt;&gt;) ?/m);
  const nodes = [];
  let flowing = false;
  for (const line of before.replace(/\n$/, "").split("\n")) {
    if (before === "") break;
    const block = lineBlock(line, nodes.at(-1), verbatim);
    if (block === true) continue;
    if (block) nodes.push(block);
    else nodes.push(...(flowing ? [el("br")] : []), ...inline(line, verbatim));
    flowing = !block;
  }
  if (tail.length) nodes.push(el("blockquote", {}, lines(tail.join(">>>"), verbatim)));
  return nodes;
}

/** The block a line makes (a quote, an item), true if it went into the one before, null for running text. */
function lineBlock(line, last, verbatim) {
  if (QUOTE.test(line)) {
    const content = inline(line.replace(QUOTE, ""), verbatim);
    if (last?.nodeName !== "BLOCKQUOTE") return el("blockquote", {}, content);
    last.append(el("br"), ...content);
    return true;
  }
  const item = ITEM.exec(line);
  if (!item) return null;
  const row = el(
    "span",
    { class: "item" },
    el("span", { class: "item-mark" }, item[2]),
    el("span", {}, inline(item[3], verbatim)),
  );
  row.style.setProperty("--indent", Math.min(item[1].length, 12));
  return row;
}

/** One line: code, links and emoji become atoms first, so that the marks around them may nest. */
function inline(line, verbatim) {
  const atoms = [];
  const held = line.replace(/[\ue000-\uf8ff]/g, "").replace(ATOMS, (whole, code, angle, emoji, url) => {
    const atom = atomNode({ code, angle, emoji, url: verbatim ? undefined : url });
    if (atom === null || atoms.length > 6000) return whole;
    atoms.push(atom);
    return String.fromCharCode(ATOM_BASE + atoms.length - 1);
  });
  return styled(held, atoms);
}

function atomNode({ code, angle, emoji, url }) {
  if (code !== undefined) return el("code", {}, unescape(code));
  if (angle !== undefined) return angled(angle);
  if (emoji !== undefined) return emojiOf(emoji) ? emojiNode(emoji) : null;
  return url === undefined ? null : link(unescape(url), unescape(url));
}

function styled(text, atoms) {
  let first = null;
  for (const [tag, pattern] of STYLES) {
    const match = pattern.exec(text);
    if (match && (first === null || match.index < first.match.index)) first = { tag, match };
  }
  if (first === null) return leaves(text, atoms);
  const { tag, match } = first;
  const after = text.slice(match.index + match[0].length);
  return [
    ...leaves(text.slice(0, match.index), atoms),
    el(tag, {}, styled(match[1], atoms)),
    ...styled(after, atoms),
  ];
}

function leaves(text, atoms) {
  return text
    .split(/([\ue000-\uf8ff])/)
    .filter((part) => part !== "")
    .map((part) => atoms[part.charCodeAt(0) - ATOM_BASE] ?? unescape(part));
}

/** What stands between angle brackets: a person, a channel, a special mention or a link. */
function angled(content) {
  const bar = content.indexOf("|");
  const target = bar < 0 ? content : content.slice(0, bar);
  const label = bar < 0 ? "" : content.slice(bar + 1);
  if (target.startsWith("@")) return mention(target.slice(1));
  if (target.startsWith("#")) return channelMention(target.slice(1), unescape(label));
  if (target.startsWith("!")) return special(target.slice(1), unescape(label));
  return /^[a-z]+:/i.test(target)
    ? link(unescape(target), ...(label ? plain(unescape(label)) : [unescape(target)]))
    : null;
}

function special(target, label) {
  if (target.startsWith("date^")) return dateNode(target.split("^"), label);
  if (target.startsWith("subteam^") && !label) return groupMention(target.slice("subteam^".length));
  const name = label || target;
  return el("span", { class: "mention" }, name.startsWith("@") ? name : `@${name}`);
}

function dateNode([, epoch, format, url], fallback) {
  const seconds = Number(epoch);
  const text = formatDate(seconds, format ?? "") ?? fallback;
  const node = el("time", { title: fallback }, text);
  if (Number.isFinite(seconds)) node.dateTime = new Date(seconds * 1000).toISOString();
  return url ? link(unescape(url), node) : node;
}
