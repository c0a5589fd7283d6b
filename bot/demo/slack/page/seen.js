/** What one person may see: messages by channel, their modals and Home, and what they have not read yet. */

import { world } from "./people.js";

const memory = () => `pretend-slack/${world().team.id}`;
const compare = (one, other) => Number(one.ts) - Number(other.ts);

/** Marks of what was read, kept by the browser for each person. */
class Marks {
  constructor(user) {
    this.key = `${memory()}/read/${user}`;
    this.since = startOfVisit();
    this.marks = JSON.parse(localStorage.getItem(this.key) ?? "{}");
  }

  of(place) {
    return Math.max(Number(this.marks[place] ?? 0), this.since);
  }

  set(place, ts) {
    if (Number(ts) <= this.of(place)) return;
    this.marks[place] = Number(ts);
    localStorage.setItem(this.key, JSON.stringify(this.marks));
  }
}

/** When this browser first opened the demo, in epoch seconds: older messages count as read. */
function startOfVisit() {
  const key = `${memory()}/since`;
  const kept = localStorage.getItem(key) ?? String(Date.now() / 1000);
  localStorage.setItem(key, kept);
  return Number(kept);
}

/** Emits `snapshot`, `channel` (detail `{channel, ts}`), `views`, `home`. */
export class Seen extends EventTarget {
  constructor(user) {
    super();
    this.user = user;
    this.channels = new Map();
    this.views = [];
    this.home = null;
    this.ready = false;
    this.marks = new Marks(user);
  }

  take(frame) {
    const take = {
      snapshot: () => this.snapshot(frame),
      message: () => this.put(frame.channel, frame.message.ts, frame.message),
      ephemeral: () =>
        this.put(frame.channel, `private ${frame.message.ts}`, { ...frame.message, is_ephemeral: true }),
      message_deleted: () => this.drop(frame.channel, frame.ts),
      ephemeral_deleted: () => this.drop(frame.channel, `private ${frame.ts}`),
      views: () => this.set("views", frame.stack),
      home: () => this.set("home", frame.view),
      badge: () => this.emit("channel", { channel: frame.channel }),
    }[frame.type];
    take?.();
  }

  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  set(name, value) {
    this[name] = value;
    this.emit(name, value);
  }

  snapshot({ messages = {}, ephemerals = {}, views = [], home = null }) {
    this.channels = new Map();
    for (const [channel, list] of Object.entries(messages))
      this.channels.set(channel, new Map(list.map((message) => [message.ts, message])));
    for (const [channel, list] of Object.entries(ephemerals)) {
      for (const message of list)
        this.in(channel).set(`private ${message.ts}`, { ...message, is_ephemeral: true });
    }
    Object.assign(this, { views, home, ready: true });
    this.emit("snapshot");
  }

  in(channel) {
    if (!this.channels.has(channel)) this.channels.set(channel, new Map());
    return this.channels.get(channel);
  }

  put(channel, key, message) {
    this.in(channel).set(key, message);
    this.emit("channel", { channel, ts: message.ts, message });
  }

  drop(channel, key) {
    this.in(channel).delete(key);
    this.emit("channel", { channel });
  }

  all(channel) {
    return [...(this.channels.get(channel)?.values() ?? [])].sort(compare);
  }

  /** What stands in the channel itself. */
  timeline(channel) {
    return this.all(channel).filter((message) => !isReply(message) || message.subtype === "thread_broadcast");
  }

  /** The replies of a thread, without the message it hangs on. */
  replies(channel, ts) {
    return this.all(channel).filter((message) => isReply(message) && message.thread_ts === ts);
  }

  message(channel, ts) {
    return this.channels.get(channel)?.get(ts);
  }

  /** The conversations this person has: the channels of the world they see, then direct ones. */
  conversations() {
    const channels = world().channels.filter(
      (each) => each.members?.includes(this.user) || this.channels.has(each.id),
    );
    const known = new Set(world().channels.map((each) => each.id));
    const direct = [...this.channels.keys()].filter((id) => !known.has(id));
    return {
      channels: channels.filter((each) => !each.id.startsWith("D")),
      direct: [...direct, ...channels.map((each) => each.id).filter((id) => id.startsWith("D"))],
    };
  }

  /** `{count, news}`: unread messages in the channel itself, and whether anything at all is new. */
  unread(channel) {
    const mark = this.marks.of(channel);
    const fresh = this.all(channel).filter(
      (message) => Number(message.ts) > mark && message.user !== this.user,
    );
    return { count: fresh.filter((message) => !isReply(message)).length, news: fresh.length > 0 };
  }

  unreadReplies(channel, ts) {
    const mark = this.marks.of(`${channel}/${ts}`);
    return this.replies(channel, ts).filter(
      (message) => Number(message.ts) > mark && message.user !== this.user,
    ).length;
  }

  markRead(channel, thread = null) {
    const list = thread ? this.replies(channel, thread) : this.all(channel);
    if (list.length) this.marks.set(thread ? `${channel}/${thread}` : channel, list.at(-1).ts);
  }
}

const isReply = (message) => Boolean(message.thread_ts) && message.thread_ts !== message.ts;
