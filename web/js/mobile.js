// SPDX-License-Identifier: EUPL-1.2
// How an SMS of the desk goes, told while it goes.
import { call, make_icon, Problem, say, tell_seconds } from "./base.js";

const EVERY_MS = 1000;
const LONGEST_MS = 10 * 60 * 1000; // a page that asks on keeps its session alive
const TONES = { en_cola: ["wait", "care"], enviando: ["wait", "mute"], enviado: ["dot", "mute"], entregado: ["good", "good"] };
const IS_OVER = ["entregado", "no_entregado", "rechazado", "caducado", "incierto"];

let followed = 0;

function show_message(place, { estado, hora, enviado, acabado }) {
  const [icon, tone] = TONES[estado] ?? ["bad", "bad"];
  const times = { hora: tell_seconds(hora), enviado: enviado && tell_seconds(enviado), acabado: acabado && tell_seconds(acabado) };
  const text = say(`desk.sms.${estado}`, times);
  if (place.textContent.trim() === text) return;
  place.className = `${tone === "mute" ? "hint" : tone}-note`;
  place.replaceChildren(make_icon(icon, tone), ` ${text}`);
}

/** Tells in the place how this message goes, until it is over or another one is followed. */
export async function follow_message(place, id) {
  const mine = ++followed;
  const ends_ms = Date.now() + LONGEST_MS;
  while (mine === followed && Date.now() < ends_ms) {
    try {
      const message = await call("GET", `/v1/registro/mensajes/${id}`);
      if (mine !== followed) return;
      show_message(place, message);
      if (IS_OVER.includes(message.estado)) return;
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 0) throw problem;
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

export function forget_message(place) {
  followed++;
  place.replaceChildren();
}
