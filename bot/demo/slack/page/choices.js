/** Things one clicks: buttons, menus, checkboxes and radio buttons. */

import { Control } from "./control.js";
import { el, freshId, safeUrl } from "./dom.js";
import { icon } from "./icons.js";
import { openMenu } from "./layers.js";
import { textNodes, textString } from "./mrkdwn.js";

function follow(url) {
  const href = url && safeUrl(url);
  if (href) open(href, "_blank", "noopener,noreferrer");
}

/** button, icon_button and workflow_button. */
export class Button extends Control {
  holdsState = false;

  constructor(element, place) {
    super(element, place);
    this.node = el("button", { type: "button", onclick: () => this.press() });
    this.focusable = this.node;
    this.update(element);
  }

  update(element) {
    super.update(element);
    this.node.className = ["button", element.style].filter(Boolean).join(" ");
    this.node.replaceChildren(...textNodes(element.text));
    if (element.accessibility_label) this.node.setAttribute("aria-label", element.accessibility_label);
    if (element.type === "workflow_button") this.node.disabled = true;
  }

  press() {
    if (!this.node.classList.contains("busy")) this.changed();
  }

  agreed() {
    follow(this.element.url);
  }

  fields() {
    const { text, value, url } = this.element;
    return { text, ...(value !== undefined && { value }), ...(url !== undefined && { url }) };
  }
}

/** feedback_buttons: a pair of buttons that answer with one action. */
export class FeedbackButtons extends Control {
  holdsState = false;

  constructor(element, place) {
    super(element, place);
    const one = (which) =>
      el(
        "button",
        { type: "button", class: "button small", onclick: () => this.press(which) },
        textNodes(which.text),
      );
    this.node = el("div", { class: "pair" }, one(element.positive_button), one(element.negative_button));
  }

  press(which) {
    this.chosen = { value: which.value, text: which.text };
    this.changed();
  }

  fields() {
    return this.chosen ?? {};
  }
}

/** overflow: the three dots with a few more things to do. */
export class Overflow extends Control {
  holdsState = false;

  constructor(element, place) {
    super(element, place);
    this.node = el(
      "button",
      { type: "button", class: "button overflow", "aria-haspopup": "menu", onclick: () => this.open() },
      icon("dots"),
    );
    this.focusable = this.node;
    this.node.setAttribute("aria-label", element.accessibility_label ?? "More actions");
  }

  open() {
    const entry = (option) => ({
      label: textNodes(option.text),
      description: option.description && textNodes(option.description),
      run: () => this.choose(option),
    });
    openMenu(this.node, this.element.options.map(entry));
  }

  choose(option) {
    this.option = option;
    this.changed();
  }

  agreed() {
    follow(this.option.url);
  }

  fields() {
    return { selected_option: this.option };
  }
}

/** checkboxes and radio_buttons. */
export class Choices extends Control {
  constructor(element, place) {
    super(element, place);
    this.many = element.type === "checkboxes";
    this.group = freshId("choice");
    this.chosen = this.initial(element);
    this.node = el("div", { class: "choices", role: this.many ? "group" : "radiogroup" });
    this.nameIt(this.node);
    this.update(element);
    this.settled = this.fields();
  }

  get focusable() {
    return this.node.querySelector("input:checked") ?? this.node.querySelector("input");
  }

  update(element) {
    super.update(element);
    const drawn = JSON.stringify(element.options);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    if (![...this.chosen].every((value) => element.options.some((option) => option.value === value)))
      this.chosen = this.initial(element);
    const focused = this.node.contains(document.activeElement) ? document.activeElement.value : null;
    this.node.replaceChildren(...element.options.map((option) => this.choice(option)));
    [...this.node.querySelectorAll("input")].find((input) => input.value === focused)?.focus();
  }

  initial(element) {
    const options = this.many ? (element.initial_options ?? []) : [element.initial_option];
    return new Set(options.filter(Boolean).map((option) => option.value));
  }

  choice(option) {
    const id = freshId("option");
    const input = el("input", {
      type: this.many ? "checkbox" : "radio",
      name: this.group,
      id,
      value: option.value ?? "",
      onchange: () => this.pick(),
    });
    input.checked = this.chosen.has(option.value);
    const note = option.description
      ? el("span", { class: "choice-note", id: `${id}-note` }, textNodes(option.description))
      : null;
    if (note) input.setAttribute("aria-describedby", note.id);
    return el("div", { class: "choice" }, input, el("label", { for: id }, textNodes(option.text)), note);
  }

  pick() {
    this.chosen = new Set([...this.node.querySelectorAll("input:checked")].map((input) => input.value));
    this.changed();
  }

  fields() {
    const options = this.element.options.filter((option) => this.chosen.has(option.value));
    return this.many ? { selected_options: options } : { selected_option: options[0] ?? null };
  }

  restore(fields) {
    const options = this.many ? (fields?.selected_options ?? []) : [fields?.selected_option].filter(Boolean);
    this.chosen = new Set(options.map((option) => option.value));
    for (const input of this.node.querySelectorAll("input")) input.checked = this.chosen.has(input.value);
  }
}

/** The words of a block's label for a control that stands without one. */
export const labelWords = (text) =>
  textString(text)
    .replace(/[*_~`]/g, "")
    .slice(0, 80);
