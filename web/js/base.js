// SPDX-License-Identifier: EUPL-1.2
// What every page uses: texts, elements, calls to the API, the session, questions in dialogs.

const texts = {};
export const lang = document.documentElement.lang;
export const $ = (id) => document.getElementById(id);

/** Called by words.LANG.js, which runs before the page's own module. */
export const define = (words) => Object.assign(texts, words);

// "A las {time}" is "a la" at one o'clock, by the words of es, ca and gl.
const AT_ONE = { las: "la", les: "la", as: "a", "ás": "á", das: "da" };

/** The text of a key, with each {name} replaced by its value. */
export function say(key, values = {}) {
  return (texts[key] ?? key).replace(/(?:(\p{L}+) )?\{(\w+)\}/gu, (all, article, name) => {
    const value = values[name] ?? "–";
    return article ? `${(/^0?1:/.test(value) && AT_ONE[article]) || article} ${value}` : value;
  });
}

/** Who acted by contraclavectl, in words; null: it was somebody else. */
export function tell_box_user(who) {
  const uid = /^control:uid (\d+)$/.exec(who);
  return uid && say("desk.edge_box", { n: uid[1] });
}

/** The text of a word that the API may extend: the word itself where the catalogue lacks it. */
export const say_word = (group, word) => texts[`${group}.${word}`] ?? String(word ?? "").replaceAll("_", " ");

/** An element; attributes that are null or false are left out, children are nodes or text. */
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  set_attributes(node, attributes);
  node.append(...children.filter((child) => child != null));
  return node;
}

export function make_svg(tag, attributes = {}, text = null) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  set_attributes(node, attributes);
  if (text !== null) node.textContent = text;
  return node;
}

function set_attributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes))
    if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
}

/** An icon of the page's sprite. With a label it is an image for screen readers, else decoration. */
export function make_icon(name, tone = "", label = null) {
  const said = label === null ? { "aria-hidden": "true" } : { role: "img", "aria-label": label };
  const icon = make_svg("svg", { class: `icon ${tone && `is-${tone}`}`.trim(), ...said });
  icon.append(make_svg("use", { href: `#i-${name}` }));
  return icon;
}

export const set_icon = (node, name) => node.querySelector("use").setAttribute("href", `#i-${name}`);

/** Puts text only where it differs: a screen reader is not told again. */
export function set_text(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Fills the elements of a copied template: data-f="name" gets values[name], or "–" for null. */
export function fill(node, values) {
  for (const slot of node.querySelectorAll("[data-f]"))
    if (slot.dataset.f in values) set_text(slot, String(values[slot.dataset.f] ?? "–"));
}

export const copy_template = (id) => $(id).content.firstElementChild.cloneNode(true);

// ---- times: of the town's zone, whatever the browser's ----------------------------------------

let zone = "Europe/Madrid";

export function set_zone(name) {
  if (!name || name === zone) return;
  zone = name;
  set_text($("zona"), name);
}

const format = (instant, options) =>
  new Intl.DateTimeFormat("es", { timeZone: zone, hourCycle: "h23", ...options }).format(new Date(instant));
export const tell_time = (instant) => format(instant, { hour: "2-digit", minute: "2-digit" });
export const tell_seconds = (instant) => format(instant, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const tell_day = (instant) => format(instant, { day: "2-digit", month: "2-digit", year: "numeric" });

/** HH:MM of today, with the day before it otherwise, and the year where it is another. */
export function tell_when(instant) {
  if (!instant) return "–";
  const [day, today] = [tell_day(instant), tell_day(Date.now())];
  if (day === today) return tell_time(instant);
  return `${day.slice(-4) === today.slice(-4) ? day.slice(0, 5) : day} ${tell_time(instant)}`;
}

export function tell_span(seconds) {
  if (seconds == null) return "–";
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172800 ? `${Math.round(seconds / 3600)} h` : say("days", { n: Math.round(seconds / 86400) });
}

export const tell_number = (value, digits = 0) =>
  value.toLocaleString("es", { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace("-", "−");

// ---- the API ----------------------------------------------------------------------------------

export class Problem extends Error {
  constructor(status, body, wait) {
    super(body?.title ?? say("error.status", { status }));
    Object.assign(this, { status, type: body?.type, field: body?.campo, wait });
  }
}

async function send(method, path, body, more = {}, limit_ms = 0) {
  const headers = { Accept: "application/json", "Accept-Language": lang, ...more };
  if (method !== "GET") headers["X-Contraclaved"] = "1";
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const stop = new AbortController();
  const timer = limit_ms && setTimeout(() => stop.abort(), limit_ms);
  let answer, is_json, read;
  try {
    answer = await fetch(path, { method, headers, body: body && JSON.stringify(body), cache: "no-store", signal: stop.signal });
    is_json = /json/.test(answer.headers.get("Content-Type") ?? "");
    read = answer.status === 204 ? null : is_json ? await answer.json() : await answer.text();
  } catch {
    throw new Problem(0, { title: say("error.network") });
  } finally {
    clearTimeout(timer);
  }
  if (!answer.ok) throw new Problem(answer.status, is_json ? read : null, answer.headers.get("Retry-After"));
  return { read, etag: answer.headers.get("ETag") };
}

/** Calls the API. When the session has ended it asks for the password inside the page and goes on. */
export const call = async (method, path, body, limit_ms) => (await call_version(method, path, body, null, null, limit_ms)).read;

/** The same with the version of what was read; with one that was seen, a change of another is refused (412). */
export async function call_version(method, path, body, seen = null, key = null, limit_ms = 0) {
  for (;;) {
    try {
      return await send(method, path, body, { ...(seen && { "If-Match": seen }), ...(key && { "Idempotency-Key": key }) }, limit_ms);
    } catch (problem) {
      if (problem.status !== 401) throw problem;
      await log_in_again();
    }
  }
}

/** Logs in, or throws a Problem. Keeps the operator's language for the pages. */
export async function log_in(form) {
  const { nombre, contrasena, codigo } = form.elements;
  const body = { nombre: nombre.value.trim(), contrasena: contrasena.value };
  if (codigo.value.trim()) body.codigo = codigo.value.replace(/\s/g, "");
  await send("POST", "/v1/sesion", body);
  contrasena.value = codigo.value = "";
}

/** What a person reads of a refusal at log-in. */
export const tell_refusal = (problem) =>
  problem.status === 401 ? say("login.wrong")
    : problem.wait ? say("login.later", { s: problem.wait }) : problem.message;

let logging_in = null;

export function log_in_again() {
  if (!$("entrada")) return new Promise(() => location.assign("/acceso"));
  logging_in ??= new Promise((resolve) => {
    const dialog = $("entrada");
    const form = dialog.querySelector("form");
    if (!who && !$("usuario").value) return location.replace("/acceso");
    if (who) $("usuario").value = who.nombre;
    form.onsubmit = async (event) => {
      event.preventDefault();
      try {
        await log_in(form);
        logging_in = null;
        dialog.close();
        resolve();
      } catch (problem) {
        set_text($("entrada-mal"), tell_refusal(problem));
      }
    };
    dialog.oncancel = (event) => event.preventDefault();
    dialog.showModal();
    $("contrasena").focus();
  });
  return logging_in;
}

// A page that the browser kept whole may show what whoever has logged out meanwhile saw.
addEventListener("pageshow", (event) => event.persisted && location.reload());

// ---- the frame: session, language, looks ------------------------------------------------------

let who = null;

export const may = (scope) => who !== null && who.ambitos.includes(scope);

const OPEN_AGAIN_MS = 2000;

/** The session; asked again while the box does not answer, as when it starts, or the page is being left. */
async function read_session() {
  for (;;) {
    try {
      return await call("GET", "/v1/sesion");
    } catch (problem) {
      if (problem.status !== 0) throw problem;
      await new Promise((resolve) => setTimeout(resolve, OPEN_AGAIN_MS));
    }
  }
}

/** Reads the session, shows what its role may do, and returns it. */
export async function open_page() {
  who = await read_session();
  $("quien").replaceChildren(`${who.nombre} `, make("small", {}, `(${say_word("role", who.rol)})`));
  set_text($("entidad"), who.entidad ?? "");
  $("sesion").hidden = document.querySelector(".nav").hidden = false;
  keep_language(who.idioma);
  show_allowed(document);
  $("salir").onclick = async () => {
    await call("DELETE", "/v1/sesion");
    location.assign("/acceso");
  };
  return who;
}

/** Hides what needs a scope that the session lacks. */
export function show_allowed(root) {
  for (const node of root.querySelectorAll("[data-scope]")) node.hidden = !may(node.dataset.scope);
}

const cookie_language = () => /(?:^|; )idioma=(\w+)/.exec(document.cookie)?.[1];

/** The operator's language rules the next page; a page of another language is left at once. */
function keep_language(wanted) {
  const asked = new URLSearchParams(location.search).get("idioma");
  if (asked || !wanted || wanted === cookie_language()) return;
  set_language(wanted);
  if (wanted !== lang) location.reload();
}

function set_language(code) {
  document.cookie = `idioma=${code}; Path=/; SameSite=Strict; Max-Age=31536000`;
}

for (const link of document.querySelectorAll("footer [hreflang]"))
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    set_language(link.hreflang);
    if (who) await call("PATCH", "/v1/sesion", { idioma: link.hreflang }).catch(() => {});
    location.assign(location.pathname);
  });

const looks = ["auto", "light", "dark"];

function show_look(look) {
  if (look === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = look;
  set_text($("apariencia"), say(`theme.${look}`));
}

let look = looks.includes(localStorage.getItem("apariencia")) ? localStorage.getItem("apariencia") : "auto";
queueMicrotask(() => show_look(look));
$("apariencia").onclick = () => {
  look = looks[(looks.indexOf(look) + 1) % looks.length];
  localStorage.setItem("apariencia", look);
  show_look(look);
};

// ---- questions --------------------------------------------------------------------------------

/** Asks before an act. Resolves with false, or true, or the text of the field if one is asked for. */
export function ask({ title, text, yes, field = null, value = "" }) {
  const dialog = $("pregunta");
  const input = $("pregunta-valor");
  set_text($("pregunta-titulo"), title);
  set_text($("pregunta-texto"), text);
  set_text($("pregunta-si"), yes);
  $("pregunta-campo").hidden = field === null;
  set_text($("pregunta-campo").firstElementChild, field ?? "");
  input.required = field !== null;
  input.value = value;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.onclose = () =>
      resolve(dialog.returnValue !== "si" ? false : field === null ? true : input.value.trim());
  });
}

/** Runs an act of a person; a refusal is told in a dialog, and where the page tells its verdict. */
export async function attempt(act) {
  try {
    await act();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if ($("dicho")) set_text($("dicho"), problem.message);
    await ask({ title: say("act.failed_title"), text: problem.message, yes: say("act.seen") });
  }
}

/** What no act of a page has looked after, while it loads or at a click, is told too. */
function tell_problem(event, problem) {
  if (!(problem instanceof Problem) || !$("pregunta") || $("pregunta").open) return;
  event.preventDefault();
  attempt(() => Promise.reject(problem));
}
addEventListener("unhandledrejection", (event) => tell_problem(event, event.reason));
addEventListener("error", (event) => tell_problem(event, event.error));
