// SPDX-License-Identifier: EUPL-1.2
// The cards of the modems and what can be done to one. A card is kept and refilled, so that nobody
// loses a button under the finger or the place in a list.
import { $, ask, call, copy_template, fill, make, Problem, say, say_word, set_icon, set_text,
  show_allowed, tell_number, tell_span, tell_when } from "./base.js";
import { draw_day, tell_dbm, word_of_signal } from "./plot.js";

const STEPS = ["escape", "inicializacion", "reinicio", "reapertura", "puerto_usb", "alimentacion"];
const HISTORY_MS = 300000;
const OUTCOME_MS = 1500;
const OUTCOME_TRIES = 80;
const BARS = { good: 4, care: 2, bad: 1, none: 0 };
const cards = new Map();

const path_of = (name, rest) => `/v1/modems/${encodeURIComponent(name)}/${rest}`;

/** 0 when it cannot send and nothing is under way, 2 when it sends. */
const rank_of = (modem) => (modem.listo ? 2 : modem.peldano && modem.peldano !== "alarma" ? 1 : 0);

/** Shows the modems, worst first. */
export function show_modems(modems) {
  const wanted = [...modems].sort((a, b) => rank_of(a) - rank_of(b));
  const names = new Set(wanted.map((modem) => modem.nombre));
  for (const [name, card] of cards)
    if (!names.has(name)) {
      card.remove();
      cards.delete(name);
    }
  wanted.forEach((modem, at) => {
    const card = cards.get(modem.nombre) ?? new_card(modem.nombre);
    show_card(card, modem);
    if ($("modems").children[at] !== card) $("modems").insertBefore(card, $("modems").children[at] ?? null);
  });
}

function new_card(name) {
  const card = copy_template("modem");
  const heading = card.querySelector("h2");
  heading.id = `modem-${name}`;
  card.setAttribute("aria-labelledby", heading.id);
  card.querySelector("[data-plot] .scroll").setAttribute("aria-label", `${card.querySelector("[data-plot] summary").textContent} (${name})`);
  show_allowed(card);
  for (const button of card.querySelectorAll("[data-act]")) button.onclick = () => run(name, card, button);
  cards.set(name, card);
  card.dataset.modem = name;
  strips.observe(card);
  return card;
}

/** The strip is asked for when it comes into sight, and again every five minutes. */
const strips = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    strips.unobserve(target);
    show_history(target.dataset.modem, target);
  }
});

async function show_history(name, card) {
  if (cards.get(name) !== card) return;
  setTimeout(() => strips.observe(card), HISTORY_MS);
  try {
    draw_day(card.querySelector("[data-plot]"), await call("GET", `${path_of(name, "historia")}?detalle=cuartos`), Date.now());
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
  }
}

const state_of = (modem) =>
  modem.listo ? ["good", "good"]
    : modem.peldano && modem.peldano !== "alarma" ? ["care", "again"]
      : /^(abriendo|probando|iniciando|comprobando_sim|desbloqueando_sim|preparando)$/.test(modem.estado) ? ["care", "wait"]
        : ["bad", "bad"];

function show_card(card, modem) {
  const [tone, icon] = state_of(modem);
  const chip = card.querySelector("[data-chip]");
  chip.className = `chip chip-${tone}`;
  set_icon(chip, icon);
  show_signal(card.querySelector(".signal"), modem.listo ? modem.senal_dbm : null);
  fill(card, facts_of(modem));
  show_recovery(card, modem);
}

function show_signal(svg, dbm) {
  const word = word_of_signal(dbm);
  svg.setAttribute("class", `signal signal-${word}`);
  const lit = word === "good" && dbm >= -75 ? 5 : BARS[word];
  [...svg.children].forEach((bar, i) => bar.setAttribute("class", i < lit ? "on" : "off"));
}

const or_null = (value, told) => (value == null || value === "" ? null : told(value));

function facts_of(modem) {
  const line = [modem.operador, modem.red, modem.itinerancia ? say("modem.roaming") : null,
    or_null(modem.senal_dbm, (dbm) => `${tell_dbm(dbm)}, ${say(`signal.${word_of_signal(dbm)}`)}`)];
  const model = `${modem.fabricante ?? ""} ${modem.modelo ?? ""}`.trim();
  return {
    titulo: say("modem.title", { name: modem.nombre }),
    estado: say_word("state", modem.estado),
    linea: (modem.listo ? line : [model, modem.puerto]).filter(Boolean).join(" · "),
    detalle: modem.detalle || modem.aviso || "",
    registro: or_null(modem.registro_red, (code) => say_word("registration", code)),
    rsrp: modem.rsrp_dbm == null ? null : `${tell_dbm(modem.rsrp_dbm)} / ${or_null(modem.rsrq_db, (db) => tell_number(db, 1)) ?? "–"}`,
    sms: modem.ims ? "4G (IMS)" : or_null(modem.servicio_sms, (word) => say_word("service", word)),
    centro: modem.centro_mensajes || null,
    iccid: or_null(modem.iccid, (number) => number.replace(/\*+/, "…")),
    pin: or_null(modem.intentos_pin, (left) => say("modem.pin_left", { n: left })),
    memoria: modem.memoria_total == null ? null : say("modem.of", { n: modem.memoria_usada, total: modem.memoria_total }),
    ultima: or_null(modem.ultima_respuesta, tell_when),
    entrega: or_null(modem.ultima_entrega, tell_when),
    modelo: model || null,
    puerto: modem.puerto || null,
    temperatura: or_null(modem.temperatura_c, (c) => `${c} °C`),
    alimentacion: or_null(modem.alimentacion_mv, (mv) => `${tell_number(mv / 1000, 2)} V`),
  };
}

/** Step n of m, with the time that this step has left. */
function show_recovery(card, modem) {
  const part = card.querySelector("[data-recovery]");
  const at = STEPS.indexOf(modem.peldano);
  part.hidden = at < 0;
  if (part.hidden) return;
  const total = modem.peldano_s || 60;
  const spent = modem.peldano_desde ? (Date.now() - Date.parse(modem.peldano_desde)) / 1000 : modem.segundos_en_estado;
  const bar = part.querySelector("progress");
  bar.max = total;
  bar.value = Math.min(total, spent);
  set_text(part.querySelector("h3"), say("modem.step", { n: at + 1, of: STEPS.length, left: tell_span(Math.max(0, total - spent)) }));
  const steps = STEPS.map((name, i) => make("li", { class: i < at ? "soft" : null, "aria-current": i === at && "step" },
    say_word("step", name), i < at ? ` ${say("modem.step_done")}` : i === at ? ` ${say("modem.step_now")}` : ""));
  part.querySelector("[data-steps]").replaceChildren(...steps);
}

// ---- actions ----------------------------------------------------------------------------------

const tell = (card, text) => fill(card, { resultado: text });

async function run(name, card, button) {
  const question = (key, more = {}) =>
    ask({ title: say(`${key}.title`, { name }), text: say(`${key}.text`, { name }), yes: say(`${key}.yes`), ...more });
  button.disabled = true;
  try {
    await acts[button.dataset.act](name, card, question);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    tell(card, say("act.failed", { why: problem.message }));
  } finally {
    button.disabled = false;
  }
}

/** Asks for something until done() holds for its answer; null when that is not in time. */
async function wait_for(path, done) {
  for (let i = 0; i < OUTCOME_TRIES; i++) {
    const answer = await call("GET", path);
    if (done(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, OUTCOME_MS));
  }
  return null;
}

const acts = {
  async prueba(name, card, question) {
    const number = await question("test", { field: say("test.field") });
    if (number === false) return;
    tell(card, say("test.sending"));
    const { id } = await call("POST", path_of(name, "prueba"), { numero: number });
    await wait_for("/v1/cola", ({ mensajes }) => {
      const message = mensajes.find((one) => one.id === id);
      if (message) tell(card, `${say(`outcome.${message.estado}`, { s: message.entrega_s })} ${message.causa_texto}`.trim());
      return message && !["en_cola", "enviando", "enviado", "incierto"].includes(message.estado);
    });
  },
  async saldo(name, card, question) {
    if (!(await question("balance"))) return;
    await call("POST", path_of(name, "saldo"), {});
    tell(card, say("balance.asking"));
    const told = await wait_for(path_of(name, "saldo"), (balance) => balance.estado !== "preguntando");
    tell(card, told?.estado === "respondido" ? told.saldo : say("act.failed", { why: told?.error_texto ?? say("balance.silent") }));
  },
  async centro(name, card, question) {
    const number = await question("centre", { field: say("centre.field") });
    if (number === false) return;
    await call("POST", path_of(name, "centro"), { numero: number });
    tell(card, say("centre.writing"));
    const told = await wait_for(path_of(name, "centro"), (centre) => centre.estado !== "escribiendo");
    tell(card, told?.estado === "puesto" ? say("centre.done", { number: told.centro_mensajes })
      : say("act.failed", { why: told?.error_texto ?? say("balance.silent") }));
  },
  async reinicio(name, card, question) {
    if (!(await question("restart"))) return;
    await call("POST", path_of(name, "reinicio"), {});
    tell(card, say("restart.done"));
  },
  async traza(name, card) {
    const part = card.querySelector("[data-trace]");
    part.hidden = false;
    tell(card, say("trace.live"));
    while (card.isConnected && card.querySelector("details.no-print").open && !document.hidden) {
      const { lineas } = await call("GET", path_of(name, "traza"));
      set_text(part.querySelector("pre"), lineas.join("\n"));
      show_file(part.querySelector("[data-file]"), name, lineas);
      await new Promise((resolve) => setTimeout(resolve, OUTCOME_MS));
    }
    tell(card, "");
  },
};

function show_file(link, name, lines) {
  if (link.href.startsWith("blob:")) URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(new Blob([lines.join("\n"), "\n"], { type: "text/plain" }));
  link.download = `traza-${name}.txt`;
}
