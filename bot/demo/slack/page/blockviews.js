/** How each kind of block is drawn, and drawn again in place around what a person types. */

import { labelWords } from "./choices.js";
import { arrange, attribute, el, freshId } from "./dom.js";
import { drawn } from "./drawings.js";
import { textNodes } from "./mrkdwn.js";

/** A block that only shows something. */
export class Drawing {
  constructor() {
    this.node = el("div", {});
  }

  update(block) {
    const open = new Set(
      [...this.node.querySelectorAll("details[open][data-keep]")].map((each) => each.dataset.keep),
    );
    this.node.replaceChildren(...drawn(block));
    for (const each of this.node.querySelectorAll("details[data-keep]"))
      each.open = open.has(each.dataset.keep);
  }
}

/** section: text, fields and one accessory. */
class Section {
  constructor(list) {
    this.list = list;
    this.words = el("div", { class: "section-words" });
    this.side = el("div", { class: "accessory" });
    this.node = el("div", { class: "section" }, this.words, this.side);
  }

  update(block) {
    const said = JSON.stringify([block.text, block.fields]);
    if (said !== this.said) {
      this.said = said;
      const fields = (block.fields ?? []).map((field) => el("div", { class: "text" }, textNodes(field)));
      const text = block.text ? el("div", { class: "text" }, textNodes(block.text)) : null;
      this.words.replaceChildren(
        ...[text, fields.length ? el("div", { class: "section-fields" }, fields) : null].filter(Boolean),
      );
    }
    arrange(
      this.side,
      block.accessory ? [this.list.element(block, block.accessory, { label: labelWords(block.text) })] : [],
    );
    this.side.hidden = !block.accessory;
  }
}

/** actions and context_actions: a row of elements. */
class Actions {
  constructor(list) {
    this.list = list;
    this.node = el("div", { class: "actions" });
  }

  update(block) {
    arrange(
      this.node,
      block.elements.map((element) => this.list.element(block, element, {})),
    );
  }
}

/** input: a label, one element, a hint and room for an error. */
export class Input {
  constructor(list) {
    this.list = list;
    this.id = freshId("input");
    this.label = el("label", { id: this.id, onclick: (event) => this.onlabel(event) });
    this.optional = el("span", { class: "optional" }, "(optional)");
    this.slot = el("div", { class: "input-slot" });
    this.hint = el("div", { class: "hint" });
    this.error = el("div", { class: "error", role: "alert" });
    const notes = el("div", { id: `${this.id}-notes` }, this.error, this.hint);
    this.node = el(
      "div",
      { class: "input" },
      el("div", { class: "input-label" }, this.label, this.optional),
      this.slot,
      notes,
    );
  }

  update(block) {
    this.label.replaceChildren(...textNodes(block.label));
    this.optional.hidden = !block.optional;
    this.hint.replaceChildren(...textNodes(block.hint));
    const place = { labelledBy: this.id, describedBy: `${this.id}-notes`, optional: Boolean(block.optional) };
    arrange(this.slot, [this.list.element(block, block.element, place)]);
    this.control = this.list.control(block, block.element);
  }

  onlabel(event) {
    if (event.target.closest("a")) return;
    this.control?.focus();
  }

  complain(words) {
    this.error.textContent = words ?? "";
    this.node.classList.toggle("wrong", Boolean(words));
    attribute(this.control?.focusable ?? this.slot, "aria-invalid", words ? "true" : null);
  }
}

/** The kinds that carry elements a person can work with; every other kind is a `Drawing`. */
export const INTERACTIVE = { section: Section, actions: Actions, context_actions: Actions, input: Input };
