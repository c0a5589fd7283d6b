/** Joins the connection, what is seen, and the panes; the address bar says where we are. */

import { Hints, Sidebar, TopBar } from "./frame.js";
import { complain, toast } from "./layers.js";
import { Live } from "./live.js";
import { ModalStack } from "./modal.js";
import { ChannelPane, HomePane, ThreadPane } from "./panes.js";
import { channelName, isDirect, nameOf, permalink, person, readAs, world } from "./people.js";
import { tellConnected, tellReconnecting } from "./reconnecting.js";
import { Seen } from "./seen.js";

const place = (id) => document.getElementById(id);
const MINUTE = 60_000;
const QUIET = 700;

/** The desk: what every part of the page may ask for. */
export class Desk {
  constructor() {
    this.live = new Live();
    this.topBar = new TopBar(place("topbar"), this);
    this.channelPane = new ChannelPane(place("channel"), this);
    this.threadPane = new ThreadPane(place("thread"), this);
    this.homePane = new HomePane(place("channel"), this);
    this.hints = new Hints(place("hints"), this);
    this.upload = this.upload.bind(this);
    this.modals = new ModalStack({
      call: (...args) => this.call(...args),
      upload: this.upload,
      conversation: () => this.route.channel,
    });
    this.listen();
    this.follow();
  }

  listen() {
    this.live.addEventListener("frame", (event) => this.current.take(event.detail));
    this.live.addEventListener("status", (event) => this.tellStatus(event.detail));
    addEventListener("hashchange", () => this.follow());
    document.addEventListener("click", (event) => this.onclick(event));
    document.addEventListener("visibilitychange", () => this.lookedAt());
    setInterval(() => this.refresh(), MINUTE);
  }

  seen() {
    return this.current;
  }

  call(what, fields) {
    return this.live.call(what, fields);
  }

  async upload(file) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    let binary = "";
    for (let at = 0; at < bytes.length; at += 0x8000)
      binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
    const reply = await this.call("upload", {
      name: file.name,
      mime_type: file.type || "application/octet-stream",
      base64: btoa(binary),
    });
    if (!reply.ok) complain(`Uploading ${file.name}`, reply.error);
    return reply.file;
  }

  /** Run a shortcut, a message shortcut on the message `on` names. */
  async shortcut({ callback_id: callbackId, name }, on = {}) {
    const reply = await this.call("shortcut", { callback_id: callbackId, ...on });
    if (!reply.ok) complain(name, reply.error);
  }

  /** Go somewhere: what is not named stays, except that another channel closes the thread. */
  go(to) {
    const next = {
      ...this.route,
      ...(to.channel && to.channel !== this.route.channel && { thread: null }),
      ...to,
    };
    const hash = new URLSearchParams(Object.entries(next).filter(([, value]) => value));
    document.body.classList.remove("drawer");
    location.hash = hash.toString();
  }

  be = (user) => this.go({ user });
  openChannel = (channel) => this.go({ channel });
  openHome = () => this.go({ channel: "home" });
  openDirect = () => this.go({ channel: this.current.conversations().direct[0] ?? this.firstChannel() });
  openThread = (channel, thread) => this.go({ channel, thread });
  closeThread = () => this.go({ thread: null });
  showHints = () => (place("hints").hidden ? this.hints.show() : this.hints.dismiss());

  openTab(user) {
    const { thread, ...rest } = this.route;
    const hash = new URLSearchParams({
      ...rest,
      ...(isDirect(rest.channel) ? {} : thread && { thread }),
      user,
    });
    open(`#${hash}`, "_blank");
  }

  write(text) {
    if (this.route.channel === "home") this.go({ channel: this.firstChannel() });
    setTimeout(() => this.channelPane.composer.fill(text));
  }

  onclick(event) {
    const link = event.target.closest("a[href]");
    if (!link || event.ctrlKey || event.metaKey) return;
    const { goChannel } = link.dataset;
    const to = goChannel ? { channel: goChannel } : permalink(link.href);
    if (!to) return;
    event.preventDefault();
    if (this.current.channels.has(to.channel)) this.go(to);
    else toast(`You are not in #${channelName(to.channel)}`);
  }

  /** Do what the address bar says. */
  follow() {
    const asked = new URLSearchParams(location.hash.slice(1));
    const user = person(asked.get("user")) ? asked.get("user") : (this.route?.user ?? world().start_as);
    const route = {
      user,
      channel: asked.get("channel") || this.route?.channel || world().start_in,
      thread: asked.get("thread"),
    };
    const earlier = this.route;
    this.route = route;
    if (earlier?.user !== user) this.enter(user, { announce: Boolean(earlier) });
    else if (this.current.ready) this.arrive();
  }

  /** Become a person: everything seen so far was somebody else's. */
  enter(user, { announce }) {
    readAs(user);
    this.threadPane.hide();
    this.drawn = null;
    this.current = new Seen(user);
    this.sidebar = new Sidebar(place("sidebar"), this);
    const { current } = this;
    const mine = (action) => (event) => current === this.current && action(event.detail);
    current.addEventListener(
      "snapshot",
      mine(() => this.snapshot()),
    );
    current.addEventListener(
      "channel",
      mine((change) => this.changed(change)),
    );
    current.addEventListener(
      "views",
      mine((stack) => this.modals.show(stack)),
    );
    current.addEventListener(
      "home",
      mine(() => this.route.channel === "home" && this.homePane.update()),
    );
    this.live.connect(user);
    this.topBar.update();
    this.modals.show([]);
    if (announce) toast(`You are now ${nameOf(user)}`, { detail: person(user).note });
  }

  snapshot() {
    this.arrive();
    this.modals.show(this.current.views);
    this.hints.update();
  }

  firstChannel() {
    const ids = this.current.conversations().channels.map((each) => each.id);
    return ids.includes(world().start_in) ? world().start_in : ids[0];
  }

  /** The channel asked for, or the nearest this person has. */
  allowed(channel) {
    const { channels, direct } = this.current.conversations();
    if (channel === "home" && world().has_home_tab) return channel;
    if (direct.includes(channel) || channels.some((each) => each.id === channel)) return channel;
    return (isDirect(channel) && direct[0]) || this.firstChannel() || direct[0];
  }

  arrive() {
    const earlier = this.drawn;
    const channel = this.allowed(this.route.channel);
    if (channel !== this.route.channel) this.route = { ...this.route, channel, thread: null };
    history.replaceState(
      null,
      "",
      `#${new URLSearchParams(Object.entries(this.route).filter(([, value]) => value))}`,
    );
    if (earlier?.channel !== channel) this.showChannel(channel);
    const { thread } = this.route;
    if (!thread) this.threadPane.hide();
    else if (earlier?.thread !== thread || earlier?.channel !== channel)
      this.threadPane.show(channel, thread);
    document.body.classList.toggle("in-thread", Boolean(thread));
    this.drawn = this.route;
    this.refresh();
  }

  showChannel(channel) {
    if (channel === "home") this.homePane.show();
    else {
      this.channelPane.show(channel);
      if (!matchMedia("(pointer: coarse)").matches && !this.modals.top) this.channelPane.composer.box.focus();
    }
  }

  changed({ channel, message }) {
    if (channel === this.route.channel) {
      this.channelPane.update({ fresh: Boolean(message) });
      this.threadPane.update({ fresh: Boolean(message?.thread_ts) });
    }
    this.drawFrame();
  }

  /** The tab came to the front, or went away. */
  lookedAt() {
    if (document.hidden || !this.current?.ready) return;
    if (this.route.channel !== "home") this.channelPane.noteNew();
    this.refresh();
  }

  refresh() {
    if (!this.current?.ready) return;
    if (this.route.channel === "home") this.homePane.update();
    else this.channelPane.update();
    this.threadPane.update();
    this.drawFrame();
  }

  drawFrame() {
    this.sidebar.update(this.route.channel);
    const unread = this.sidebar.unread();
    const where =
      this.route.channel === "home"
        ? world().bot.name
        : `${isDirect(this.route.channel) ? "" : "#"}${channelName(this.route.channel)}`;
    document.title = `${unread ? `(${unread}) ` : ""}${where} · ${nameOf(this.route.user)} · ${world().team.name}`;
  }

  /** A thin bar while there is no connection, not for a blink. */
  tellStatus(status) {
    clearTimeout(this.statusTimer);
    if (status === "open") tellConnected();
    else this.statusTimer = setTimeout(tellReconnecting, QUIET);
  }
}
