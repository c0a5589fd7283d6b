/** The pretend Slack in the browser: learn what the workspace is, then open it. */

import { Desk } from "./desk.js";
import { learn } from "./people.js";
import { tellConnected, tellReconnecting } from "./reconnecting.js";

const PAUSE = 1500; // milliseconds

/** The world, asked for until the server answers. */
async function fetchWorld() {
  for (;;) {
    try {
      const answer = await fetch("page/world", { cache: "no-store" });
      if (answer.ok) return await answer.json();
    } catch {
      // The server is not there yet: say so and ask again.
    }
    tellReconnecting();
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

learn(await fetchWorld());
tellConnected();
new Desk();
