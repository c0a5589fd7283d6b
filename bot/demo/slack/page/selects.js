/** Select menus as comboboxes, for one or several options. */

import { Control } from "./control.js";
import { attribute, debounced, el, freshId } from "./dom.js";
import { icon } from "./icons.js";
import { Popup } from "./layers.js";
import { Listbox } from "./listbox.js";
import { textString } from "./mrkdwn.js";
import { KINDS } from "./selectkinds.js";

const TYPING_PAUSE = 150;
const LEAST_QUERY = 3;

/** Any of the ten select menus. */
export class Select extends Control {
  constructor(element, place) {
    super(element, place);
    this.kind = KINDS[element.type];
    this.chosen = this.kind.initial(element, place);
    this.round = 0;
    this.build();
    this.ask = debounced((query) => this.askApp(query), TYPING_PAUSE);
    this.settled = this.fields();
    this.update(element);
  }

  build() {
    const list = freshId("list");
    this.input = el("input", {
      class: "select-input",
      role: "combobox",
      type: "text",
      autocomplete: "off",
      spellcheck: "false",
      "aria-expanded": "false",
      "aria-controls": list,
      "aria-autocomplete": "list",
      dir: "auto",
    });
    this.chips = el("span", { class: "chips" });
    this.clear = el(
      "button",
      {
        type: "button",
        class: "icon-button select-clear",
        "aria-label": "Clear selection",
        onclick: () => this.choose([]),
      },
      icon("close"),
    );
    this.box = el("div", { class: "select" }, this.chips, this.input, this.clear, icon("caret"));
    this.popup = new Popup(this.box, { name: "options", onclose: () => this.closed() });
    this.list = new Listbox(list, this.input, (option) => this.pick(option));
    this.popup.panel.append(this.list.node);
    this.node = el(
      "div",
      { class: this.kind.many ? "select-control many" : "select-control" },
      this.box,
      this.popup.panel,
    );
    this.focusable = this.input;
    this.nameIt(this.input);
    this.listen();
  }

  listen() {
    this.box.addEventListener("click", (event) => this.onclick(event));
    this.input.addEventListener("input", () => this.onsearch());
    this.input.addEventListener("keydown", (event) => this.onkeydown(event));
    this.input.addEventListener("blur", () => this.popup.close());
    this.popup.panel.addEventListener("mousedown", (event) => event.preventDefault());
  }

  update(element) {
    const same =
      JSON.stringify(this.element.options ?? this.element.option_groups) ===
      JSON.stringify(element.options ?? element.option_groups);
    super.update(element);
    if (!same && !this.offers(this.chosen)) this.chosen = this.kind.initial(element, this.place);
    this.draw();
    if (this.popup.isOpen && !this.kind.asks && !same) this.search();
  }

  /** Whether all of these are among the fixed options; a menu without any of its own offers everything. */
  offers(chosen) {
    const { options, option_groups: groups } = this.element;
    const fixed = options ?? groups?.flatMap((group) => group.options);
    return !fixed || chosen.every((each) => fixed.some((option) => option.value === each.value));
  }

  /** Show what is chosen; the text being typed is left alone while the list is open. */
  draw() {
    const labels = this.chosen.map((option) => this.kind.label(option));
    if (this.kind.many) this.chips.replaceChildren(...this.chosen.map((option) => this.chip(option)));
    else if (!this.popup.isOpen) this.input.value = labels[0] ?? "";
    const hint =
      textString(this.element.placeholder) || (this.kind.many ? "Choose options" : "Choose an option");
    attribute(this.input, "placeholder", this.kind.many && labels.length ? "" : hint);
    this.clear.hidden = !(this.place.optional && !this.kind.many && this.chosen.length);
  }

  chip(option) {
    const label = this.kind.label(option);
    const drop = () => {
      this.choose(this.chosen.filter((each) => each.value !== option.value));
      this.input.focus();
    };
    return el(
      "span",
      { class: "chip" },
      label,
      el("button", { type: "button", "aria-label": `Remove ${label}`, onclick: drop }, icon("close")),
    );
  }

  onclick(event) {
    if (event.target.closest("button")) return;
    this.input.focus();
    if (this.popup.isOpen) return;
    this.open();
  }

  open() {
    if (!this.kind.many) this.input.select();
    this.query = "";
    this.input.setAttribute("aria-expanded", "true");
    this.popup.open();
    this.search();
  }

  closed() {
    this.round += 1;
    this.ask.cancel();
    this.input.setAttribute("aria-expanded", "false");
    this.list.clear();
    if (this.kind.many) this.input.value = "";
    this.draw();
  }

  onsearch() {
    const typed = this.input.value;
    if (!this.popup.isOpen) this.open();
    this.query = typed;
    this.search();
  }

  search() {
    const most = this.element.max_selected_items;
    if (this.kind.many && most && this.chosen.length >= most) this.tell(`You can choose up to ${most}.`);
    else if (this.kind.asks) this.searchApp();
    else this.show(this.kind.find(this.element, this.query.trim().toLowerCase()));
  }

  searchApp() {
    const least = this.element.min_query_length ?? LEAST_QUERY;
    this.round += 1;
    if (this.query.length < least) {
      this.ask.cancel();
      this.tell(`Type at least ${least} character${least === 1 ? "" : "s"} to search.`);
    } else {
      if (!this.list.filled) this.tell("Searching…");
      this.list.activate(-1); // what is still shown answers an earlier query: Enter must not choose from it
      this.node.classList.add("searching");
      if (this.query === "") this.askApp("");
      else this.ask(this.query);
    }
  }

  async askApp(query) {
    const round = (this.round += 1);
    const reply = await this.place.suggest(this.element.action_id, query);
    if (round !== this.round || !this.popup.isOpen) return;
    this.node.classList.remove("searching");
    if (!reply.ok) this.tell(`The options could not be loaded (${reply.error ?? "no answer"}).`);
    else this.show(reply.option_groups ?? [{ options: reply.options ?? [] }]);
  }

  tell(words) {
    this.node.classList.remove("searching");
    this.list.tell(words);
    this.popup.place();
  }

  show(groups) {
    const chosen = new Set(this.chosen.map((option) => option.value));
    this.list.show(groups, { chosen, kind: this.kind });
    this.popup.place();
  }

  pick(option) {
    const has = this.chosen.some((each) => each.value === option.value);
    const others = this.chosen.filter((each) => each.value !== option.value);
    if (this.kind.many) {
      this.input.value = "";
      this.query = "";
    } else this.popup.close();
    if (this.kind.many || !has) this.choose(has ? others : this.kind.many ? [...others, option] : [option]);
    if (this.popup.isOpen) this.search();
  }

  choose(options) {
    this.chosen = options;
    this.draw();
    this.changed();
  }

  onkeydown(event) {
    if (event.isComposing) return;
    if (this.handleKey(event)) {
      event.preventDefault();
      event.stopPropagation();
    }
  }

  /** Whether a key was meant for this menu. */
  handleKey({ key, altKey }) {
    const open = this.popup.isOpen;
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (step && open && !altKey) this.list.move(step);
    else if (step) this.open();
    else if (key === "Enter" && open) this.list.choose();
    else if (key === "Escape" && open) this.popup.close();
    else if (key === "Backspace" && this.kind.many && this.input.value === "" && this.chosen.length)
      this.choose(this.chosen.slice(0, -1));
    else return false;
    return true;
  }

  fields() {
    return this.kind.fields(this.chosen);
  }

  restore(fields) {
    this.chosen = this.kind.chosen(fields ?? {});
    this.draw();
  }
}
