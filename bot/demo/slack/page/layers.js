/** What floats above the page: popups beside a control, toasts, the confirm dialog. */

import { el, freshId } from "./dom.js";
import { icon } from "./icons.js";
import { textNodes, textString } from "./mrkdwn.js";

const GAP = 4;

/** A panel in the top layer beside its anchor; it must stand in the document near what it serves. */
export class Popup {
  constructor(anchor, { name = "", above = false, onclose = () => {} } = {}) {
    Object.assign(this, { anchor, prefersAbove: above, onclose });
    this.panel = el("div", { popover: "manual", class: `popup ${name}` });
    this.place = this.place.bind(this);
    this.away = this.away.bind(this);
  }

  get isOpen() {
    return this.panel.isConnected && this.panel.matches(":popover-open");
  }

  open() {
    if (this.isOpen) return this.place();
    this.panel.showPopover();
    document.addEventListener("pointerdown", this.away, true);
    addEventListener("scroll", this.place, true);
    addEventListener("resize", this.place);
    return this.place();
  }

  close() {
    document.removeEventListener("pointerdown", this.away, true);
    removeEventListener("scroll", this.place, true);
    removeEventListener("resize", this.place);
    if (!this.isOpen) return;
    this.panel.hidePopover();
    this.onclose();
  }

  away(event) {
    if (!this.panel.contains(event.target) && !this.anchor.contains(event.target)) this.close();
  }

  /** Below the anchor, or above it where that is wanted or there is more room. */
  place() {
    const { style } = this.panel;
    const rect = this.anchor.getBoundingClientRect();
    style.minWidth = `${Math.min(Math.max(rect.width, 180), innerWidth - 16)}px`;
    style.maxHeight = "";
    const [above, below] = [rect.top - 12, innerHeight - rect.bottom - 12];
    const upward = this.prefersAbove || (below < Math.min(this.panel.scrollHeight, 240) && above > below);
    style.maxHeight = `${Math.min(upward ? above : below, 340)}px`;
    const size = this.panel.getBoundingClientRect();
    style.top = `${upward ? rect.top - size.height - GAP : rect.bottom + GAP}px`;
    style.left = `${Math.max(8, Math.min(rect.left, innerWidth - size.width - 8))}px`;
  }
}

/** A popup with a list of things to do, worked with the arrow keys. */
export function openMenu(anchor, entries) {
  const popup = new Popup(anchor, { name: "menu", onclose: () => popup.panel.remove() });
  const leave = () => {
    popup.close();
    anchor.focus();
  };
  const items = entries.map((entry) => menuItem(entry, leave));
  popup.panel.setAttribute("role", "menu");
  popup.panel.append(...items);
  popup.panel.addEventListener("keydown", (event) => menuKeys(event, items, leave));
  anchor.after(popup.panel);
  popup.open();
  items[0]?.focus();
  return popup;
}

function menuItem({ label, description, face, run, danger }, leave) {
  const choose = () => {
    leave();
    run();
  };
  const note = description ? el("span", { class: "menu-note" }, description) : null;
  const texts = el("span", { class: "menu-text" }, el("span", {}, label), note);
  return el(
    "button",
    { type: "button", role: "menuitem", class: danger ? "menu-item danger" : "menu-item", onclick: choose },
    face,
    texts,
  );
}

function menuKeys(event, items, leave) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
  else if (event.key === "Escape") leave();
  else if (event.key !== "Tab") return;
  else return leave();
  event.preventDefault();
  event.stopPropagation();
}

/** The dialog on top, where floating things must live to be reachable; else the page itself. */
function topHost() {
  return [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
}

/** Tell something for a few seconds at the bottom of the page; errors stay longer. */
export function toast(text, { kind = "note", detail = "" } = {}) {
  const close = el(
    "button",
    { type: "button", class: "icon-button", "aria-label": "Dismiss" },
    icon("close"),
  );
  const words = el(
    "div",
    { class: "toast-words" },
    el("strong", {}, text),
    detail ? el("div", {}, detail) : null,
  );
  const box = el(
    "div",
    {
      popover: "manual",
      class: `toast toast-${kind}`,
      role: kind === "error" ? "alert" : "status",
      dataset: { testid: "toast" },
    },
    words,
    close,
  );
  if (kind === "note") document.querySelector(".toast-note")?.remove(); // the news replaces the old
  const shown = [...document.querySelectorAll(".toast")];
  if (shown.length > 2) shown[0].remove();
  topHost().append(box);
  box.showPopover();
  stackToasts();
  const remove = () => {
    box.remove();
    stackToasts();
  };
  close.addEventListener("click", remove);
  setTimeout(remove, kind === "error" ? 9000 : 4500);
}

/** Keep toasts in sight when the dialog they were shown over is gone. */
export function rehouseToasts() {
  for (const box of document.querySelectorAll(".toast")) {
    topHost().append(box);
    box.showPopover();
  }
  stackToasts();
}

const ABOVE_COMPOSER = 108;

function stackToasts() {
  let bottom = ABOVE_COMPOSER;
  for (const box of [...document.querySelectorAll(".toast-error")].reverse()) {
    box.style.bottom = `${bottom}px`;
    bottom += box.offsetHeight + 8;
  }
}

const EXPLAINED = {
  operation_timeout: "The app did not answer within three seconds.",
  connection_lost:
    "The connection broke before an answer came. Look whether it happened before you try again.",
  not_connected: "There is no connection to the server at the moment.",
  no_answer: "The server took too long to answer.",
  dispatch_failed: "The app could not be reached.",
};

/** Tell that something asked of the server did not work, with the server's own word for it. */
export function complain(what, error) {
  const known = EXPLAINED[error];
  const code = error ? `(${error})` : "";
  toast(`${what} failed`, {
    kind: "error",
    detail: known ? `${known} ${code}` : `The server said: ${error ?? "nothing"}`,
  });
}

/** Ask before something is done; resolves to whether the person agreed. */
export function confirmed({ title, text, confirm, deny, style }) {
  return new Promise((resolve) => {
    const heading = freshId("confirm");
    const say = (answer) => () => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    const no = el(
      "button",
      { type: "button", class: "button", onclick: say(false) },
      textString(deny) || "Cancel",
    );
    const yes = el(
      "button",
      { type: "button", class: `button ${style === "danger" ? "danger" : "primary"}`, onclick: say(true) },
      textString(confirm) || "Yes",
    );
    const dialog = el(
      "dialog",
      {
        class: "confirm",
        role: "alertdialog",
        "aria-labelledby": heading,
        "aria-describedby": `${heading}-text`,
      },
      el("h2", { id: heading }, textNodes(title)),
      el("div", { class: "text", id: `${heading}-text` }, textNodes(text)),
      el("footer", {}, no, yes),
    );
    dialog.addEventListener("cancel", say(false));
    document.body.append(dialog);
    dialog.showModal();
    (style === "danger" ? no : yes).focus();
  });
}
