// SPDX-License-Identifier: EUPL-1.2
// Follows the status. A visible page keeps one stream, reopened by this code because a browser gives
// up for good after one answer that is not 200. A hidden page asks once a minute instead: its title
// and icon stay true and the box keeps no stream for it.
import { call } from "./base.js";

const SILENCE_MS = 15000;
const RETRY_MIN_MS = 2000;
const RETRY_MAX_MS = 30000;
const HIDDEN_MS = 60000;

/** on: estado(data), suceso(data), beat(), lost(). Returns the function that tries again at once. */
export function follow(language, on) {
  let source = null;
  let timers = [];
  let wait_ms = RETRY_MIN_MS;

  const after = (delay_ms, act) => timers.push(setTimeout(act, delay_ms));

  function close() {
    timers.forEach(clearTimeout);
    timers = [];
    source?.close();
    source = null;
  }

  function hear() {
    timers.forEach(clearTimeout);
    timers = [];
    after(SILENCE_MS, lose);
    wait_ms = RETRY_MIN_MS;
    on.beat();
  }

  function lose() {
    close();
    on.lost();
    after(wait_ms, start);
    wait_ms = Math.min(wait_ms * 2, RETRY_MAX_MS);
  }

  // A stream that is refused does not say why: the call before it does, and may ask for the password.
  async function start() {
    close();
    let status;
    try {
      status = await call("GET", `/v1/estado?idioma=${language}`, undefined, SILENCE_MS);
      on.estado(status);
    } catch {
      return lose();
    }
    if (document.hidden) {
      on.beat();
      return after(HIDDEN_MS, start);
    }
    close();
    source = new EventSource(`/v1/estado/eventos?idioma=${language}&conocido=${status.huella}`);
    for (const name of ["estado", "suceso"])
      source.addEventListener(name, (event) => {
        hear();
        on[name](JSON.parse(event.data));
      });
    source.addEventListener("latido", hear);
    source.addEventListener("fin", start);
    source.onerror = lose;
    after(SILENCE_MS, lose);
  }

  document.addEventListener("visibilitychange", start);
  addEventListener("pagehide", close);
  start();
  return start;
}
