/** The box to write in: messages, slash commands with their hints, mentions, and the shortcuts button. */

import { el, freshId } from "./dom.js";
import { icon } from "./icons.js";
import { complain, openMenu, Popup, toast } from "./layers.js";
import { Listbox } from "./listbox.js";
import { avatar, world } from "./people.js";
import { commandsLike, globalShortcuts, isWholeCommand, knownCommand, marked, peopleLike } from "./typing.js";

const drafts = new Map();

/** A composer; `desk` carries out what is written, `onsend` is told when something leaves the box. */
export class Composer {
  constructor({ desk, name, onsend }) {
    Object.assign(this, { desk, onsend });
    this.sent = "";
    this.build(name, freshId("hints"));
    this.box.addEventListener("input", () => this.oninput());
    this.box.addEventListener("keydown", (event) => this.onkeydown(event));
    this.box.addEventListener("blur", () => this.popup.close());
    this.popup.panel.addEventListener("mousedown", (event) => event.preventDefault());
  }

  build(name, listId) {
    const hints = { "aria-controls": listId, "aria-autocomplete": "list" };
    this.box = el("textarea", { class: "composer-text", "aria-label": name, rows: 1, dir: "auto", ...hints });
    this.usage = el("div", { class: "composer-usage", hidden: true });
    this.popup = new Popup(this.box, {
      name: "options commands",
      above: true,
      onclose: () => this.list.clear(),
    });
    this.list = new Listbox(listId, this.box, (option) => this.complete(option));
    this.popup.panel.append(this.list.node);
    const send = { class: "button primary composer-send", "aria-label": "Send", title: "Send" };
    this.send = el("button", { type: "button", ...send, onclick: () => this.submit() }, icon("send"));
    const bar = el("div", { class: "composer-bar" }, this.shortcuts(), this.send);
    const box = el("div", { class: "composer-box" }, this.box, this.popup.panel, bar);
    this.node = el("div", { class: "composer" }, this.usage, box);
  }

  /** Write into this conversation from now on; what was being written in the other one is kept. */
  aim({ channel, thread = null, placeholder }) {
    this.keepDraft();
    Object.assign(this, { channel, thread });
    this.box.placeholder = placeholder;
    this.box.value = drafts.get(this.draftKey) ?? "";
    this.shortcutsButton.hidden = Boolean(thread) || !globalShortcuts().length;
    this.oninput({ quiet: true });
  }

  get draftKey() {
    return `${this.desk.seen().user} ${this.channel} ${this.thread ?? ""}`;
  }

  keepDraft() {
    if (this.channel) drafts.set(this.key, this.box.value);
    this.key = null;
  }

  shortcuts() {
    this.shortcutsButton = el(
      "button",
      {
        type: "button",
        class: "button small",
        "aria-haspopup": "menu",
        title: "Shortcuts",
        onclick: () => this.openShortcuts(),
      },
      icon("bolt"),
      "Shortcuts",
    );
    return this.shortcutsButton;
  }

  openShortcuts() {
    const entry = (shortcut) => ({
      label: shortcut.name,
      description: shortcut.description,
      face: avatar(world().bot.user_id, "avatar-small"),
      run: () => this.desk.shortcut(shortcut),
    });
    openMenu(this.shortcutsButton, globalShortcuts().map(entry));
  }

  /** Put words into the box, ready to be sent. */
  fill(text) {
    this.box.value = text;
    this.box.focus();
    this.oninput();
  }

  oninput({ quiet = false } = {}) {
    this.key = this.draftKey;
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight, 200)}px`;
    this.send.classList.toggle("ready", this.box.value.trim() !== "");
    const command = knownCommand(this.box.value);
    this.usage.hidden = !command || !/\s/.test(this.box.value) || Boolean(this.thread);
    if (command)
      this.usage.replaceChildren(
        el("code", {}, `${command.command} ${command.usage_hint ?? ""}`),
        ` ${command.description ?? ""}`,
      );
    if (!quiet) this.suggest();
  }

  suggest() {
    const options =
      this.box.value.startsWith("/") && !this.thread
        ? commandsLike(this.box.value)
        : peopleLike(this.wordAtCaret());
    if (!options.length) {
      this.popup.close();
      return;
    }
    this.popup.open();
    this.list.show([{ options }], { chosen: new Set(), kind: {} });
    this.popup.place();
  }

  /** The `@word` that is being typed, else an empty string. */
  wordAtCaret() {
    return /(?:^|\s)(@[\p{L}\p{N}._-]*)$/u.exec(this.box.value.slice(0, this.box.selectionStart))?.[1] ?? "";
  }

  complete(option) {
    const caret = this.box.selectionStart;
    const from = option.value.startsWith("/") ? 0 : caret - this.wordAtCaret().length;
    this.box.setRangeText(
      `${option.value} `,
      from,
      option.value.startsWith("/") ? this.box.value.length : caret,
      "end",
    );
    this.popup.close();
    this.oninput({ quiet: true });
  }

  onkeydown(event) {
    if (event.isComposing) return;
    if (this.popup.isOpen && this.steer(event)) event.preventDefault();
    else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "ArrowUp" && this.box.value === "" && this.sent) {
      event.preventDefault();
      this.fill(this.sent);
    }
  }

  /** Whether a key was meant for the list of hints. */
  steer({ key, shiftKey }) {
    if (key === "ArrowDown" || key === "ArrowUp") this.list.move(key === "ArrowDown" ? 1 : -1);
    else if (key === "Escape") this.popup.close();
    else if (key === "Tab" && !shiftKey) this.list.choose();
    else if (key === "Enter" && !shiftKey && (this.list.active > 0 || !isWholeCommand(this.box.value)))
      this.list.choose();
    else return false;
    return true;
  }

  async submit() {
    const text = this.box.value.trim();
    if (!text) return;
    const { channel, thread } = this;
    const slash = /^\/[^\s/]/.test(text);
    if (slash && !this.mayRun(text)) return;
    this.sent = text;
    this.onsend();
    this.fill("");
    this.popup.close();
    const [command, ...rest] = text.split(/(?<=^\S+)\s+/);
    const reply = slash
      ? await this.desk.call("slash", { channel, command, text: rest.join(" ") })
      : await this.desk.call("say", { channel, text: marked(text), ...(thread && { thread_ts: thread }) });
    if (reply.ok) return;
    complain(slash ? command : "Sending the message", reply.error);
    if (this.channel === channel && this.thread === thread && this.box.value === "") this.fill(text);
    this.popup.close();
  }

  mayRun(text) {
    const command = text.split(/\s/)[0];
    if (this.thread)
      toast(`${command} does not work in a thread`, {
        kind: "error",
        detail: "As in Slack, slash commands run in the channel. Your text is kept.",
      });
    else if (!knownCommand(text))
      toast(`${command} is not a command here`, {
        kind: "error",
        detail: "Type / to see the commands there are.",
      });
    else return true;
    return false;
  }
}
