/** The channel, the thread beside it, and the app's Home. */

import { BlockList } from "./blocks.js";
import { Composer } from "./composer.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";
import { complain } from "./layers.js";
import { MessageList } from "./messages.js";
import { avatar, channel as channelOf, channelName, isDirect, world } from "./people.js";
import { Scroller } from "./scroller.js";

const HOME_PATIENCE = 2000; // milliseconds for what an app publishes after its acknowledgement

/** The conversation in the middle. */
export class ChannelPane {
  constructor(host, desk) {
    Object.assign(this, { host, desk });
    this.composer = new Composer({ desk, name: "Message", onsend: () => this.scroller.toEnd() });
    this.head = el("header", { class: "pane-head" });
    this.intro = el("div", { class: "intro" });
    this.content = el("div", { class: "scroll-content" });
    this.scroller = new Scroller(this.content);
  }

  show(channel) {
    this.channel = channel;
    this.newFrom = Infinity;
    this.noteNew();
    this.list = new MessageList({ desk: this.desk, channel, inThread: false });
    this.content.replaceChildren(this.intro, this.list.node);
    this.drawHead();
    this.host.replaceChildren(this.head, this.scroller.frame, this.composer.node);
    this.composer.aim({
      channel,
      placeholder: `Message ${isDirect(channel) ? "" : "#"}${channelName(channel)}`,
    });
    this.update();
    this.scroller.toEnd();
  }

  /** What is unread now, at the moment somebody looks, stands below a line from now on. */
  noteNew() {
    if (this.desk.seen().unread(this.channel).count) this.newFrom = this.desk.seen().marks.of(this.channel);
  }

  drawHead() {
    const direct = isDirect(this.channel);
    const about = channelOf(this.channel);
    const name = direct ? botTitle() : [icon(about?.is_private ? "lock" : "hash"), channelName(this.channel)];
    const members = (about?.members ?? []).slice(0, 5).map((id) => avatar(id, "avatar-tiny"));
    const crowd =
      direct || !about
        ? null
        : el(
            "span",
            { class: "crowd", title: `${about.members.length} members` },
            members,
            el("span", {}, String(about.members.length)),
          );
    const topic = about?.topic ? el("div", { class: "topic", title: about.topic }, about.topic) : null;
    this.head.replaceChildren(
      ...[el("h1", {}, name), direct ? tabs(this.desk, "messages") : topic, crowd].filter(Boolean),
    );
    const words = direct
      ? `Here you and ${world().bot.name} talk in private.`
      : `This is the beginning of #${channelName(this.channel)}.`;
    const there = direct || about?.members.includes(world().bot.user_id);
    this.intro.replaceChildren(
      el("h2", {}, words),
      el("p", {}, there ? "Type / to see what the bot can do." : "The bot is not in this channel."),
    );
  }

  /** Draw what is there now; `fresh` says that a message has come. */
  update({ fresh = false } = {}) {
    const seen = this.desk.seen();
    this.list.update(seen.timeline(this.channel), { newFrom: this.newFrom });
    if (this.scroller.atEnd) this.scroller.toEnd();
    else if (fresh) this.scroller.grown();
    if (!document.hidden) seen.markRead(this.channel);
  }
}

/** The thread on the right. */
export class ThreadPane {
  constructor(host, desk) {
    Object.assign(this, { host, desk });
    this.composer = new Composer({ desk, name: "Reply", onsend: () => this.scroller.toEnd() });
    this.where = el("span", { class: "thread-where" });
    this.count = el("div", { class: "line count-line" }, el("span", {}));
    const close = el(
      "button",
      {
        type: "button",
        class: "icon-button",
        "aria-label": "Close thread",
        onclick: () => desk.closeThread(),
      },
      icon("close"),
    );
    this.head = el("header", { class: "pane-head" }, el("h1", {}, "Thread"), this.where, close);
    this.content = el("div", { class: "scroll-content" });
    this.scroller = new Scroller(this.content);
    host.replaceChildren(this.head, this.scroller.frame, this.composer.node);
    host.addEventListener("keydown", (event) => this.onkeydown(event));
  }

  onkeydown(event) {
    if (
      event.key === "Escape" &&
      !event.defaultPrevented &&
      event.target.value !== undefined &&
      event.target.value === ""
    )
      this.desk.closeThread();
  }

  show(channel, ts) {
    Object.assign(this, { channel, ts });
    const setting = { desk: this.desk, channel, inThread: true };
    this.root = new MessageList(setting);
    this.list = new MessageList(setting);
    const fresh = this.desk.seen().unreadReplies(channel, ts) > 0;
    this.newFrom = fresh ? this.desk.seen().marks.of(`${channel}/${ts}`) : Infinity;
    this.where.textContent = `${isDirect(channel) ? "" : "#"}${channelName(channel)}`;
    this.content.replaceChildren(this.root.node, this.count, this.list.node);
    this.host.hidden = false;
    this.composer.aim({ channel, thread: ts, placeholder: "Reply…" });
    this.update();
    this.scroller.toEnd();
  }

  hide() {
    this.composer.keepDraft();
    this.ts = null;
    this.host.hidden = true;
  }

  update({ fresh = false } = {}) {
    if (!this.ts) return;
    const seen = this.desk.seen();
    const root = seen.message(this.channel, this.ts);
    const replies = seen.replies(this.channel, this.ts);
    this.root.update(root ? [root] : [], { days: false });
    this.list.update(replies, { days: false, newFrom: this.newFrom });
    const { length } = replies.filter((reply) => !reply.is_ephemeral);
    this.count.firstChild.textContent = length === 1 ? "1 reply" : `${length} replies`;
    this.count.hidden = length === 0;
    if (this.scroller.atEnd) this.scroller.toEnd();
    else if (fresh) this.scroller.grown();
    if (!document.hidden) seen.markRead(this.channel, this.ts);
  }
}

/** The app's Home tab. */
export class HomePane {
  constructor(host, desk) {
    Object.assign(this, { host, desk });
    this.head = el("header", { class: "pane-head" });
    this.waiting = el("div", { class: "intro" });
  }

  show() {
    const call = (what, fields) =>
      this.desk.call(what, { container: { type: "view", view_id: this.desk.seen().home?.id }, ...fields });
    this.blocks = new BlockList({
      act: async (blockId, action, state) => {
        const reply = await call("act", { block_id: blockId, action, state });
        if (!reply.ok) complain("The action", reply.error);
      },
      suggest: (blockId, actionId, value, state) =>
        call("suggest", { block_id: blockId, action_id: actionId, value, state }),
      upload: this.desk.upload,
    });
    this.head.replaceChildren(el("h1", {}, botTitle()), tabs(this.desk, "home"));
    const page = el("div", { class: "home", dataset: { testid: "home" } }, this.waiting, this.blocks.node);
    this.host.replaceChildren(
      this.head,
      el("div", { class: "scroller-frame" }, el("div", { class: "scroller", tabindex: "0" }, page)),
    );
    this.update();
    this.ask();
  }

  /** Tell the app that its Home tab is open; what it has published before is shown meanwhile. */
  async ask() {
    const visit = (this.visit = {});
    this.waiting.textContent = "Opening…";
    const reply = await this.desk.call("open_home");
    if (reply.ok) await new Promise((resolve) => setTimeout(resolve, HOME_PATIENCE));
    if (visit === this.visit) this.waiting.textContent = `${world().bot.name} has not put anything here yet.`;
  }

  update() {
    const { home } = this.desk.seen();
    this.waiting.hidden = Boolean(home);
    this.blocks.update(home?.blocks ?? []);
  }
}

const botTitle = () => [
  avatar(world().bot.user_id, "avatar-small"),
  world().bot.name,
  el("span", { class: "app-mark" }, "App"),
];

/** Home and Messages; without a Home tab there is nothing to choose between. */
function tabs(desk, current) {
  if (!world().has_home_tab) return null;
  const tab = (key, words, open) =>
    el(
      "button",
      { type: "button", role: "tab", "aria-selected": String(key === current), class: "tab", onclick: open },
      words,
    );
  return el(
    "div",
    { class: "tabs", role: "tablist" },
    tab("home", "Home", () => desk.openHome()),
    tab("messages", "Messages", () => desk.openDirect()),
  );
}
