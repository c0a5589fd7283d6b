/** The rich_text block: sections, lists, quotes and preformatted text with their inline elements. */

import { formatDate } from "./dates.js";
import { el, link } from "./dom.js";
import { emojiNode } from "./emoji.js";
import { channelMention, groupMention, mention } from "./people.js";

const STYLE_TAGS = { code: "code", bold: "b", italic: "i", strike: "s", underline: "u", highlight: "mark" };

function dressed(node, style = {}) {
  return Object.entries(STYLE_TAGS).reduce(
    (inner, [name, tag]) => (style[name] ? el(tag, {}, inner) : inner),
    node,
  );
}

const INLINE = {
  text: (part) => dressed(part.text, part.style),
  link: (part) => dressed(link(part.url, part.text || part.url), part.style),
  user: (part) => dressed(mention(part.user_id), part.style),
  usergroup: (part) => groupMention(part.usergroup_id),
  channel: (part) => dressed(channelMention(part.channel_id), part.style),
  broadcast: (part) => el("span", { class: "mention" }, `@${part.range}`),
  emoji: (part) => emojiNode(part.name, part.unicode && fromCodePoints(part.unicode)),
  date: (part) =>
    el("time", { title: part.fallback }, formatDate(part.timestamp, part.format) ?? part.fallback ?? ""),
  color: (part) =>
    el(
      "span",
      { class: "colour" },
      el("i", {
        class: "swatch",
        style: `background:${/^#[0-9a-f]{3,8}$/i.test(part.value) ? part.value : "none"}`,
      }),
      part.value,
    ),
};

function fromCodePoints(unicode) {
  return String.fromCodePoint(...unicode.split("-").map((hex) => Number.parseInt(hex, 16)));
}

function inlines(elements) {
  return (elements ?? []).map((part) => INLINE[part.type]?.(part) ?? el("code", {}, JSON.stringify(part)));
}

const GROUPS = {
  rich_text_section: (part) => el("div", { class: "rich-section" }, inlines(part.elements)),
  rich_text_preformatted: (part) => el("pre", {}, inlines(part.elements)),
  rich_text_quote: (part) => el("blockquote", { class: "rich-section" }, inlines(part.elements)),
  rich_text_list: list,
};

function list(part) {
  const items = part.elements.map((item) => el("li", {}, inlines(item.elements)));
  const node = el(part.style === "ordered" ? "ol" : "ul", { class: `indent-${part.indent ?? 0}` }, items);
  node.style.setProperty("--indent", part.indent ?? 0);
  if (part.offset) node.start = part.offset + 1;
  return node;
}

/** The content of a rich_text block (or of one inside a task card or table cell) as nodes. */
export function richText(block) {
  return (block.elements ?? []).map((part) => GROUPS[part.type]?.(part) ?? inlines([part])).flat();
}
