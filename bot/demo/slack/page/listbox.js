/** The list of options below a field, steered from the field by the arrow keys. */

import { attribute, el, freshId } from "./dom.js";
import { textNodes } from "./mrkdwn.js";

/** A listbox whose active option is announced through `field`; `onchoose` gets what was chosen. */
export class Listbox {
  constructor(id, field, onchoose) {
    this.field = field;
    this.onchoose = onchoose;
    this.rows = [];
    this.node = el("div", { role: "listbox", id, class: "listbox" });
    this.node.addEventListener("click", (event) => this.onclick(event));
    this.node.addEventListener("pointermove", (event) => this.onpoint(event));
  }

  get filled() {
    return this.rows.length > 0;
  }

  clear() {
    this.rows = [];
    this.node.replaceChildren();
    this.activate(-1);
  }

  /** A line of words instead of options. */
  tell(words) {
    this.clear();
    this.node.replaceChildren(el("div", { class: "listbox-note", role: "status" }, words));
  }

  /** Groups of options; the first one chosen, else the first one at all, becomes active. */
  show(groups, { chosen, kind }) {
    this.rows = [];
    const drawn = groups.map((group) => {
      const rows = group.options.map((option) => this.row(option, { chosen, kind }));
      if (!group.label) return rows;
      const head = el("div", { class: "listbox-head", id: freshId("head") }, textNodes(group.label));
      return [el("div", { role: "group", "aria-labelledby": head.id }, head, rows)];
    });
    this.node.replaceChildren(...drawn.flat());
    if (!this.rows.length) return this.tell("Nothing found.");
    const first = this.rows.findIndex(({ node }) => node.getAttribute("aria-selected") === "true");
    return this.activate(Math.max(0, first));
  }

  row(option, { chosen, kind }) {
    const label = option.text ? textNodes(option.text) : [kind.label(option)];
    const note = option.description
      ? el("div", { class: "option-note" }, textNodes(option.description))
      : null;
    const node = el(
      "div",
      {
        role: "option",
        id: freshId("option"),
        class: "option",
        "aria-selected": String(chosen.has(option.value)),
      },
      el("div", { class: "option-text" }, label, note),
    );
    this.rows.push({ node, option });
    return node;
  }

  activate(index) {
    this.active = index;
    this.rows.forEach(({ node }, place) => node.classList.toggle("active", place === index));
    const row = this.rows[index]?.node;
    attribute(this.field, "aria-activedescendant", row?.id);
    row?.scrollIntoView({ block: "nearest" });
  }

  move(step) {
    if (this.filled) this.activate((this.active + step + this.rows.length) % this.rows.length);
  }

  choose() {
    const row = this.rows[this.active];
    if (row) this.onchoose(row.option);
  }

  onclick(event) {
    const row = this.rows.find(({ node }) => node.contains(event.target));
    if (row) this.onchoose(row.option);
  }

  onpoint(event) {
    const index = this.rows.findIndex(({ node }) => node.contains(event.target));
    if (index >= 0 && index !== this.active) this.activate(index);
  }
}
