// SPDX-License-Identifier: EUPL-1.2
// The auditor's page: search of the audit trail page by page, its export, and the check of the database.
import { $, call, lang, make, open_page, Problem, say, say_word, set_text, tell_box_user, tell_day, tell_number, tell_seconds } from "./base.js";
import { csv_line, CSV_MARK, save_file } from "./files.js";

const PATH = "/v1/auditoria";
const ROWS_SHOWN = 50; // a search stops there until it is asked for more
const LOOK_MS = 400;
const STOPPED = Symbol("stopped"); // by the person, or by another search
const COLUMNS = ["numero", "hora", "suceso", "quien", "persona", "resultado", "referencia", "ip", "evidencia"];
const ACTS = ["alta", "suspension", "reactivacion", "movil", "renuncia", "defuncion", "anulacion", "rectificacion", "cambio_nif", "bloqueo",
  "movil_pendiente", "clave"];
const EVENTS = ["solicitud", "reenvio", "cancelacion", "verificacion", "acceso", "alta_solicitada", "alta_movil", "alta_consulta", "alta_documento",
  "alta_rechazada", "alta_reenvio", "codigo_movil", "comprobacion", "contraste", "desbloqueo", "consulta_bloqueada", "destruccion",
  "consulta", "consulta_lista", "consulta_buzon",
  "expediente", "exportacion", "importacion", "evidencia", "evidencias_destruccion", "retencion", "clave_cambio_pedido", "clave_cambiada", "copias_destruidas",
  "auditoria_busqueda", "auditoria_exportacion",
  "auditoria_comprobacion", "auditoria_aceptar", "auditoria_rota", "sesion_abrir", "sesion_cerrar",
  "operador_alta_inicial", "operador_crear", "operador_rol", "operador_clave", "operador_activa", "operador_desactiva",
  "operador_codigo_pedir", "operador_codigo_activar", "cliente_crear", "cliente_cambiar", "cliente_rotar", "cliente_revocar",
  "contrasena_alta", "contrasena_autorizacion", "contrasena_cambio", "contrasena_recuperacion", "contrasena_retirada",
  "correo", "correo_probado", "envios_pausa", "envios_reanuda",
  "modem_reinicia", "modem_centro", "sms_prueba", "avisos_prueba", "reloj_aceptar", "restaurar_copia",
  "trasladar_base"];

const tell_event = (event) => say_word(ACTS.includes(event) ? "desk.act" : "audit.event", event);
const short = (person) => person.slice(0, 8);

let person = null; // whose rows alone are wanted, by the name that the trail has for her
let running = 0; // number of the search or export under way: an older one stops
let next = null; // question of the page that follows

// ---- the question -----------------------------------------------------------------------------

function read_question() {
  const given = Object.fromEntries([...new FormData($("busca"))].map(([name, value]) => [name, value.trim()]).filter(([, value]) => value));
  return person && !given.nif ? { ...given, persona: person } : given;
}

function choose_person(chosen) {
  person = chosen;
  $("solo").hidden = chosen === null;
  set_text($("solo").firstElementChild, chosen ? say("audit.only", { person: short(chosen) }) : "");
  if (chosen) $("q-nif").value = "";
}

// ---- pages ------------------------------------------------------------------------------------

/** Asks for the pages of a question and gives each to `take`, which says whether to go on. The cursor of the page that follows; null, there is none. */
async function read_pages(path, question, take) {
  const own = ++running;
  let all = null;
  $("marcha").hidden = false;
  try {
    for (let cursor = question.cursor; cursor !== null;) {
      const page = await call("POST", `${PATH}/${path}`, { ...question, ...(cursor && { cursor }) });
      if (own !== running) return STOPPED;
      all ??= page.quedan + page.anotaciones.length + 1;
      $("marcha").firstElementChild.max = all;
      $("marcha").firstElementChild.value = all - page.quedan;
      cursor = page.siguiente;
      if (!take(page.anotaciones)) return cursor;
    }
    return null;
  } finally {
    if (own === running) $("marcha").hidden = true;
  }
}

/** Runs what the form is for; a refusal stands under it. */
async function run(act) {
  set_text($("busca-mal"), "");
  try {
    await act();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    set_text($("busca-mal"), problem.message);
  }
}

async function show_page(question) {
  $("resultado").hidden = false;
  $("mas").hidden = true;
  set_text($("dicho"), "");
  let shown = 0;
  const cursor = await read_pages("busqueda", question, (rows) => {
    $("lista").append(...rows.map(make_row));
    shown += rows.length;
    return shown < ROWS_SHOWN;
  });
  if (cursor === STOPPED) return;
  next = cursor && { ...question, cursor };
  $("mas").hidden = next === null;
  set_text($("dicho"), say(next ? "audit.shown" : "audit.all", { n: tell_number($("lista").childElementCount) }));
}

function make_row(row) {
  const cell = (label, ...children) => make("td", { "data-label": say(label) }, ...children);
  return make("tr", {}, make("th", { scope: "row", class: "num" }, `${tell_day(row.hora)} ${tell_seconds(row.hora)}`),
    cell("audit.event", tell_event(row.suceso)), cell("audit.who", tell_box_user(row.quien) ?? row.quien, ...(row.ip ? [make("br"), make("span", { class: "num" }, row.ip)] : [])),
    cell("audit.person", row.persona ? make_person(row.persona) : "–"), cell("audit.result", row.resultado.replaceAll("_", " ")));
}

function make_person(of) {
  const button = make("button", { class: "button button-plain num", type: "button", "aria-label": say("audit.only_this", { person: short(of) }) }, short(of));
  button.onclick = () => {
    choose_person(of);
    $("busca").requestSubmit();
  };
  return button;
}

$("busca").addEventListener("submit", (event) => {
  event.preventDefault();
  $("lista").replaceChildren();
  run(() => show_page(read_question()));
});
$("solo").querySelector("button").onclick = () => choose_person(null);
$("q-nif").addEventListener("input", () => choose_person(null));
$("mas").firstElementChild.onclick = () => run(() => show_page(next));
$("parar").onclick = () => {
  running++;
  $("marcha").hidden = true;
  set_text($("dicho"), say("audit.stopped"));
};

// ---- export -----------------------------------------------------------------------------------

const export_to = (name, type, first, tell_row) => run(async () => {
  const parts = [first];
  let count = 0;
  $("resultado").hidden = false;
  const cursor = await read_pages("exportacion", read_question(), (rows) => {
    parts.push(rows.map(tell_row).join(""));
    count += rows.length;
    return true;
  });
  if (cursor === STOPPED) return;
  save_file(name, type, parts);
  set_text($("dicho"), say("audit.saved", { n: tell_number(count), file: name }));
});

$("csv").onclick = () => export_to("auditoria.csv", "text/csv", CSV_MARK + csv_line(COLUMNS), (row) => csv_line(COLUMNS.map((name) => row[name])));
$("jsonl").onclick = () => export_to("auditoria.jsonl", "application/jsonl", "", (row) => `${JSON.stringify(row)}\n`);

// ---- the check --------------------------------------------------------------------------------

function tell_check(told) {
  if (told.estado === "ninguna") return "";
  if (told.estado === "en_curso")
    return told.tabla ? say("check.table", { table: told.tabla })
      : say("check.trail", { n: tell_number(told.leidas), all: tell_number(told.anotaciones) });
  const time = `${tell_day(told.acabada)} ${tell_seconds(told.acabada)}`;
  return say(told.estado === "fallida" ? "check.failed" : told.correcta ? "check.good" : "check.bad", { time });
}

function tell_findings(told) {
  return [told.primera_rota && say("check.broken", { n: told.primera_rota }),
    ...told.filas.map((row) => say("check.row", { table: row.tabla, n: row.id })),
    ...told.faltan.map((table) => say("check.missing", { table }))].filter(Boolean);
}

function show_check(told) {
  const is_running = told.estado === "en_curso";
  $("comprobar").disabled = is_running;
  $("c-marcha").hidden = !is_running;
  $("c-marcha").max = Math.max(told.anotaciones, 1);
  $("c-marcha").value = told.leidas;
  set_text($("c-dicho"), tell_check(told));
  $("c-dicho").className = told.estado === "hecha" ? (told.correcta ? "good-note" : "bad-note") : "";
  $("c-filas").replaceChildren(...tell_findings(told).map((text) => make("li", {}, text)));
}

async function follow_check(told) {
  for (show_check(told); told.estado === "en_curso"; show_check(told)) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    told = await call("GET", `${PATH}/comprobacion`);
  }
}

$("comprobar").onclick = () => run(async () => follow_check(await call("POST", `${PATH}/comprobacion`, {})));

await import(`./desk.${lang}.js`);
await open_page();
$("q-suceso").append(...[...ACTS, ...EVENTS].map((event) => make("option", { value: event }, tell_event(event))));
await run(async () => follow_check(await call("GET", `${PATH}/comprobacion`)));
