/** Blocks that only show something: each is a function from the block to nodes. */

import { el, link, safeUrl } from "./dom.js";
import { markdown } from "./markdown.js";
import { textNodes, textString } from "./mrkdwn.js";
import { richText } from "./richtext.js";

/** An image element or block's picture, with its words in its place when it cannot be loaded. */
export function picture(block, size) {
  const address = safeUrl(block.image_url ?? block.slack_file?.url ?? "");
  const image = el("img", { src: address, alt: block.alt_text ?? "", class: size, loading: "lazy" });
  image.addEventListener("error", () =>
    image.replaceWith(el("span", { class: `${size} picture-lost` }, block.alt_text || "Image")),
  );
  return image;
}

/** A block nobody here knows how to draw, shown as what it is. */
export function unknown(block) {
  return el(
    "div",
    { class: "unknown", dataset: { unknown: block.type ?? "?" } },
    el("strong", {}, `This page cannot draw “${block.type ?? "a block without a type"}”`),
    el("pre", {}, JSON.stringify(block, null, 2)),
  );
}

function context(block) {
  const part = (element) =>
    element.type === "image"
      ? picture(element, "picture-tiny")
      : el("span", { class: "text" }, textNodes(element));
  return [el("div", { class: "context" }, block.elements.map(part))];
}

function image(block) {
  const title = block.title ? el("div", { class: "picture-title" }, textNodes(block.title)) : null;
  return [title, picture(block, "picture-large")];
}

function video(block) {
  return [
    el(
      "div",
      { class: "video" },
      el("b", {}, link(block.title_url ?? block.video_url, textString(block.title))),
      block.description && el("div", {}, textNodes(block.description)),
    ),
  ];
}

const LEVELS = { default: "", info: "ℹ️", warning: "⚠️", error: "⛔", success: "✅" };

function alert(block) {
  const level = block.level in LEVELS ? block.level : "default";
  return [
    el(
      "div",
      { class: `alert alert-${level}`, role: "note" },
      LEVELS[level] ? el("span", { class: "emoji" }, LEVELS[level]) : null,
      el("div", { class: "text" }, textNodes(block.text)),
    ),
  ];
}

function table(block) {
  const settings = block.column_settings ?? [];
  const cell = (tag) => (content, column) => {
    const { align = "left", is_wrapped: wrapped } = settings[column] ?? {};
    const inside =
      content.type === "rich_text"
        ? richText(content)
        : content.type === "raw_text"
          ? [content.text]
          : [String(content.text ?? content.value ?? "")];
    return el(tag, { class: `align-${align}${wrapped ? " wrapped" : ""}` }, inside);
  };
  const [head, ...body] = block.rows;
  const rows = body.map((row) => el("tr", {}, row.map(cell("td"))));
  return [
    el(
      "div",
      { class: "table-scroll", tabindex: "0" },
      el("table", {}, el("thead", {}, el("tr", {}, head.map(cell("th")))), el("tbody", {}, rows)),
    ),
  ];
}

const TASK = {
  pending: ["○", "Pending"],
  in_progress: ["", "In progress"],
  complete: ["✓", "Complete"],
  error: ["!", "Failed"],
};

function taskCard(task) {
  const [sign, words] = TASK[task.status] ?? TASK.pending;
  const mark = el(
    "span",
    { class: `task-mark task-${task.status ?? "pending"}`, role: "img", "aria-label": words },
    sign,
  );
  const head = [
    mark,
    el("span", { class: "task-title" }, textNodes({ type: "plain_text", text: task.title ?? "" })),
    el("span", { class: "task-status" }, words),
  ];
  const sources = (task.sources ?? []).map((source) => link(source.url, source.text ?? source.url));
  const inside = [task.details, task.output]
    .filter(Boolean)
    .map((part) => el("div", { class: "text" }, richText(part)));
  if (sources.length) inside.push(el("div", { class: "task-sources" }, sources));
  if (!inside.length) return [el("div", { class: "task" }, el("div", { class: "task-head" }, head))];
  return [
    el(
      "details",
      { class: "task", dataset: { keep: task.task_id ?? task.title } },
      el("summary", { class: "task-head" }, head),
      inside,
    ),
  ];
}

function plan(block) {
  const tasks = block.tasks ?? [];
  const done = tasks.filter((task) => task.status === "complete").length;
  const title = typeof block.title === "string" ? block.title : textString(block.title);
  return [
    el(
      "div",
      { class: "plan" },
      el("div", { class: "plan-title" }, el("b", {}, title), el("span", {}, `${done} of ${tasks.length}`)),
      tasks.map(taskCard),
    ),
  ];
}

const DRAWINGS = {
  header: (block) => [el("h3", { class: "header" }, textNodes(block.text))],
  divider: () => [el("hr")],
  context,
  image,
  video,
  alert,
  table,
  plan,
  task_card: taskCard,
  markdown: (block) => markdown(block.text),
  rich_text: (block) => richText(block),
  file: (block) => [el("div", { class: "context" }, `File ${block.external_id ?? ""}`)],
};

/** The nodes of a block that only shows something, or a visible box for one of an unknown type. */
export function drawn(block) {
  const draw = DRAWINGS[block.type];
  if (!draw) return [unknown(block)];
  try {
    return draw(block).flat(Infinity).filter(Boolean);
  } catch (problem) {
    return [unknown(block), el("div", { class: "context" }, String(problem))];
  }
}
