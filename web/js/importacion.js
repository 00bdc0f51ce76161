// SPDX-License-Identifier: EUPL-1.2
// Import of people by a supervisor: a file is chosen, looked through, and then everybody in it is registered, or nobody. And the
// export of the registry.
import { $, ask, call, lang, log_in_again, make, open_page, Problem, say, say_word, set_text, tell_number } from "./base.js";
import { csv_line, CSV_MARK, save_file } from "./files.js";
import { follow_sending, full_name, show_note, show_to_check } from "./people.js";

const PATH = "/v1/registro/importacion";
const LOOK_MS = 300;
const PASSING = ["leyendo", "preparando", "deshaciendo", "aplicando"];
const BYTES_MAX = 4 * 1024 * 1024;

let shown = null; // the import as it was told last

// ---- the file ---------------------------------------------------------------------------------

async function send_file(file) {
  for (;;) {
    const body = new FormData();
    body.append("fichero", file);
    const headers = { Accept: "application/json", "Accept-Language": lang, "X-Contraclaved": "1" };
    let answer, told;
    try {
      answer = await fetch(PATH, { method: "POST", headers, body, cache: "no-store" });
      told = await answer.json();
    } catch {
      throw new Problem(0, { title: say("desk.import.not_sent") }); // the file may have changed, or the box is away
    }
    if (answer.ok) return told;
    if (answer.status !== 401) throw new Problem(answer.status, told);
    await log_in_again();
  }
}

/** Runs an act of the person; a refusal stands above the form, and nothing else changes. */
async function run(act) {
  show_note($("mal"), "");
  try {
    await act();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    show_note($("mal"), problem.message);
  }
}

// ---- what the box tells -----------------------------------------------------------------------

const number = (value) => tell_number(value);
const is_passing = (told) => PASSING.includes(told.estado);

function show_progress(told) {
  $("marcha").hidden = !is_passing(told);
  $("m-parar").hidden = !["leyendo", "preparando"].includes(told.estado) && !told.problema;
  if (!is_passing(told)) return;
  set_text($("m-titulo"), say_word("desk.import.doing", told.estado));
  $("m-barra").value = told.porcentaje;
  const written = say("desk.import.written", { n: number(told.escritas), all: number(told.personas) });
  set_text($("m-dicho"), told.problema || (told.estado === "aplicando" ? written : ""));
}

const make_cells = (labels, values) =>
  make("tr", {}, ...values.map((value, i) => make(i ? "td" : "th", i ? { "data-label": say(labels[i]) } : { scope: "row", class: "num" }, value || "–")));

function fill_table(place, labels, rows) {
  $(place).hidden = rows.length === 0;
  $(place).querySelector("tbody").replaceChildren(...rows.map((row) => make_cells(labels, row)));
}

function show_read(told) {
  const was_hidden = $("revision").hidden;
  const more = told.errores_total - told.errores.length;
  $("revision").hidden = told.estado !== "leida";
  if (told.estado !== "leida") return;
  const left_out = told.omitidas > 0 ? ` ${say("desk.import.left_out", { n: number(told.omitidas) })}` : "";
  set_text($("r-dicho"), say(told.errores_total > 0 ? "desk.import.has_faults" : "desk.import.is_good",
    { n: number(told.personas), faults: number(told.errores_total) }) + left_out);
  fill_table("r-errores", ["", "desk.import.column", "desk.import.wrong"],
    told.errores.map((fault) => [String(fault.linea), fault.campo, fault.title]));
  $("r-mas").hidden = more <= 0;
  set_text($("r-mas"), say("desk.import.more", { n: number(more) }));
  fill_table("r-primeras", ["", "desk.import.name", "desk.import.phone", "desk.import.language"],
    told.primeras.map((person) => [person.nif, full_name(person), person.movil, person.idioma]));
  $("r-aplicar").hidden = told.errores_total > 0 || told.personas === 0;
  set_text($("r-aplicar"), say("desk.import.apply", { n: number(told.personas) }));
  if (was_hidden) $("r-titulo").focus();
}

function show(told) {
  shown = told;
  $("elige").hidden = is_passing(told);
  show_progress(told);
  show_read(told);
  show_note($("hecho"), told.estado === "hecha" ? say("desk.import.done", { n: number(told.escritas) }) : "");
}

/** Shows each state until one that stays. */
async function follow(told) {
  for (show(told); is_passing(shown); show(await call("GET", PATH))) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}

const look = async () => follow(await call("GET", PATH));

$("elige").addEventListener("submit", (event) => {
  event.preventDefault();
  run(async () => {
    const [file] = $("fichero").files;
    if (!file) throw new Problem(0, { title: say("desk.import.choose") });
    if (file.size > BYTES_MAX) throw new Problem(0, { title: say("desk.import.too_large") });
    await follow(await send_file(file));
  });
});
$("r-aplicar").onclick = () => run(async () => {
  const question = say("desk.import.question", { n: number(shown.personas) });
  if (!(await ask({ title: question, text: say("desk.import.no_sms"), yes: $("r-aplicar").textContent }))) return;
  await call("POST", `${PATH}/aplicacion`, { id: shown.id });
  await look();
});
for (const button of [$("r-dejar"), $("m-parar")])
  button.onclick = () => run(async () => {
    await call("DELETE", PATH);
    await look();
  });

// ---- export -----------------------------------------------------------------------------------

const FILE = "personas.csv";
const COLUMNS = ["nif", "nombre", "apellido1", "apellido2", "movil", "comparte_movil", "contraste", "idioma", "estado", "correo",
  "correo_estado", "contrasena", "clave_ayto", "alta"];

/** A shared mobile as a word that an import takes for a reason. */
const tell_cell = (value) => (typeof value === "boolean" ? (value ? "si" : "") : value);

$("e-guardar").onclick = () => run(async () => {
  const parts = [CSV_MARK, csv_line(COLUMNS)];
  let count = 0, unreadable = 0, cursor = null;
  $("e-guardar").disabled = true;
  try {
    do {
      const told = await call("POST", "/v1/registro/ciudadanos/busqueda/exportacion", cursor === null ? {} : { cursor });
      parts.push(...told.ciudadanos.map((person) => csv_line(COLUMNS.map((name) => tell_cell(person[name])))));
      count += told.ciudadanos.length;
      unreadable += told.ilegibles;
      cursor = told.siguiente;
      set_text($("e-dicho"), number(count));
    } while (cursor !== null);
  } finally {
    $("e-guardar").disabled = false;
  }
  save_file(FILE, "text/csv", parts);
  set_text($("e-dicho"), say(unreadable > 0 ? "desk.export.unreadable" : "desk.export.saved", { n: number(count), file: FILE, left: number(unreadable) }));
});

await import(`./desk.${lang}.js`);
await open_page();
follow_sending();
await run(async () => Promise.all([look(), show_to_check()]));
