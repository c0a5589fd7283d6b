/** The frame around the conversation: who you are, the list of conversations, the first hints. */

import { arrange, attribute, el } from "./dom.js";
import { icon } from "./icons.js";
import { openMenu } from "./layers.js";
import { avatar, channel as channelOf, channelName, titled, world } from "./people.js";

/** The bar on top with the people one can be. */
export class TopBar {
  constructor(host, desk) {
    this.desk = desk;
    const button = (name, words, run) =>
      el(
        "button",
        { type: "button", class: "icon-button", "aria-label": words, title: words, onclick: run },
        icon(name),
      );
    this.menu = button("menu", "Conversations", () => document.body.classList.toggle("drawer"));
    this.menu.classList.add("menu-button");
    this.faces = new Map(world().people.map((each) => [each.id, this.face(each)]));
    this.second = button("window", "Open a second tab as somebody else", () => this.openSecond());
    this.people = el(
      "div",
      { class: "people", role: "group", "aria-label": "You are", dataset: { testid: "person" } },
      el("span", { class: "you-are" }, "You are"),
      [...this.faces.values()],
    );
    host.replaceChildren(
      this.menu,
      el("strong", { class: "team" }, world().team.name),
      this.people,
      this.second,
      button("help", "What to try", () => desk.showHints()),
    );
    new ResizeObserver(() => this.fit()).observe(host);
  }

  /** Leave away titles, then names, of the others where there is no room for everybody. */
  fit() {
    for (const room of ["", "tight", "tighter"]) {
      this.people.className = `people ${room}`;
      if (this.people.scrollWidth <= this.people.clientWidth) break;
    }
  }

  face(known) {
    const tag = known.is_guest ? el("span", { class: "guest" }, "guest") : null;
    const words = el(
      "span",
      { class: "face-words" },
      el("span", { class: "face-name" }, firstName(known)),
      el("span", { class: "face-title" }, known.title || ""),
      tag,
    );
    const title = [titled(known), known.note].filter(Boolean).join("\n");
    return el(
      "button",
      {
        type: "button",
        class: "face",
        "aria-label": titled(known),
        title,
        dataset: { person: known.id },
        onclick: (event) => this.be(event, known),
      },
      avatar(known.id, "avatar-small"),
      words,
    );
  }

  be(event, known) {
    if (event.ctrlKey || event.metaKey) this.desk.openTab(known.id);
    else this.desk.be(known.id);
  }

  openSecond() {
    const others = world().people.filter((each) => each.id !== this.desk.seen().user);
    openMenu(
      this.second,
      others.map((each) => ({
        label: titled(each),
        description: each.note,
        face: avatar(each.id, "avatar-small"),
        run: () => this.desk.openTab(each.id),
      })),
    );
  }

  update() {
    for (const [id, face] of this.faces) {
      const current = id === this.desk.seen().user;
      face.setAttribute("aria-pressed", String(current));
    }
    this.fit();
    this.faces.get(this.desk.seen().user)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

const firstName = (known) => (known.real_name || known.name).split(" ")[0];

/** Channels, direct messages and the app, with what is unread. */
export class Sidebar {
  constructor(host, desk) {
    Object.assign(this, { host, desk });
    this.entries = new Map();
    this.channels = el("div", { class: "side-list" });
    this.direct = el("div", { class: "side-list" });
    host.replaceChildren(
      section("Channels", this.channels),
      section("Direct messages", this.direct),
      ...(world().has_home_tab ? [this.app()] : []),
    );
  }

  app() {
    const home = this.entry("home", "Home", icon("home"));
    home.dataset.testid = "home-button";
    return section("App", el("div", { class: "side-list" }, home));
  }

  entry(id, name, sign) {
    const known = this.entries.get(id);
    if (known) return known.node;
    const badge = el("span", { class: "badge", hidden: true });
    const node = el(
      "button",
      {
        type: "button",
        class: "side-entry",
        "aria-label": name,
        dataset: { channel: id },
        onclick: () => this.desk.openChannel(id),
      },
      sign,
      el("span", { class: "side-name" }, name),
      badge,
    );
    this.entries.set(id, { node, badge });
    return node;
  }

  update(current) {
    const seen = this.desk.seen();
    const { channels, direct } = seen.conversations();
    const sign = (id) => icon(channelOf(id)?.is_private ? "lock" : "hash");
    arrange(
      this.channels,
      channels.map(({ id }) => this.entry(id, channelName(id), sign(id))),
    );
    arrange(
      this.direct,
      direct.map((id) => this.entry(id, channelName(id), avatar(world().bot.user_id, "avatar-tiny"))),
    );
    for (const [id, { node, badge }] of this.entries) {
      const { count, news } = id === "home" ? { count: 0, news: false } : seen.unread(id);
      attribute(node, "aria-current", id === current ? "page" : null);
      node.classList.toggle("news", news);
      badge.hidden = count === 0;
      badge.textContent = count > 99 ? "99+" : String(count);
      attribute(node, "aria-description", count ? `${count} unread` : null);
    }
  }

  /** How many messages wait anywhere. */
  unread() {
    const { channels, direct } = this.desk.seen().conversations();
    return [...channels.map(({ id }) => id), ...direct].reduce(
      (sum, id) => sum + this.desk.seen().unread(id).count,
      0,
    );
  }
}

const section = (name, list) => el("section", { class: "side-section" }, el("h2", {}, name), list);

const HINTS_SEEN = "pretend-slack/hints-seen";

/** The bar that tells a newcomer what to try, until it is sent away. */
export class Hints {
  constructor(host, desk) {
    Object.assign(this, { host, desk });
  }

  update() {
    if (localStorage.getItem(HINTS_SEEN) === null) this.show();
  }

  show() {
    const close = el(
      "button",
      { type: "button", class: "icon-button", "aria-label": "Dismiss hints", onclick: () => this.dismiss() },
      icon("close"),
    );
    const steps = el(
      "ol",
      {},
      this.steps().map((step) => el("li", {}, el("span", {}, step))),
    );
    this.host.replaceChildren(
      el(
        "p",
        {},
        el("strong", {}, "Welcome to a pretend Slack. "),
        "Nothing here is real, so nothing can break. Try this:",
      ),
      steps,
      close,
    );
    this.host.hidden = false;
  }

  dismiss() {
    localStorage.setItem(HINTS_SEEN, "yes");
    this.host.hidden = true;
  }

  steps() {
    const me = this.desk.seen().user;
    const command = world().commands[0]?.command;
    const approver =
      world().people.find((each) => each.id !== me && /approv/i.test(`${each.title} ${each.note}`)) ??
      world().people.find((each) => each.id !== me);
    const chip = (words, run) => el("button", { type: "button", class: "button small", onclick: run }, words);
    return [
      command
        ? ["Type ", chip(command, () => this.desk.write(command)), " below and press Enter."]
        : ["Press ⚡ Shortcuts below."],
      ["Fill in the form; the run tells its story in its thread."],
      approver
        ? ["Become ", chip(firstName(approver), () => this.desk.be(approver.id)), " and decide about it."]
        : ["Open your messages with the app on the left."],
    ];
  }
}
