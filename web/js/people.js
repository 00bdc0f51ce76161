// SPDX-License-Identifier: EUPL-1.2
// What the pages of the desk share.
import { $, call, call_version, lang, make, make_icon, may, Problem, say, say_word, set_text } from "./base.js";

export const full_name = (person) => [person.nombre, person.apellido1, person.apellido2].filter(Boolean).join(" ");

export function show_note(note, text) {
  note.hidden = !text;
  set_text(note.firstElementChild, text);
}

// ---- a form that is sent once -----------------------------------------------------------------

const new_key = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * Returns what sends an opened form. However often it is sent, the box does it once: what had no answer is sent again under the same
 * key. What was refused, or has other words now, is another request.
 */
export function open_form() {
  let key = new_key();
  return async function send_form(path, body, seen = null) {
    try {
      return await call_version("POST", path, body, seen, key);
    } catch (problem) {
      if (problem.status) key = new_key();
      if (problem.type !== "idempotency_reused") throw problem;
      return await send_form(path, body, seen);
    }
  };
}

// ---- whether SMS leave, and what waits for a clerk --------------------------------------------

const CHIPS = { si: ["good", "good"], si_pero: ["care", "care"], por_ahora_no: ["wait", "care"], no: ["bad", "bad"] };
const ATTENDED_MS = 10 * 60 * 1000;
const AGAIN_MS = 2000;
const REFUSED_MS = 30000;
const SILENCE_MS = 15000; // three beats of the stream
let source = null;
let acted_ms = Date.now();

function show_chip(place, { puede, frase }) {
  const [icon, tone] = CHIPS[puede] ?? ["unknown", "mute"];
  place.className = `chip chip-${tone}`;
  place.title = frase;
  place.replaceChildren(make_icon(icon), say_word("desk.can", puede));
}

/** How many online altas wait, in the navigation; a page of the list has fifty. */
export async function show_to_check() {
  let waiting;
  try {
    waiting = await call("GET", "/v1/registro/altas?estado=pendiente");
  } catch (problem) {
    if (problem instanceof Problem) return; // the page is being left, or the box is away: nothing is told
    throw problem;
  }
  const { altas, siguiente } = waiting;
  const link = document.querySelector(".nav [href='/pendientes']");
  link.querySelector(".count")?.remove();
  if (altas.length > 0)
    link.append(make("span", { class: "count" }, `${altas.length}${siguiente ? "+" : ""}`, make("span", { class: "sr" }, ` ${say("desk.to_check")}`)));
}

/** Follows whether the box can send; tell gets each verdict. A desk that nobody attends opens no stream, so that its session ends. */
export function follow_sending(tell = () => {}) {
  if (!may("estado")) return;
  const place = make("span", { id: "salen" });
  $("sesion").prepend(make("a", { href: "/estado" }, place), " ");
  const lose = () => show_chip(place, { puede: "no_se_sabe", frase: "" });
  let silence = 0;
  const close = (again_ms) => {
    clearTimeout(silence);
    source?.close();
    source = null;
    if (Date.now() - acted_ms < ATTENDED_MS) setTimeout(attend, again_ms);
    else lose();
  };
  const hear = () => {
    clearTimeout(silence);
    silence = setTimeout(() => {
      lose();
      close(AGAIN_MS);
    }, SILENCE_MS);
  };
  const open = () => {
    source = new EventSource(`/v1/estado/eventos?idioma=${lang}`);
    hear();
    source.addEventListener("latido", hear);
    source.addEventListener("estado", (event) => {
      hear();
      const { veredicto } = JSON.parse(event.data);
      if (!veredicto) return;
      show_chip(place, veredicto);
      tell(veredicto);
    });
    source.addEventListener("fin", () => close(AGAIN_MS));
    source.onerror = () => {
      lose();
      if (source?.readyState === EventSource.CLOSED) close(REFUSED_MS);
    };
  };
  const attend = () => !source && !document.hidden && open();
  for (const kind of ["keydown", "pointerdown"])
    addEventListener(kind, () => {
      acted_ms = Date.now();
      attend();
    });
  document.addEventListener("visibilitychange", () => (document.hidden ? close(REFUSED_MS) : attend()));
  addEventListener("pagehide", () => source?.close());
  open();
}
