/** A column one scrolls, which follows its end. */

import { el } from "./dom.js";
import { icon } from "./icons.js";

const NEAR = 60; // pixels

/** A scroller that stays at its end while it grows, unless the person scrolled up. */
export class Scroller {
  constructor(content) {
    this.more = el(
      "button",
      { type: "button", class: "button more-below", hidden: true, onclick: () => this.toEnd() },
      icon("down"),
      "New messages",
    );
    this.node = el(
      "div",
      { class: "scroller", tabindex: "0", role: "log", "aria-label": "Messages" },
      content,
    );
    this.frame = el("div", { class: "scroller-frame" }, this.node, this.more);
    this.atEnd = true;
    this.last = 0;
    this.node.addEventListener("scroll", () => this.onscroll());
    const keep = new ResizeObserver(() => this.atEnd && this.toEnd());
    keep.observe(content);
    keep.observe(this.node);
  }

  onscroll() {
    const { scrollHeight, scrollTop, clientHeight } = this.node;
    if (scrollHeight - scrollTop - clientHeight < NEAR) this.atEnd = true;
    else if (scrollTop < this.last) this.atEnd = false;
    this.last = scrollTop;
    if (this.atEnd) this.more.hidden = true;
  }

  toEnd() {
    this.node.scrollTop = this.node.scrollHeight;
    this.atEnd = true;
    this.more.hidden = true;
  }

  /** Something new stands at the end. */
  grown() {
    this.more.hidden = this.atEnd;
  }
}
