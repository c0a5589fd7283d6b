/** What hangs on a message: files, reactions, legacy attachments. */

import { el, link, safeUrl } from "./dom.js";
import { emojiNode } from "./emoji.js";
import { icon } from "./icons.js";

/** The blocks of a legacy attachment, or its words as one. */
export function attached({ blocks, pretext, title, text, fallback }) {
  const words = [pretext, title && `*${title}*`, text].filter(Boolean).join("\n") || fallback || "";
  return blocks ?? [{ type: "section", text: { type: "mrkdwn", text: words } }];
}

/** The reactions below a message, or null. */
export function reactions(message) {
  const each = ({ name, count }) => el("span", { class: "reaction" }, emojiNode(name), ` ${count}`);
  return message.reactions?.length ? el("div", { class: "reactions" }, message.reactions.map(each)) : null;
}

const size = (bytes) =>
  bytes >= 1_048_576
    ? `${(bytes / 1_048_576).toFixed(1)} MB`
    : bytes >= 1024
      ? `${Math.round(bytes / 1024)} KB`
      : `${bytes} bytes`;

/** A file with what can be seen of it. */
export function fileCard(file) {
  const name = file.title || file.name;
  const named = safeUrl(file.url ?? "") && file.url ? link(file.url, name) : name;
  const head = el(
    "div",
    { class: "file-head" },
    icon("file"),
    el("b", {}, named),
    file.size === undefined ? null : el("span", {}, size(file.size)),
  );
  return el(
    "div",
    { class: "file-card" },
    head,
    file.preview ? el("pre", { tabindex: "0" }, file.preview) : null,
  );
}
