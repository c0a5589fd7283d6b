/** The field people put files into. */

import { Control } from "./control.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";

const fileSize = (bytes) =>
  bytes < 1024 ? `${bytes} B` : bytes < 1024 ** 2 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;

/** file_input: files are handed to the server at once; the form carries what it called them. */
export class FileField extends Control {
  constructor(element, place) {
    super(element, place);
    this.files = [];
    const types = (element.filetypes ?? []).map((type) => `.${type}`).join(",");
    this.input = el("input", {
      type: "file",
      multiple: this.most !== 1,
      accept: types || null,
      onchange: () => this.take(),
    });
    this.note = el("span", { class: "file-note" }, this.invitation());
    this.list = el("ul", { class: "file-list" });
    this.node = el("div", { class: "file-control" }, this.input, this.note, this.list);
    this.focusable = this.input;
    this.settled = this.fields();
    this.nameIt(this.input);
  }

  get most() {
    return this.element.max_files ?? 10;
  }

  /** What may be chosen, in place of the browser's own "no file chosen". */
  invitation() {
    const types = (this.element.filetypes ?? []).join(", ") || "Any type";
    return `${types} · ${this.most === 1 ? "one file of" : `up to ${this.most} files, each of`} 10 MB at most`;
  }

  async take() {
    const chosen = [...this.input.files];
    this.input.value = "";
    this.busy(true);
    for (const file of chosen) {
      const kept = await this.place.upload(file);
      if (kept) this.files.push(kept);
    }
    this.busy(false);
    this.draw();
    this.changed();
  }

  draw() {
    this.list.replaceChildren(...this.files.map((file) => this.row(file)));
    this.input.hidden = this.note.hidden = this.files.length >= this.most;
  }

  row(file) {
    const remove = () => {
      this.files = this.files.filter((each) => each !== file);
      this.draw();
      this.changed();
    };
    const cross = el(
      "button",
      { type: "button", class: "icon-button", "aria-label": `Remove ${file.name}`, onclick: remove },
      icon("close"),
    );
    const size = el("small", {}, fileSize(file.size));
    return el("li", {}, icon("file"), el("span", {}, file.name), size, cross);
  }

  fields() {
    return { files: this.files };
  }

  restore(fields) {
    this.files = fields?.files ?? [];
    this.draw();
  }

  problem() {
    return this.files.length > this.most ? `Choose at most ${this.most} files.` : null;
  }
}
