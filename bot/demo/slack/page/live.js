/** The connection to the pretend Slack server: frames come in as events, calls go out and are answered. */

const PAUSES = [300, 700, 1500, 3000, 5000];
const PATIENCE = 40_000;

/** Emits `frame` (what the server sent) and `status` ("open" or "lost"); reconnects by itself. */
export class Live extends EventTarget {
  constructor() {
    super();
    this.waiting = new Map();
    this.number = 0;
    this.tries = 0;
  }

  /** Be this user from now on; an earlier connection is closed without a word. */
  connect(user) {
    clearTimeout(this.timer);
    this.user = user;
    const address = new URL(`page/live?user=${encodeURIComponent(user)}`, document.baseURI);
    address.protocol = address.protocol.replace("http", "ws");
    const earlier = this.socket;
    const socket = (this.socket = new WebSocket(address));
    earlier?.close();
    this.giveUpWaiting();
    socket.addEventListener("open", () => socket === this.socket && this.opened());
    socket.addEventListener(
      "message",
      (event) => socket === this.socket && this.received(JSON.parse(event.data)),
    );
    socket.addEventListener("close", () => socket === this.socket && this.lost());
  }

  get isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  opened() {
    this.tries = 0;
    this.emit("status", "open");
  }

  lost() {
    this.giveUpWaiting();
    this.emit("status", "lost");
    const pause = PAUSES[Math.min(this.tries, PAUSES.length - 1)];
    this.tries += 1;
    this.timer = setTimeout(() => this.connect(this.user), pause * (0.8 + 0.4 * Math.random()));
  }

  received(frame) {
    if (frame.reply === undefined) this.emit("frame", frame);
    else this.answer(frame.reply, frame);
  }

  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** Ask the server to do something; always resolves, to `{ok: false, error}` when it did not work. */
  call(what, fields = {}) {
    if (!this.isOpen) return Promise.resolve({ ok: false, error: "not_connected" });
    this.number += 1;
    const id = this.number;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.answer(id, { ok: false, error: "no_answer" }), PATIENCE);
      this.waiting.set(id, { resolve, timer });
      this.socket.send(JSON.stringify({ id, do: what, ...fields }));
    });
  }

  answer(id, reply) {
    const asked = this.waiting.get(id);
    if (!asked) return;
    clearTimeout(asked.timer);
    this.waiting.delete(id);
    asked.resolve(reply);
  }

  giveUpWaiting() {
    for (const id of [...this.waiting.keys()]) this.answer(id, { ok: false, error: "connection_lost" });
  }
}
