/** Fields one types into: text, numbers, addresses, dates and times. */

import { Control } from "./control.js";
import { fromLocalField, toLocalField } from "./dates.js";
import { attribute, debounced, el } from "./dom.js";
import { textString } from "./mrkdwn.js";

const CHARACTER_PAUSE = 250;
const ADDRESS = { email_text_input: "email", url_text_input: "url" };

/** plain_text_input, number_input, email_text_input, url_text_input, and rich_text_input without its styles. */
export class TextField extends Control {
  constructor(element, place) {
    super(element, place);
    const long = element.multiline || element.type === "rich_text_input";
    this.input = long
      ? el("textarea", { rows: 3, dir: "auto" })
      : el("input", { type: ADDRESS[element.type] ?? "text", dir: "auto" });
    this.input.className = "field";
    this.input.autocomplete = "off";
    this.left = el("span", { class: "left", "aria-live": "polite" });
    this.node = el("div", { class: "text-control" }, this.input, this.left);
    this.focusable = this.input;
    this.typed = debounced(() => this.changed("on_character_entered"), CHARACTER_PAUSE);
    this.input.addEventListener("input", () => this.oninput());
    this.input.addEventListener("keydown", (event) => this.onkeydown(event));
    this.nameIt(this.input);
    this.input.value = initialText(element);
    this.settled = this.fields();
    this.update(element);
  }

  update(element) {
    super.update(element);
    attribute(this.input, "placeholder", textString(element.placeholder) || null);
    if (element.type === "number_input")
      this.input.inputMode = element.is_decimal_allowed ? "decimal" : "numeric";
    this.count();
    this.grow();
  }

  oninput() {
    this.count();
    this.grow();
    this.place.touched(this);
    this.typed();
  }

  onkeydown(event) {
    const newline = this.input.nodeName === "TEXTAREA" && !(event.ctrlKey || event.metaKey);
    if (event.key !== "Enter" || event.isComposing || newline) return;
    if (!this.place.listens?.(this, "on_enter_pressed")) return;
    event.preventDefault();
    this.typed.cancel();
    this.changed("on_enter_pressed");
  }

  /** How many characters are left, once it is worth knowing. */
  count() {
    const limit = this.element.max_length;
    const left = limit - this.input.value.length;
    this.left.textContent = limit && left < Math.max(10, limit / 5) ? String(left) : "";
    this.left.classList.toggle("over", left < 0);
  }

  grow() {
    if (this.input.nodeName !== "TEXTAREA" || !this.input.isConnected) return;
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight + 2, 320)}px`;
  }

  fields() {
    const value = this.input.value === "" ? null : this.input.value;
    if (this.element.type !== "rich_text_input") return { value };
    return {
      rich_text_value: value && {
        type: "rich_text",
        elements: [{ type: "rich_text_section", elements: [{ type: "text", text: value }] }],
      },
    };
  }

  restore(fields) {
    this.input.value = fields?.value ?? richText(fields?.rich_text_value);
    this.update(this.element);
  }

  problem() {
    const { value } = this.input;
    return value === ""
      ? null
      : (lengthProblem(this.element, value) ??
          numberProblem(this.element, value) ??
          addressProblem(this.element, this.input));
  }
}

function richText(value) {
  const texts = (node) => node?.text ?? (node?.elements ?? []).map(texts).join("");
  return texts(value);
}

function initialText(element) {
  return element.type === "rich_text_input"
    ? richText(element.initial_value)
    : String(element.initial_value ?? "");
}

function lengthProblem({ min_length: least, max_length: most }, { length }) {
  if (least && length < least) return `Write at least ${least} characters (this is ${length}).`;
  return most && length > most ? `Write at most ${most} characters (this is ${length}).` : null;
}

function numberProblem({ type, is_decimal_allowed: decimal, min_value: least, max_value: most }, value) {
  if (type !== "number_input") return null;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(value.trim())) return "Enter a number.";
  if (!decimal && !/^[+-]?\d+$/.test(value.trim())) return "Enter a whole number.";
  if (least !== undefined && Number(value) < Number(least)) return `Enter ${least} or more.`;
  return most !== undefined && Number(value) > Number(most) ? `Enter ${most} or less.` : null;
}

function addressProblem({ type }, input) {
  if (!ADDRESS[type] || input.validity.valid) return null;
  return type === "url_text_input"
    ? "Enter a whole address, such as https://example.com."
    : "Enter an e-mail address.";
}

const DATES = {
  datepicker: { input: "date", key: "selected_date", initial: (element) => element.initial_date },
  timepicker: { input: "time", key: "selected_time", initial: (element) => element.initial_time },
  datetimepicker: {
    input: "datetime-local",
    key: "selected_date_time",
    initial: (element) => element.initial_date_time && toLocalField(element.initial_date_time),
    read: (value) => (value ? fromLocalField(value) : null),
    write: (value) => (value ? toLocalField(value) : ""),
  },
};

/** datepicker, timepicker and datetimepicker, by the browser's own fields. */
export class DateField extends Control {
  constructor(element, place) {
    super(element, place);
    this.kind = DATES[element.type];
    this.input = el("input", { type: this.kind.input, class: "field date-field" });
    this.input.value = this.kind.initial(element) ?? "";
    this.node = el("div", { class: "date-control" }, this.input);
    this.focusable = this.input;
    this.settled = this.fields();
    this.nameIt(this.input);
    this.input.addEventListener("change", () => this.changed());
    this.input.addEventListener("input", () => this.place.touched(this));
  }

  fields() {
    const value = this.input.value || null;
    return { [this.kind.key]: this.kind.read ? this.kind.read(value) : value };
  }

  restore(fields) {
    const value = fields?.[this.kind.key];
    this.input.value = (this.kind.write ? this.kind.write(value) : value) ?? "";
  }

  problem() {
    return this.input.validity.badInput ? "Finish the date." : null;
  }
}
