/** The thin bar that is shown while there is no connection. */

import { el } from "./dom.js";

const bar = () => document.getElementById("connection");

/** Show it. */
export function tellReconnecting() {
  bar().replaceChildren(el("span", { class: "spinner" }), "Reconnecting…");
  bar().hidden = false;
}

/** Take it away. */
export function tellConnected() {
  bar().hidden = true;
}
