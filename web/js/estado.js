// SPDX-License-Identifier: EUPL-1.2
// The status: can it send, does it need me? The box decides; this page shows, and says when it does
// not know.
import { $, ask, attempt, call, lang, make, make_icon, may, open_page, Problem, say, say_word, set_icon, set_text, set_zone,
  tell_day, tell_number, tell_seconds, tell_span, tell_when } from "./base.js";
import { show_alerts } from "./avisos.js";
import { follow } from "./live.js";
import { show_modems } from "./modems.js";

const EVENTS_SHOWN = 50;
const ANSWERS = {
  si: { tone: "good", icon: "good", favicon: "bien" },
  si_pero: { tone: "care", icon: "care", favicon: "aviso" },
  por_ahora_no: { tone: "care", icon: "wait", favicon: "aviso" },
  no: { tone: "bad", icon: "bad", favicon: "mal" },
  no_se_sabe: { tone: "mute", icon: "unknown", favicon: "duda" },
};
const NEEDS = { nada: "good", espere: "wait", desde_aqui: "here", vaya: "place", llame: "call" };
const LEVELS = { bien: "good", aviso: "care", mal: "bad", recuperacion: "again" };

let known = null; // the last status
let happened = []; // the newest events
let heard_ms = 0;
let lost = false;
let again = () => {};

// ---- the verdict ------------------------------------------------------------------------------

/** "No puede enviar: el módem …" in its two parts, the second as a sentence of its own. */
function split_sentence(text) {
  const at = text.indexOf(": ");
  if (at < 0) return [text.replace(/\.$/, ""), ""];
  return [text.slice(0, at), text.charAt(at + 2).toLocaleUpperCase(lang) + text.slice(at + 3)];
}

const names_of = (modems) => (modems ?? []).filter((modem) => modem.listo).map((modem) => modem.nombre).join(", ");

function show_verdict(verdict, modems) {
  const answer = ANSWERS[verdict.puede];
  const [headline, why] = split_sentence(verdict.frase);
  const [need, what] = split_sentence(verdict.que_hacer);
  const box = $("veredicto");
  box.className = `verdict verdict-${answer.tone}`;
  set_icon(box.querySelector(".verdict-mark"), answer.icon);
  set_text($("respuesta"), headline);
  set_text($("porque"), why || say("fine.ready", { names: names_of(modems) }));
  set_text($("necesita").querySelector("span"), need);
  set_icon($("necesita"), NEEDS[verdict.necesita] ?? "wait");
  set_text($("que-hacer"), what);
  document.title = `${headline} · contraclaved`;
  if (!$("icono").href.endsWith(answer.favicon + ".svg")) $("icono").href = $("icono").href.replace(/icono-\w+/, `icono-${answer.favicon}`);
  set_text($("dicho"), verdict.frase);
  const others = (verdict.otras ?? []).map((other) => make("li", {}, `${other.frase} ${other.que_hacer ?? ""}`.trim()));
  $("otras").firstElementChild.replaceChildren(...others);
  $("otras").hidden = others.length === 0;
}

function show_live() {
  const line = $("directo");
  line.classList.toggle("live-old", lost);
  if (heard_ms) set_text(line.querySelector("span"), say(lost ? "live.old" : "live.now", { time: tell_seconds(heard_ms) }));
  if (lost && known) set_text($("porque"), unknown_sentence());
}

function unknown_sentence() {
  const then = known ? say("unknown.then", { answer: split_sentence(known.veredicto.frase)[0] }) : "";
  return heard_ms ? say("unknown.since", { time: tell_seconds(heard_ms), age: tell_span((Date.now() - heard_ms) / 1000), then })
    : say("unknown.never");
}

function show_unknown() {
  if (!lost) show_verdict({ puede: "no_se_sabe", frase: `${say("unknown.answer")}: ${unknown_sentence()}`, que_hacer: say("unknown.do") });
  lost = true;
  $("reintentar").hidden = false;
  $("viejo").hidden = known === null;
  set_text($("viejo").querySelector("span"), say("unknown.below", { time: heard_ms ? tell_seconds(heard_ms) : "–" }));
  show_live();
}

// ---- figures, queue, box ----------------------------------------------------------------------

const figure = (name, value, small, note) => make("div", {}, make("dt", {}, say(name)),
  make("dd", {}, value, small ? " " : "", small ? make("small", {}, small) : ""), make("dd", {}, note ?? ""));

/** The median, and what nine of ten do not exceed, each rounded up; nothing told today: a dash. */
const tell_latency = (seconds) => (seconds < 10 ? `${tell_number(Math.ceil(seconds * 10 - 1e-6) / 10 || 0.1, 1)} s` : tell_span(seconds));
const figure_of_spans = (name, p50, p90) => (p50 == null ? figure(name, "–")
  : figure(name, tell_latency(p50), say("figure.median"), say("figure.p90", { s: tell_latency(p90) })));

const whole = (value) => (value == null ? "–" : tell_number(value));

function show_figures(status) {
  const { cifras, cola, colas = [], veredicto } = status;
  const waiting = cola?.en_cola;
  const first = colas.map((row) => row.primera).filter(Boolean).sort()[0];
  const dying = colas.map((row) => row.caduca).filter(Boolean).sort()[0];
  const ago = first && say("figure.first", { age: tell_span((Date.now() - Date.parse(first)) / 1000) });
  const out = veredicto.puede === "no" && veredicto.desde;
  const figures = [figure("figure.waiting", whole(waiting), null, ago ?? (waiting === 0 ? say("figure.none") : ""))];
  if (out) figures.unshift(figure("figure.out", tell_span((Date.now() - Date.parse(out)) / 1000), null, say("figure.since", { time: tell_when(out) })));
  if (out && dying) figures.push(figure("figure.dying", whole(waiting), null, tell_when(dying)));
  if (cifras && !out)
    figures.push(figure("figure.delivered", whole(cifras.entregados), null, say("figure.refused", { n: whole(cifras.rechazados), u: whole(cifras.inciertos) })),
      figure_of_spans("figure.modem", cifras.salida_p50_s, cifras.salida_p90_s),
      figure_of_spans("figure.handset", cifras.entrega_p50_s, cifras.entrega_p90_s));
  if (cifras) figures.push(figure("figure.unable", say("minutes", { n: whole(cifras.minutos_sin_enviar) })));
  $("cifras").replaceChildren(...figures);
}

function show_queue(rows) {
  $("cola").parentElement.hidden = rows.length === 0;
  $("cola").replaceChildren(...rows.map((row) => make("tr", {}, make("th", { scope: "row" }, say_word("class", row.clase)),
    make("td", { class: "right" }, whole(row.esperan)), make("td", { class: "right" }, tell_when(row.primera),
      row.caduca ? make("small", { class: "soft" }, ` ${say("queue.expires", { time: tell_when(row.caduca) })}`) : null))));
}

const check = ([tone, text]) => make("li", {}, make_icon(tone === "mute" ? "unknown" : tone, tone, say(`level.${tone}`)), make("span", {}, text));

function checks_of(status) {
  const box = status.equipo ?? {};
  const found = [status.veredicto, ...(status.veredicto.otras ?? [])].map((item) => item.causa);
  const tone_of = (...causes) => (causes.some((cause) => found.includes(cause)) ? "care" : "good");
  const days = box.copia ? Math.floor((Date.now() - Date.parse(box.copia)) / 86400000) : null;
  return [
    [status.reloj_fiable ? "good" : "bad", status.reloj_fiable ? say("box.clock") : status.aviso_reloj || say("box.no_clock")],
    status.aviso_datos ? ["bad", say("box.data", { what: say_word("data", status.aviso_datos) })] : null,
    box.disco_libre == null ? null : [box.disco_acaba ? "care" : "good",
      say(box.disco_acaba ? "box.disk_ends" : "box.disk", { gb: tell_number(box.disco_libre / 1e9, 1), pc: box.disco_usado_pc })],
    box.copia === undefined ? null : days === null ? ["care", say("box.no_copy")] : [tone_of("copia_antigua"), say("box.copy", { n: days })],
    box.certificado ? [tone_of("certificado", "certificado_caducado", "certificado_aun_no"), say("box.certificate", { day: tell_day(box.certificado.caduca) })] : null,
    status.aviso_limites ? ["care", status.aviso_limites] : status.cifras ? ["good", say("box.failures", { n: whole(status.cifras.fallos_hoy) })] : null,
    ...(status.equipos ?? []).map((one) => [one.ausente ? "bad" : one.puede_enviar || !one.modems ? "good" : "care", one.frase]),
    box.arranque ? ["good", say("box.up", { version: status.version, time: tell_when(box.arranque) })] : null,
    status.integridad ? ["bad", status.integridad] : null,
  ].filter(Boolean);
}

// ---- events -----------------------------------------------------------------------------------

function make_event(event) {
  const icon = LEVELS[event.nivel] ?? "dot";
  const tone = icon === "again" || icon === "dot" ? "mute" : icon;
  return make("li", {}, make("time", { datetime: event.instante }, tell_when(event.instante)),
    make_icon(icon, tone, say_word("level", tone)), make("p", {}, event.frase));
}

/** Puts these among those that are shown: newest first. */
function show_events(more) {
  const known = new Map([...happened, ...more].map((event) => [event.id, event]));
  happened = [...known.values()].sort((a, b) => b.id - a.id).slice(0, EVENTS_SHOWN);
  $("sucesos").replaceChildren(...happened.map(make_event));
  $("sin-sucesos").hidden = happened.length > 0;
}

/** The stream begins with the newest few; all of them are asked for when the list is looked at. */
const watcher = new IntersectionObserver(async (entries) => {
  if (!entries.some((entry) => entry.isIntersecting)) return;
  watcher.disconnect();
  try {
    show_events((await call("GET", `/v1/estado/eventos?idioma=${lang}&desde=2020-01-01T00:00:00Z`)).sucesos);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
  }
});

// ---- all of it --------------------------------------------------------------------------------

function show_status(changes) {
  known = { ...known, ...changes };
  set_zone(known.zona);
  set_text($("entidad"), known.entidad);
  show_verdict(known.veredicto, known.modems);
  show_figures(known);
  show_queue(known.colas ?? []);
  show_modems(known.modems);
  show_alerts(known.avisos);
  $("equipo").replaceChildren(...checks_of(known).map(check));
  if (changes.sucesos) show_events(changes.sucesos);
  $("mientras").hidden = known.veredicto.puede !== "no";
  const paused = known.pausa != null;
  $("pausar").hidden = paused;
  $("reanudar").hidden = !paused || !may("tecnico");
}

const on_click = (id, act) => ($(id).onclick = () => attempt(act));

on_click("pausar", async () => {
  const reason = await ask({ title: say("pause.title"), text: say("pause.text"), yes: say("pause.yes"), field: say("pause.field") });
  if (reason !== false) await call("POST", "/v1/envios/pausa", { motivo: reason });
});
on_click("reanudar", async () => {
  if (await ask({ title: say("resume.title"), text: say("resume.text"), yes: say("resume.yes") })) await call("DELETE", "/v1/envios/pausa");
});
$("reintentar").onclick = () => again();

await open_page();
watcher.observe($("sucesos").parentElement);
again = follow(lang, {
  estado(status) {
    if (lost) {
      lost = false;
      $("reintentar").hidden = $("viejo").hidden = true;
    }
    show_status(status);
  },
  suceso: (event) => show_events([event]),
  beat() {
    heard_ms = Date.now();
    if (!lost) show_live();
  },
  lost: show_unknown,
});
setInterval(() => known && !document.hidden && (lost ? show_live() : show_figures(known)), 1000);
