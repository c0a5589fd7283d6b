/** Blocks that are drawn again in place: what did not change is not touched, what was typed stays. */

import { Drawing, Input, INTERACTIVE } from "./blockviews.js";
import { arrange, el } from "./dom.js";
import { picture, unknown } from "./drawings.js";
import { ELEMENTS } from "./elements.js";
import { confirmed } from "./layers.js";

/**
 * Blocks on one surface. `surface` answers for it:
 * `act(blockId, action, state)`, `suggest(blockId, actionId, value, state)`, `upload(file)` and `conversation`.
 */
export class BlockList {
  constructor(surface) {
    this.surface = surface;
    this.node = el("div", { class: "blocks" });
    this.shown = new Map();
    this.controls = new Map();
  }

  update(blocks = []) {
    this.used = new Set();
    const next = new Map();
    blocks.forEach((given, index) => {
      const block = { ...given, block_id: given.block_id ?? `#${index}` };
      const key = `${block.block_id} ${block.type}`;
      next.set(next.has(key) ? `${key} ${index}` : key, block);
    });
    const nodes = [...next].map(([key, block]) => this.block(key, block));
    for (const key of this.shown.keys()) if (!next.has(key)) this.shown.delete(key);
    for (const key of this.controls.keys()) if (!this.used.has(key)) this.controls.delete(key);
    arrange(this.node, nodes);
    for (const { control } of this.controls.values()) control.grow?.();
  }

  block(key, block) {
    const json = JSON.stringify(block);
    let entry = this.shown.get(key);
    if (entry?.json === json) this.keepControls(block);
    else {
      entry ??= { view: new (INTERACTIVE[block.type] ?? Drawing)(this) };
      entry.json = json;
      entry.view.node.dataset.block = block.block_id;
      entry.view.node.classList.add("block", `block-${block.type}`);
      entry.view.update(block);
      this.shown.set(key, entry);
    }
    return entry.view.node;
  }

  keepControls(block) {
    for (const element of [block.accessory, block.element, ...(block.elements ?? [])])
      if (element) this.used.add(this.keyOf(block, element));
  }

  keyOf(block, element) {
    return [block.block_id, element.action_id, element.type, element.multiline ? "long" : ""].join("\n");
  }

  control(block, element) {
    return this.controls.get(this.keyOf(block, element))?.control;
  }

  /** The node of one element: kept from before where block_id and action_id are the same. */
  element(block, element, place) {
    if (element.type === "image") return picture(element, "picture-side");
    const Kind = ELEMENTS[element.type];
    if (!Kind) return unknown(element);
    const key = this.keyOf(block, element);
    this.used.add(key);
    const known = this.controls.get(key);
    if (known) {
      Object.assign(known, { block });
      known.control.place.optional = Boolean(place.optional);
      known.control.update(element);
      return known.control.node;
    }
    const entry = { block };
    entry.control = new Kind(element, this.placeOf(entry, place));
    entry.control.node.dataset.action = element.action_id ?? "";
    this.controls.set(key, entry);
    return entry.control.node;
  }

  placeOf(entry, place) {
    return {
      ...place,
      conversation: this.surface.conversation,
      changed: (control, trigger, revert) => this.changed(entry, trigger, revert),
      touched: () => this.complain(entry.block.block_id, null),
      listens: (control, trigger) => listens(entry.block, control.element, trigger),
      suggest: (actionId, value) => this.surface.suggest(entry.block.block_id, actionId, value, this.state()),
      upload: (file) => this.surface.upload(file),
    };
  }

  /**
   * An error goes away with the edit that answers it, not with the news of an edit: that comes a moment after
   * the last letter, when the form may have been sent and refused already.
   */
  async changed({ block, control }, trigger, revert) {
    if (trigger === "change") this.complain(block.block_id, null);
    if (!listens(block, control.element, trigger)) return;
    if (control.element.confirm && !(await confirmed(control.element.confirm))) {
      revert();
      return;
    }
    control.agreed();
    control.busy(true);
    await this.surface.act(block.block_id, control.action(), this.state());
    control.busy(false);
  }

  /** Everything that holds a value, as Slack's `state.values`. */
  state() {
    const values = {};
    for (const { block, control } of this.controls.values()) {
      if (control.holdsState) (values[block.block_id] ??= {})[control.element.action_id] = control.state();
    }
    return { values };
  }

  /** Set controls to what an earlier state says; fields it does not name keep their initial values. */
  restore({ values = {} } = {}) {
    for (const { block, control } of this.controls.values()) {
      const { type, ...fields } = values[block.block_id]?.[control.element.action_id] ?? {};
      if (type === control.element.type && Object.values(fields).some((value) => value !== null))
        control.restore(fields);
    }
  }

  /** What is wrong before the server is asked: `{block_id: words}`. */
  problems() {
    const found = {};
    for (const { block, control } of this.controls.values()) {
      if (block.type !== "input") continue;
      const missing = !block.optional && control.empty ? "Please fill in this field." : null;
      const words = control.problem() ?? missing;
      if (words) found[block.block_id] = words;
    }
    return found;
  }

  /** Show (or with null take away) an error at an input; false when there is no such input. */
  complain(blockId, words) {
    const view = [...this.shown.values()]
      .map((entry) => entry.view)
      .find((each) => each instanceof Input && each.node.dataset.block === blockId);
    view?.complain(words);
    return Boolean(view);
  }

  /** What a person fills in, in its order. */
  get inputs() {
    return [...this.controls.values()]
      .map((entry) => entry.control)
      .filter((control) => control.place.labelledBy);
  }

  /** Put the caret where the app wants it, else into the first field. */
  focusFirst() {
    const all = this.inputs;
    const wanted = all.find((control) => control.element.focus_on_load) ?? all[0];
    wanted?.focus();
    return Boolean(wanted);
  }

  focusProblem() {
    const wrong = this.node.querySelector(".input.wrong");
    wrong?.scrollIntoView({ block: "center" });
    [...this.controls.values()].find(({ control }) => wrong?.contains(control.node))?.control.focus();
  }
}

function listens(block, element, trigger) {
  if (block.type !== "input") return trigger === "change" || trigger === "on_enter_pressed";
  if (!block.dispatch_action) return false;
  if (trigger === "change") return true;
  return (element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"]).includes(trigger);
}
