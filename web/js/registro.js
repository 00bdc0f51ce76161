// SPDX-License-Identifier: EUPL-1.2
// The clerk's desk: search first; an unknown NIF opens the alta, a known one its file. No NIF is ever in an address.
import { $, ask, attempt, call, call_version, lang, make, make_icon, may, open_page, Problem, say, say_word, set_text, tell_box_user, tell_day, tell_seconds, tell_time, tell_when } from "./base.js";
import { follow_message, forget_message } from "./mobile.js";
import { read_nif } from "./nif.js";
import { print_papers } from "./paper.js";
import { follow_sending, full_name, open_form, show_note, show_to_check } from "./people.js";
import { show_ways } from "./secrets.js";
import { is_past, read_mobile, read_support } from "./typed.js";
import { make_verification } from "./verified.js";

const PATH = "/v1/registro/ciudadanos";
const VIEWS = ["buscar", "alta", "ficha"];
const LANGUAGES = ["es", "ca", "eu", "gl", "en"];
const CHIPS = { activa: ["good", "good"], suspendida: ["care", "wait"], baja: ["mute", "dot"], pendiente_movil: ["care", "wait"] };

/* What a clerk does with a file: where it goes, the fields that it asks for, in which states it is offered. Each asks why, but for
   those marked plain; one that is verified asks how the clerk has seen who it is, and one whose mobile is proven sends a code to it first. */
const HERE = ["activa", "suspendida", "pendiente_movil"];
const ACTS = {
  comprobacion: { states: ["pendiente_movil"], fields: ["codigo", "via"], is_plain: true },
  codigo: { states: ["pendiente_movil"], fields: [], is_plain: true },
  prueba: { states: HERE, fields: [], is_plain: true },
  movil: { states: HERE, fields: ["movil"], is_proven: () => file.estado !== "pendiente_movil" },
  correo: { states: HERE, fields: ["correo"], is_plain: true },
  clave: { states: ["activa"], fields: [], is_verified: true, is_offered: (file) => file.correo_estado === "probado" && methods.includes("clave_ayto") },
  rectificacion: { states: HERE, fields: ["nombre", "apellido1", "apellido2", "idioma"] },
  contraste: { states: HERE, fields: ["contraste"], is_plain: true },
  desbloqueo: { states: ["activa", "suspendida"], fields: [], is_plain: true, is_offered: (file) => file.bloqueado || file.contraste_bloqueado },
  suspension: { states: ["activa"], fields: ["via"] },
  reactivacion: { states: ["suspendida"], fields: [] },
  cambio_nif: { states: ["activa", "suspendida"], fields: ["nif_nuevo", "contraste"], is_offered: (file, nif) => /^[XYZ]/i.test(nif) },
  renuncia: { states: HERE, fields: [], is_risk: true },
  defuncion: { states: HERE, fields: [], is_risk: true },
  anulacion: { states: HERE, fields: [], is_risk: true },
};

let nif = ""; // of the file or the alta that is open, as it was typed
let file = null; // what the box told of the person
let version = null; // its ETag
let methods = []; // that the town admits
let verification = null; // of the act that is open
let who = null; // the clerk
let send_alta = null; // of the alta that is open: sent twice, it is done once
let send_mobile = null; // of the code that is sent next
let verdict = null; // whether SMS leave

// ---- views ------------------------------------------------------------------------------------

function show_view(name, is_back = false) {
  for (const view of VIEWS) $(`vista-${view}`).hidden = view !== name;
  if (!is_back && name !== "buscar" && history.state?.view !== name) history.pushState({ view: name }, "");
  scrollTo(0, 0);
}

function show_search(done = "") {
  show_view("buscar");
  forget_message($("a-entrega"));
  show_note($("hecho"), done);
  $("b-nif").focus();
  $("b-nif").select();
}

/** Puts the sentence beside its field and takes the others away; what belongs to no field goes to the note. */
function show_problem(root, note, problem) {
  for (const told of root.querySelectorAll(".bad-note[data-of]")) told.remove();
  for (const field of root.querySelectorAll(".field-bad")) field.classList.remove("field-bad");
  for (const input of root.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  const input = problem?.field ? root.querySelector(`[name="${problem.field}"]`) : null;
  show_note(note, problem && !input ? problem.message : "");
  if (!input) return;
  const field = input.closest(".field");
  field.hidden = false;
  field.classList.add("field-bad");
  input.setAttribute("aria-invalid", "true");
  const told = make("p", { class: "bad-note", id: `${input.id}-mal`, "data-of": problem.field, role: "alert" }, problem.message);
  input.setAttribute("aria-describedby", told.id);
  field.append(told);
  input.focus();
}

/** Runs an act once, however often its button is pressed; a refusal is told where the act was typed. */
async function run_once(button, root, note, act) {
  if (button.disabled) return;
  button.disabled = true;
  show_problem(root, note, null);
  try {
    await act();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    show_problem(root, note, problem);
  } finally {
    button.disabled = false;
  }
}

// ---- search -----------------------------------------------------------------------------------

async function find(typed) {
  ({ read: file, etag: version } = await call_version("POST", `${PATH}/busqueda`, { nif: typed }));
  nif = typed;
}

/** What the control letter says, while it is typed; what is not whole yet is told nothing of. */
function judge_nif(input, place, more = "") {
  const { kind, error } = read_nif(input.value);
  const is_told = kind || error === "nif_checksum";
  place.className = kind && kind !== "persona_juridica" ? "good-note" : "bad-note";
  set_text(place, is_told ? `${say(`desk.nif.${kind ?? error}`)} ${kind ? more : ""}`.trim() : "");
}

$("b-nif").addEventListener("input", () => judge_nif($("b-nif"), $("b-dice")));
$("a-nif").addEventListener("input", () => judge_nif($("a-nif"), $("a-dice")));

$("buscar").addEventListener("submit", async (event) => {
  event.preventDefault();
  const typed = $("b-nif").value.trim();
  show_note($("hecho"), "");
  set_text($("b-mal"), "");
  try {
    await find(typed);
    await show_file();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (problem.status === 404) open_alta(typed);
    else set_text($("b-mal"), problem.message);
  }
});

// ---- alta -------------------------------------------------------------------------------------

function open_alta(typed) {
  const form = $("vista-alta");
  form.reset();
  send_alta = open_form();
  send_mobile = open_form();
  show_problem(form, $("a-mal"), null);
  $("a-comparte").hidden = $("a-pasada").hidden = true;
  set_text($("a-extranjero"), "");
  nif = form.elements.nif.value = typed;
  judge_nif($("a-nif"), $("a-dice"), say("desk.not_enrolled"));
  forget_message($("a-entrega"));
  show_view("alta");
  form.elements.contraste.focus();
}

/** The mobile as it is read aloud; one from abroad may not get the SMS. */
$("a-movil").addEventListener("change", () => {
  const read = read_mobile($("a-movil").value);
  if (read) $("a-movil").value = read.text;
  set_text($("a-extranjero"), read?.is_abroad ? say("desk.abroad") : "");
});

/** The support number with its zeros; a date that has passed is of issue, or the document is refused. */
$("a-contraste").addEventListener("change", () => {
  const { kind } = read_nif($("a-nif").value);
  const typed = $("a-contraste").value;
  if (kind === "nie") $("a-contraste").value = read_support(typed) ?? typed;
  $("a-pasada").hidden = kind === "nie" || !is_past(typed);
});

function refuse_expired() {
  if (!$("a-pasada").hidden && !$("a-permanente").checked) throw new Problem(422, { title: say("desk.expired"), campo: "contraste" });
}

const typed_in = (form, names) =>
  Object.fromEntries(names.map((name) => [name, form.elements[name]?.value.trim()]).filter(([, value]) => value));

/** What a clerk who takes an alta must know: that no code will come now, and that the person need not wait for it. */
function show_sending() {
  const is_out = verdict?.puede === "no" || verdict?.puede === "por_ahora_no";
  show_note($("a-sin_sms"), is_out ? `${verdict.frase} ${say("desk.go_on")}` : "");
}

/** The code goes to the mobile, and what becomes of it is told in the place. */
async function send_code(body, input, place) {
  const old = input.value;
  const { mensaje } = (await send_mobile(`${PATH}/codigo`, body)).read;
  send_mobile = open_form();
  if (input.value === old) input.value = ""; // else the new one is read out already
  input.focus();
  follow_message(place, mensaje);
}

/** While the paper is printed and signed. */
function send_alta_code() {
  const form = $("vista-alta").elements;
  return send_code({ nif: form.nif.value.trim(), movil: form.movil.value.trim(), idioma: form.idioma.value }, form.codigo, $("a-entrega"));
}

$("a-movil").addEventListener("input", () => forget_message($("a-entrega"))); // what was told is of another number

const press_send = () => run_once($("a-enviar"), $("vista-alta"), $("a-mal"), send_alta_code);
$("a-enviar").onclick = press_send;

/** What the person has read out; "" where that cannot be now; where neither is said, the clerk is asked. */
function read_code(input, cannot_now) {
  const code = input.value.replace(/\s/g, "");
  if (!code && !cannot_now.checked) throw new Problem(422, { title: say("desk.needs_code"), campo: "codigo" });
  return code;
}

async function enrol() {
  const form = $("vista-alta");
  if (!$("a-firmada").checked) {
    $("a-firmada").focus();
    throw new Problem(0, { title: say("desk.not_signed") });
  }
  refuse_expired();
  const names = ["nif", "contraste", "nombre", "apellido1", "apellido2", "idioma", "movil", "comparte_movil", "correo", "instancia", "documento"];
  const body = { nombre: "", movil: "", ...typed_in(form, names), codigo: read_code($("a-codigo"), $("a-sin_movil")) };
  try {
    await send_alta(PATH, body);
  } catch (problem) {
    if (problem.type === "phone_in_use") $("a-comparte").hidden = !may("supervision");
    throw problem;
  }
  await find(body.nif);
  form.reset();
  await show_file(say(file.estado === "activa" ? "desk.enrolled" : "desk.enrolled_pending", { time: tell_when(file.alta) }));
}

$("vista-alta").addEventListener("submit", (event) => {
  event.preventDefault();
  run_once(event.target.querySelector("[type=submit]"), event.target, $("a-mal"), enrol);
});
$("a-dejar").onclick = () => show_search();

/** What the papers say of the person: of the form that is being written, or of the file. */
function paper_values() {
  const form = $("vista-alta").elements;
  const of_form = { nif: form.nif.value, nombre: full_name({ nombre: form.nombre.value, apellido1: form.apellido1.value, apellido2: form.apellido2.value }),
    movil: form.movil.value, documento: form.contraste.value, instancia: form.instancia.value };
  const is_form = $("vista-ficha").hidden;
  const when = is_form ? new Date().toISOString() : file.alta;
  return { entidad: who.entidad, numero_sms: who.registro.numero_sms, quien: who.nombre, fecha: `${tell_day(when)} ${tell_time(when)}`,
    ...(is_form ? of_form : { nif: nif.toUpperCase(), nombre: full_name(file), movil: file.movil }) };
}

function print_person() {
  const language = $("vista-ficha").hidden ? $("a-idioma").value : file.idioma;
  return attempt(() => print_papers($("papel"), language, paper_values()));
}

$("a-imprimir").onclick = $("f-imprimir").onclick = print_person;
$("b-blanco").onclick = () => attempt(() => print_papers($("papel"), lang, { entidad: who.entidad, numero_sms: who.registro.numero_sms }));

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey && event.key === "Enter" && !$("vista-alta").hidden) $("vista-alta").requestSubmit();
  if (event.key === "F4" && !event.altKey && !$("vista-alta").hidden) {
    event.preventDefault();
    press_send();
  }
  if (event.key !== "F8" || !$("vista-buscar").hidden) return;
  event.preventDefault();
  print_person();
});

// ---- the file ---------------------------------------------------------------------------------

async function show_file(done = "") {
  const { historia } = await call("POST", `${PATH}/busqueda/historia`, { nif });
  set_text($("f-nombre"), full_name(file));
  set_text($("f-quien"), [nif.toUpperCase(), say_word("desk.way", file.via_alta), tell_day(file.alta)].join(" · "));
  const [tone, icon] = CHIPS[file.estado] ?? CHIPS.baja;
  const chip = (name, its_tone, text) => make("span", { class: `chip chip-${its_tone}` }, make_icon(name), ` ${text}`);
  $("f-estado").replaceChildren(chip(icon, tone, say_word("desk.state", file.estado)),
    ...(file.bloqueado ? [" ", chip("care", "care", say("desk.locked"))] : []));
  show_pairs([["phone", file.movil + (file.comparte_movil ? ` (${say("desk.shared")})` : "")], ["language", say_word("desk.lang", file.idioma)],
    ["mail", say(`desk.mail_${file.correo_estado || "none"}`, { mail: file.correo })], ["contrast", say(file.contraste ? "desk.kept" : "desk.not_kept")], ["grade", say_word("desk.grade", file.registro)],
    ["failures", file.fallos_seguidos]]);
  $("f-historia").replaceChildren(...historia.map(make_edge));
  methods = await show_ways($("f-medios"), nif, show_file);
  $("f-actos").replaceChildren(...make_acts());
  show_note($("f-hecho"), done);
  hide_messages();
  forget_message($("f-entrega"));
  show_view("ficha");
  $("f-nombre").focus();
}

const show_pairs = (pairs) =>
  $("f-datos").replaceChildren(...pairs.flatMap(([key, value]) => [make("dt", {}, say(`desk.${key}`)), make("dd", {}, String(value))]));

/** One act in plain words: what, how, by whom, why. */
function make_edge(edge) {
  const more = [[edge.motivo, "why"], [edge.instancia, "reference"], [edge.documento, "document"], [edge.nif_vinculado, "linked"], [edge.movil_comprobado, "proven"]]
    .filter(([value]) => value).map(([value, key]) => say(`desk.edge_${key}`, { value }));
  const told = edge.avisado ? [say("desk.edge_told")] : [];
  const head = say("desk.edge", { act: say_word("desk.act", edge.acto), way: say_word("desk.way", edge.via), who: tell_box_user(edge.quien) ?? edge.quien.replace(/^\w+:/, "") });
  return make("li", {}, make("time", { datetime: edge.hora }, tell_when(edge.hora)), make_icon("dot", "mute"), make("p", {}, [head, ...more, ...told].join(" ")));
}

function make_acts() {
  const offered = Object.entries(ACTS).filter(([, act]) => act.states.includes(file.estado) && (act.is_offered?.(file, nif) ?? true));
  const buttons = offered.map(([name, act]) => {
    const button = make("button", { class: `button button-wide${act.is_risk ? " button-risk" : ""}`, type: "button" }, say(`desk.do_${name}`));
    button.onclick = () => open_act(name);
    return button;
  });
  if (file.estado !== "baja") return buttons;
  const again = make("button", { class: "button button-main button-wide", type: "button" }, say("desk.do_alta"));
  again.onclick = () => open_alta(nif);
  return [again];
}

// ---- the whole phone, the last messages, the file for a data-protection request: each look is audited

const PARTS = ["peticiones", "mensajes", "fallos", "auditoria"];
const MESSAGES_SHOWN = 10;
const ARRIVALS = { entregado: ["good", "good"], enviado: ["mute", "dot"], en_cola: ["mute", "wait"], enviando: ["mute", "wait"] };

function hide_messages() {
  $("s-movil").hidden = true;
  $("s-lista").replaceChildren();
}

function make_message({ hora, clase, estado, acabado }) {
  const [tone, icon] = ARRIVALS[estado] ?? ["care", "care"];
  return make("li", {}, make_icon(icon, tone), make("span", { class: "who" }, make("strong", {}, say_word("sms.class", clase)),
    make("span", { class: "soft small" }, `${tell_when(hora)}. ${say_word("sms.state", estado)} ${acabado ? tell_seconds(acabado) : ""}`.trim())));
}

$("s-ver").onclick = () => attempt(async () => {
  const { persona } = await call("POST", `${PATH}/busqueda/expediente`, { nif });
  const { filas } = await call("POST", `${PATH}/busqueda/expediente`, { nif, parte: "mensajes" });
  set_text($("s-movil"), persona.movil);
  $("s-movil").hidden = false;
  $("s-lista").replaceChildren(...(filas.length ? filas.slice(0, MESSAGES_SHOWN).map(make_message) : [make("li", {}, say("desk.no_messages"))]));
});

$("s-guardar").onclick = () => attempt(async () => {
  const all = await call("POST", `${PATH}/busqueda/expediente`, { nif });
  for (const parte of PARTS) {
    all[parte] = [];
    for (let antes; antes !== null;) {
      const page = await call("POST", `${PATH}/busqueda/expediente`, { nif, parte, ...(antes && { antes }) });
      all[parte].push(...page.filas);
      antes = page.sigue;
    }
  }
  const url = URL.createObjectURL(new Blob([JSON.stringify(all, null, 1)], { type: "application/json" }));
  const link = make("a", { href: url, download: "expediente.json" });
  link.click();
  URL.revokeObjectURL(url);
});

$("f-volver").onclick = () => show_search();

// ---- an act -----------------------------------------------------------------------------------

function make_field(name) {
  const id = `t-${name}`;
  const options = name === "idioma" ? LANGUAGES.map((code) => [code, say_word("desk.lang", code)])
    : name === "via" ? ["presencial", "telefono"].map((way) => [way, say_word("desk.way", way)]) : null;
  const input = options
    ? make("select", { id, name }, ...options.map(([value, text]) => make("option", { value, selected: file[name] === value }, text)))
    : make("input", { id, name, type: "text", autocomplete: "off", spellcheck: "false" });
  if (name === "movil") input.addEventListener("change", () => (input.value = read_mobile(input.value)?.text ?? input.value));
  if (!options && name in file && ACTS.rectificacion.fields.includes(name)) input.value = file[name];
  return make("div", { class: "field" }, make("label", { for: id }, say(`desk.f_${name}`)), input);
}

/** The code of the mobile that is typed; the dialog has no field of that name else. */
function show_proof(act) {
  const is_asked = act.is_proven?.() ?? false;
  $("acto-codigo").hidden = !is_asked;
  $("p-codigo").name = is_asked ? "codigo" : "";
  $("p-codigo").value = "";
  $("p-sin_movil").checked = false;
  send_mobile = open_form();
  forget_message($("p-entrega"));
}

$("p-enviar").onclick = () => run_once($("p-enviar"), $("acto"), $("acto-mal"),
  () => send_code({ nif, movil: $("t-movil").value.trim(), idioma: file.idioma }, $("p-codigo"), $("p-entrega")));

function open_act(name) {
  const act = ACTS[name];
  const names = [...act.fields, ...(act.is_plain ? [] : act.is_verified ? ["instancia"] : ["motivo", "instancia"])];
  const dialog = $("acto");
  const form = dialog.querySelector("form");
  set_text($("acto-titulo"), say(`desk.do_${name}`));
  set_text($("acto-texto"), say(`desk.about_${name}`));
  set_text($("acto-si"), say(`desk.do_${name}`));
  verification = act.is_verified ? make_verification(who.registro.preguntas) : null;
  $("acto-campos").replaceChildren(...(verification ? [verification.root] : []), ...names.map(make_field));
  show_proof(act);
  show_problem(form, $("acto-mal"), null);
  const send_act = open_form();
  form.onsubmit = (event) => {
    event.preventDefault();
    run_once($("acto-si"), form, $("acto-mal"), () => perform(name, names, send_act));
  };
  dialog.showModal();
}

/** With the version that the clerk has seen: where another was faster the file is read again, and what was typed stays. */
async function perform(name, names, send_act) {
  const act = ACTS[name];
  const body = { nif, ...(act.is_plain ? {} : { motivo: "" }), ...Object.fromEntries(act.fields.map((field) => [field, ""])),
    ...typed_in($("acto").querySelector("form"), names) };
  Object.assign(body, verification?.read());
  if (act.is_proven?.()) body.codigo = read_code($("p-codigo"), $("p-sin_movil"));
  if (body.motivo === "") throw new Problem(422, { title: say("desk.needs_why"), campo: "motivo" });
  if (name === "cambio_nif" && !body.contraste) delete body.contraste;
  let told;
  try {
    told = (await send_act(`${PATH}/${name}`, body, version)).read;
  } catch (problem) {
    if (problem.status !== 412) throw problem;
    await find(nif);
    await show_file();
    throw new Problem(412, { title: say("desk.changed") });
  }
  await find(body.nif_nuevo ?? nif);
  $("acto").close();
  await show_file(told.mensaje ? "" : say(`desk.done_${name}`));
  if (told.mensaje) follow_message($("f-entrega"), told.mensaje);
}

$("acto-no").onclick = () => $("acto").close();

// ---- the page ---------------------------------------------------------------------------------

addEventListener("popstate", async (event) => {
  const view = event.state?.view ?? "buscar";
  if (!$("vista-alta").hidden && view !== "alta" && $("vista-alta").elements.nombre.value
    && !(await ask({ title: say("desk.leave_title"), text: say("desk.leave_text"), yes: say("desk.leave_yes") }))) {
    history.pushState({ view: "alta" }, "");
    return;
  }
  show_view(view === "ficha" && file ? view : "buscar", true);
});

await import(`./desk.${lang}.js`);
who = await open_page();
$("a-escribe").hidden = !who.registro.correo;
set_text($("a-menores"), say(who.registro.menores ? "desk.minors" : "desk.no_minors"));
show_search();
follow_sending((told) => {
  verdict = told;
  show_sending();
});
await show_to_check();
