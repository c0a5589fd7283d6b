/** The markdown block: standard Markdown, as far as tools and people commonly write it. */

import { el, link } from "./dom.js";
import { withEmoji } from "./emoji.js";

const INLINE = [
  [/(`+)([^`]|[^`].*?[^`])\1(?!`)/, (match) => el("code", {}, match[2].trim())],
  [/!\[([^\]]*)\]\((\S+?)(?: "[^"]*")?\)/, (match) => link(match[2], match[1] || match[2])],
  [/\[([^\]]+)\]\((\S+?)(?: "[^"]*")?\)/, (match) => link(match[2], ...inline(match[1]))],
  [/<(https?:\/\/[^>\s]+)>/, (match) => link(match[1], match[1])],
  [/(\*\*|__)(?=\S)(.+?)(?<=\S)\1/, (match) => el("b", {}, inline(match[2]))],
  [
    /(?<![\p{L}\p{N}*_])([*_])(?=\S)(.+?)(?<=\S)\1(?![\p{L}\p{N}])/u,
    (match) => el("i", {}, inline(match[2])),
  ],
  [/~~(?=\S)(.+?)(?<=\S)~~/, (match) => el("s", {}, inline(match[1]))],
  [/https?:\/\/[^\s<>]*[^\s<>.,;:!?)\]}'"*_]/, (match) => link(match[0], match[0])],
  [/\\([\\`*_{}[\]()#+.!~>|-])/, (match) => match[1]],
];

function inline(text) {
  let first = null;
  for (const [pattern, draw] of INLINE) {
    const match = pattern.exec(text);
    if (match && (first === null || match.index < first.match.index)) first = { match, draw };
  }
  if (first === null) return text === "" ? [] : [withEmoji(text)];
  const { match, draw } = first;
  return [
    ...inline(text.slice(0, match.index)),
    draw(match),
    ...inline(text.slice(match.index + match[0].length)),
  ];
}

const LIST_ITEM = /^(\s*)(?:[-*+]|(\d+)[.)])\s+(.*)$/;

/** Each rule looks at the lines from `at` on: `[nodes, next line]`, or null when they are not its kind. */
const RULES = [
  (lines, at) => (lines[at].trim() === "" ? [[], at + 1] : null),
  fence,
  heading,
  (lines, at) => (/^\s*([-*_])(\s*\1){2,}\s*$/.test(lines[at]) ? [[el("hr")], at + 1] : null),
  quote,
  table,
  (lines, at) => (LIST_ITEM.test(lines[at]) ? list(lines, at) : null),
  paragraph,
];

function heading(lines, at) {
  const match = /^(#{1,6})\s+(.*?)\s*#*$/.exec(lines[at]);
  return match ? [[el(`h${Math.min(6, match[1].length + 2)}`, {}, inline(match[2]))], at + 1] : null;
}

function fence(lines, at) {
  const match = /^\s*(```+|~~~+)/.exec(lines[at]);
  if (!match) return null;
  let end = at + 1;
  while (end < lines.length && !lines[end].trim().startsWith(match[1])) end += 1;
  return [[el("pre", {}, lines.slice(at + 1, end).join("\n"))], end + 1];
}

function quote(lines, at) {
  let end = at;
  while (end < lines.length && /^\s*>/.test(lines[end])) end += 1;
  if (end === at) return null;
  return [
    [el("blockquote", {}, blocks(lines.slice(at, end).map((line) => line.replace(/^\s*> ?/, ""))))],
    end,
  ];
}

const cells = (line) =>
  line
    .trim()
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));

function table(lines, at) {
  if (!lines[at].includes("|") || !/^[\s|:-]*-[\s|:-]*$/.test(lines[at + 1] ?? "")) return null;
  let end = at + 2;
  while (end < lines.length && lines[end].includes("|")) end += 1;
  const row = (line, tag) =>
    el(
      "tr",
      {},
      cells(line).map((cell) => el(tag, {}, inline(cell))),
    );
  const body = lines.slice(at + 2, end).map((line) => row(line, "td"));
  const drawn = el("table", {}, el("thead", {}, row(lines[at], "th")), el("tbody", {}, body));
  return [[el("div", { class: "table-scroll", tabindex: "0" }, drawn)], end];
}

function list(lines, at) {
  const [, indent, number] = LIST_ITEM.exec(lines[at]);
  const items = [];
  let place = at;
  while (place < lines.length) {
    const match = LIST_ITEM.exec(lines[place]);
    const deeper = /^\s/.test(lines[place]) && lines[place].search(/\S/) > indent.length;
    if (match && match[1].length === indent.length) items.push([match[3]]);
    else if (lines[place].trim() !== "" && deeper)
      items.at(-1).push(lines[place].slice(Math.min(indent.length + 2, lines[place].search(/\S/))));
    else break;
    place += 1;
  }
  const drawn = el(number ? "ol" : "ul", {}, items.map(item));
  if (number) drawn.start = Number(number);
  return [[drawn], place];
}

function item([first, ...rest]) {
  const task = /^\[([ xX])\]\s+/.exec(first);
  const box = task ? [el("span", { class: "emoji" }, task[1] === " " ? "☐" : "☑"), " "] : [];
  return el("li", {}, box, inline(task ? first.slice(task[0].length) : first), blocks(rest));
}

function paragraph(lines, at) {
  let end = at + 1;
  while (
    end < lines.length &&
    lines[end].trim() !== "" &&
    !RULES.slice(1, -1).some((rule) => rule(lines, end))
  )
    end += 1;
  const rows = lines.slice(at, end).map((line, index) => [index ? el("br") : null, ...inline(line.trim())]);
  return [[el("p", {}, rows)], end];
}

function blocks(lines) {
  const nodes = [];
  let at = 0;
  while (at < lines.length) {
    const [drawn, next] = RULES.reduce((done, rule) => done ?? rule(lines, at), null);
    nodes.push(...drawn);
    at = next;
  }
  return nodes;
}

/** Markdown as nodes. */
export function markdown(text) {
  return blocks(
    String(text ?? "")
      .replaceAll("\r\n", "\n")
      .split("\n"),
  );
}
