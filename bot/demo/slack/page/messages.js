/** A list of messages that is drawn again in place. */

import { dayKey, dayLabel } from "./dates.js";
import { arrange, el } from "./dom.js";
import { authorOf, MessageView } from "./message.js";

const TOGETHER = 300; // seconds

/** A column of messages, with lines between days and before what is new. */
export class MessageList {
  constructor(setting) {
    this.setting = setting;
    this.node = el("div", { class: "messages" });
    this.views = new Map();
    this.lines = new Map();
  }

  /** Draw these messages; `newFrom` is the ts after which they are new, `days` whether days are named. */
  update(messages, { newFrom = Infinity, days = true } = {}) {
    const nodes = [];
    const views = new Map();
    let last = null;
    let marked = false;
    for (const message of messages) {
      const isNew = !marked && Number(message.ts) > newFrom && message.user !== this.setting.desk.seen().user;
      const newDay = days && (last === null || dayKey(Number(last.ts)) !== dayKey(Number(message.ts)));
      if (newDay)
        nodes.push(this.line(`day ${dayKey(Number(message.ts))}`, dayLabel(Number(message.ts)), "day-line"));
      if (isNew) nodes.push(this.line("new", "New", "new-line"));
      marked ||= isNew;
      const key = `${message.is_ephemeral ? "private " : ""}${message.ts}`;
      const view = this.views.get(key) ?? new MessageView(this.setting);
      view.update(message, { compact: !newDay && !isNew && together(last, message) });
      views.set(key, view);
      nodes.push(view.node);
      last = message;
    }
    this.views = views;
    arrange(this.node, nodes);
  }

  line(key, words, name) {
    const known =
      this.lines.get(key) ?? el("div", { class: `line ${name}`, role: "separator" }, el("span", {}, words));
    known.firstChild.textContent = words;
    this.lines.set(key, known);
    return known;
  }
}

const hasHeading = (message) => message.blocks?.[0]?.type === "header";

/** Whether a message goes without a head of its own below the one before; a card with a heading never does. */
function together(one, next) {
  if (one === null || hasHeading(next) || authorOf(one) !== authorOf(next)) return false;
  if (Boolean(one.is_ephemeral) !== Boolean(next.is_ephemeral)) return false;
  return Number(next.ts) - Number(one.ts) < TOGETHER && one.username === next.username;
}
