/** The modal dialog: up to three views on a stack, each keeping what was typed while it is not on top. */

import { BlockList } from "./blocks.js";
import { arrange, attribute, el, freshId } from "./dom.js";
import { icon } from "./icons.js";
import { complain, rehouseToasts } from "./layers.js";
import { textString } from "./mrkdwn.js";
import { avatar, world } from "./people.js";

/** One view of the stack. */
class ModalView {
  constructor(view, stack) {
    this.stack = stack;
    this.titleId = freshId("title");
    this.blocks = new BlockList({
      conversation: stack.conversation(),
      act: (...args) => this.act(...args),
      suggest: (blockId, actionId, value, state) =>
        stack.call("suggest", {
          container: this.container,
          block_id: blockId,
          action_id: actionId,
          value,
          state,
        }),
      upload: (file) => stack.upload(file),
    });
    this.build();
    this.update(view);
    this.blocks.restore(view.state);
  }

  get container() {
    return { type: "view", view_id: this.view.id };
  }

  build() {
    this.title = el("h2", { id: this.titleId });
    this.back = el(
      "button",
      { type: "button", class: "icon-button", "aria-label": "Back", onclick: () => this.stack.close(this) },
      icon("back"),
    );
    const cross = el(
      "button",
      {
        type: "button",
        class: "icon-button",
        "aria-label": "Dismiss dialog",
        onclick: () => this.stack.close(this, { all: true }),
      },
      icon("close"),
    );
    this.trouble = el("div", { class: "modal-trouble", role: "alert", hidden: true });
    this.cancel = el("button", { type: "button", class: "button", onclick: () => this.stack.close(this) });
    this.submit = el("button", { type: "submit", class: "button primary" });
    this.body = el("div", { class: "modal-body" }, this.blocks.node);
    this.node = el(
      "form",
      {
        class: "modal-view",
        novalidate: true,
        onsubmit: (event) => this.onsubmit(event),
        onkeydown: (event) => this.onkeydown(event),
      },
      el("header", {}, this.back, avatar(world().bot.user_id, "avatar-small"), this.title, cross),
      this.trouble,
      this.body,
      el("footer", {}, this.cancel, this.submit),
    );
  }

  update(view) {
    const changed = this.view && this.view.hash !== view.hash;
    const before = this.blocks.inputs;
    this.view = view;
    this.title.textContent = textString(view.title);
    this.cancel.textContent = textString(view.close) || (view.submit ? "Cancel" : "Close");
    this.submit.textContent = textString(view.submit);
    this.submit.hidden = !view.submit;
    attribute(this.node, "data-callback", view.callback_id || null);
    this.blocks.update(view.blocks);
    if (!this.blocks.inputs.some((each) => before.includes(each))) this.body.scrollTop = 0;
    if (changed) this.busy(false);
  }

  async act(blockId, action, state) {
    if (this.sending || this.gone) return;
    const reply = await this.stack.call("act", {
      container: this.container,
      block_id: blockId,
      action,
      state,
    });
    if (!reply.ok && !this.gone) complain("The action", reply.error);
  }

  busy(on) {
    this.sending = on;
    this.submit.classList.toggle("busy", on);
    attribute(this.submit, "aria-disabled", on ? "true" : null);
    attribute(this.node, "aria-busy", on ? "true" : null);
  }

  onkeydown(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && this.view.submit) {
      event.preventDefault();
      this.node.requestSubmit();
    }
  }

  async onsubmit(event) {
    event.preventDefault();
    if (this.sending || !this.view.submit) return;
    this.tell(null);
    const problems = this.blocks.problems();
    if (Object.keys(problems).length) {
      this.showErrors(problems);
      return;
    }
    this.busy(true);
    const reply = await this.stack.call("submit", { view_id: this.view.id, state: this.blocks.state() });
    this.busy(false);
    if (reply.ok || this.gone) return;
    if (reply.errors) this.showErrors(reply.errors);
    else this.tell(troubleWords(reply.error));
  }

  /** Each error at its field; what belongs to no field of this view goes on top. */
  showErrors(errors) {
    const homeless = Object.entries(errors).filter(
      ([blockId, words]) => !this.blocks.complain(blockId, words),
    );
    this.tell(homeless.map(([, words]) => words).join(" "));
    this.blocks.focusProblem();
  }

  tell(words) {
    this.trouble.textContent = words ?? "";
    this.trouble.hidden = !words;
  }
}

const TROUBLE = {
  operation_timeout:
    "We had some trouble connecting: the app did not answer within three seconds. Try again?",
  not_connected:
    "There is no connection to the server at the moment. What you typed is kept; try again when it is back.",
  connection_lost:
    "The connection broke before an answer came. Look whether it happened before you try again.",
};

const troubleWords = (error) => TROUBLE[error] ?? error ?? "We had some trouble connecting. Try again?";

/** The stack as the server last told it, drawn into one dialog. `options`: `call`, `upload`, `conversation`. */
export class ModalStack {
  constructor({ call, upload, conversation }) {
    Object.assign(this, { call, upload, conversation });
    this.views = new Map();
    this.closing = new Set();
    this.dialog = el("dialog", { class: "modal", onkeydown: (event) => this.onkeydown(event) });
    this.dialog.addEventListener("cancel", (event) => event.preventDefault());
    this.dialog.addEventListener(
      "close",
      () => this.views.size && this.dialog.isConnected && this.dialog.showModal(),
    );
    this.stage = el("div", { class: "modal-stage" });
    this.dialog.append(this.stage);
    document.body.append(this.dialog);
  }

  get top() {
    return [...this.views.values()].at(-1);
  }

  show(stack) {
    const earlier = this.top;
    const wanted = stack.filter((view) => !this.closing.has(view.id));
    const next = new Map(
      wanted.map((view) => [view.id, this.views.get(view.id) ?? new ModalView(view, this)]),
    );
    for (const [id, view] of this.views) view.gone = !next.has(id);
    this.views = next;
    for (const view of wanted) next.get(view.id).update(view);
    this.draw(earlier);
  }

  draw(earlier) {
    const { top } = this;
    if (earlier && earlier !== top && !earlier.gone) earlier.left = document.activeElement;
    for (const view of this.views.values()) {
      view.node.hidden = view !== top;
      view.back.hidden = this.views.size < 2;
    }
    arrange(
      this.stage,
      [...this.views.values()].map((view) => view.node),
    );
    if (!top) {
      if (this.dialog.open) this.dialog.close();
      rehouseToasts();
      return;
    }
    this.dialog.setAttribute("aria-labelledby", top.titleId);
    if (!this.dialog.open) {
      this.dialog.showModal();
      rehouseToasts();
    }
    for (const { control } of top.blocks.controls.values()) control.grow?.();
    this.focus(top, top !== earlier);
  }

  /** Into the first field of a new view; back to where one was; never away from a field in use. */
  focus(view, isNew) {
    const inside = () => view.node.contains(document.activeElement);
    if (isNew && view.left?.isConnected) view.left.focus();
    if (!inside()) view.started = false;
    else if (document.activeElement.closest(".block")) view.started = true;
    if (!view.started) this.start(view);
    if (!inside()) (view.view.submit ? view.submit : view.cancel).focus();
  }

  /** Into the first field, but with the view's top in sight: a date field scrolls to itself, whatever it is told. */
  start(view) {
    view.started = view.blocks.focusFirst();
    if (!view.blocks.inputs.some((each) => each.element.focus_on_load)) view.body.scrollTop = 0;
  }

  /** Close this view, or with `all` the whole stack; the page does not wait for the server. */
  async close(view, { all = false } = {}) {
    const gone = all || view.view.clear_on_close ? [...this.views.values()] : [view];
    const ids = gone.map((each) => each.view.id);
    ids.forEach((id) => this.closing.add(id));
    this.show([...this.views.values()].map((each) => each.view));
    await this.call("close", { view_id: view.view.id, all: gone.length > 1 });
    ids.forEach((id) => this.closing.delete(id));
  }

  onkeydown(event) {
    if (event.key === "Escape" && !event.defaultPrevented) {
      event.preventDefault();
      this.close(this.top);
    } else if (event.key === "Tab") this.keepInside(event);
  }

  /** Tab goes round inside the dialog. */
  keepInside(event) {
    const usable = [
      ...this.top.node.querySelectorAll("button, input, textarea, a[href], [tabindex='0'], summary"),
    ].filter((node) => !node.disabled && node.offsetParent !== null);
    const edge = event.shiftKey ? usable[0] : usable.at(-1);
    if (document.activeElement !== edge) return;
    event.preventDefault();
    usable.at(event.shiftKey ? -1 : 0).focus();
  }
}
