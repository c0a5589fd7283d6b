/** One message, drawn again in place whenever it changes. */

import { attached, fileCard, reactions } from "./attachments.js";
import { BlockList } from "./blocks.js";
import { ago, clock, fullTime } from "./dates.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";
import { complain, openMenu } from "./layers.js";
import { mrkdwn } from "./mrkdwn.js";
import { avatar, isBot, nameOf, world } from "./people.js";

/** Who wrote a message. */
export const authorOf = (message) => message.user ?? message.bot_id ?? "";

const messageShortcuts = () => (world().shortcuts ?? []).filter((shortcut) => shortcut.type === "message");

/** One message; `desk` is `{call, upload, seen, openThread}`, `channel` where it stands. */
export class MessageView {
  constructor({ desk, channel, inThread }) {
    Object.assign(this, { desk, channel, inThread });
    this.gutter = el("div", { class: "message-gutter" });
    this.head = el("div", { class: "message-head" });
    this.words = el("div", { class: "text" });
    this.tail = el("div", { class: "message-tail" });
    this.blocks = new BlockList({
      conversation: channel,
      act: (...args) => this.act(...args),
      suggest: (blockId, actionId, value, state) =>
        desk.call("suggest", {
          container: this.container,
          block_id: blockId,
          action_id: actionId,
          value,
          state,
        }),
      upload: desk.upload,
    });
    this.body = el("div", { class: "message-body" }, this.head, this.words, this.blocks.node, this.tail);
    this.node = el(
      "div",
      { class: "message", role: "article", onclick: (event) => this.onclick(event) },
      this.gutter,
      this.body,
      this.tools(),
    );
  }

  get container() {
    const { ts, is_ephemeral: ephemeral = false } = this.message;
    return { type: "message", channel: this.channel, ts, ephemeral };
  }

  async act(blockId, action, state) {
    const reply = await this.desk.call("act", {
      container: this.container,
      block_id: blockId,
      action,
      state,
    });
    if (!reply.ok) complain("The action", reply.error);
  }

  tools() {
    const tool = (name, words, run) =>
      el(
        "button",
        { type: "button", class: "icon-button", "aria-label": words, title: words, onclick: run },
        icon(name),
      );
    const reply = this.inThread ? null : tool("reply", "Reply in thread", () => this.openThread());
    const more = messageShortcuts().length
      ? tool("dots", "More message actions", () => this.openShortcuts(more))
      : null;
    return el("div", { class: "message-tools" }, reply, more);
  }

  openShortcuts(anchor) {
    const run = (shortcut) => () =>
      this.desk.shortcut(shortcut, { channel: this.channel, ts: this.message.ts });
    openMenu(
      anchor,
      messageShortcuts().map((shortcut) => ({
        label: shortcut.name,
        description: shortcut.description,
        run: run(shortcut),
      })),
    );
  }

  openThread() {
    if (!this.message.is_ephemeral)
      this.desk.openThread(this.channel, this.message.thread_ts ?? this.message.ts);
  }

  /** A click on the message itself, not on something in it and not at the end of marking text. */
  onclick(event) {
    if (
      this.inThread ||
      event.target.closest("button, a, input, textarea, label, summary, [popover], .select") ||
      String(getSelection())
    )
      return;
    this.openThread();
  }

  update(message, { compact }) {
    this.message = message;
    this.node.dataset.ts = message.ts;
    this.node.classList.toggle("compact", compact);
    this.node.classList.toggle("private", Boolean(message.is_ephemeral));
    this.drawHead(compact);
    const json = JSON.stringify([message.text, message.blocks, message.attachments, message.edited]);
    if (json !== this.drawnAs) this.drawBody(message);
    this.drawnAs = json;
    this.drawTail();
  }

  drawHead(compact) {
    const { message } = this;
    const author = authorOf(message);
    if (this.headOf === `${author} ${compact} ${message.ts}`) return;
    this.headOf = `${author} ${compact} ${message.ts}`;
    const time = el("time", { title: fullTime(Number(message.ts)) }, clock(Number(message.ts)));
    const who = [
      el("span", { class: "author" }, message.username ?? nameOf(author)),
      isBot(author) ? el("span", { class: "app-mark" }, "App") : null,
    ];
    const eye = message.is_ephemeral
      ? el("div", { class: "only-you" }, icon("eye"), "Only visible to you")
      : null;
    if (compact) time.textContent = time.textContent.replace(/\s?[ap]m$/i, "");
    this.gutter.replaceChildren(compact ? time : avatar(author));
    const broadcast = !this.inThread && message.thread_ts && message.thread_ts !== message.ts;
    const origin = broadcast
      ? el(
          "button",
          { type: "button", class: "origin", onclick: () => this.openThread() },
          "replied in a thread",
        )
      : null;
    this.head.replaceChildren(
      ...[eye, compact ? null : el("div", { class: "byline" }, who, " ", time), origin].filter(Boolean),
    );
  }

  drawBody(message) {
    const blocks = [...(message.blocks ?? []), ...(message.attachments ?? []).flatMap(attached)];
    const hasBlocks = message.blocks?.length > 0;
    const edited = message.edited ? el("span", { class: "edited" }, " (edited)") : null;
    this.words.replaceChildren(...[...(hasBlocks ? [] : mrkdwn(message.text)), edited].filter(Boolean));
    this.words.hidden = hasBlocks && !edited;
    this.blocks.node.hidden = blocks.length === 0;
    this.blocks.update(blocks);
  }

  drawTail() {
    const { message } = this;
    const replies =
      this.inThread || message.is_ephemeral
        ? []
        : this.desk
            .seen()
            .replies(this.channel, message.ts)
            .filter((reply) => !reply.is_ephemeral);
    const count = Math.max(replies.length, this.inThread ? 0 : (message.reply_count ?? 0));
    const fresh = count ? this.desk.seen().unreadReplies(this.channel, message.ts) : 0;
    const key = JSON.stringify([
      message.files,
      message.reactions,
      count,
      fresh,
      replies.at(-1)?.ts,
      count ? ago(Number(replies.at(-1)?.ts)) : "",
    ]);
    if (key === this.tailOf) return;
    this.tailOf = key;
    const parts = [
      (message.files ?? []).map(fileCard),
      reactions(message),
      count ? this.summary(replies, { count, fresh }) : null,
    ];
    this.tail.replaceChildren(...parts.flat().filter(Boolean));
  }

  summary(replies, { count, fresh }) {
    const faces = [...new Set(replies.map(authorOf))].slice(0, 4).map((id) => avatar(id, "avatar-tiny"));
    const last = replies.at(-1);
    return el(
      "button",
      {
        type: "button",
        class: fresh ? "thread-summary fresh" : "thread-summary",
        onclick: () => this.openThread(),
      },
      el("span", { class: "faces" }, faces),
      el("span", { class: "reply-count" }, count === 1 ? "1 reply" : `${count} replies`),
      fresh ? el("span", { class: "fresh-count" }, `${fresh} new`) : null,
      last ? el("span", { class: "reply-time" }, `Last reply ${ago(Number(last.ts))}`) : null,
    );
  }
}
