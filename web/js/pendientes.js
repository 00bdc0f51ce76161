// SPDX-License-Identifier: EUPL-1.2
// Online altas that wait for a clerk: the copy of the document beside what the person typed, point by point.
import { $, call, lang, make, open_page, Problem, say, say_word, set_text, tell_day, tell_when } from "./base.js";
import { follow_sending, full_name, open_form, show_note, show_to_check } from "./people.js";
import { make_documents, make_verification } from "./verified.js";

const PATH = "/v1/registro/altas";
const SECRETS = "/v1/registro/credenciales";
const POINTS = ["nombre", "nif", "contraste"];
const IMAGES = ["image/jpeg", "image/png"];

let open = null; // the alta that is looked at
let send_decision = null; // on it: sent twice, it is done once
let verification = null; // how it is seen who it is
let who = null; // the clerk
let urls = []; // of its copies, in the memory of this page

// ---- the list ---------------------------------------------------------------------------------

async function show_list(done = "") {
  forget_copies();
  $("lista").replaceChildren();
  await Promise.all([add_page(), show_secrets(), show_dead_emails(), show_to_check()]);
  $("vacio").hidden = $("lista").childElementCount > 0;
  $("vista-alta").hidden = true;
  $("vista-lista").hidden = false;
  show_note($("hecho"), done);
}

async function add_page(cursor = 0) {
  const { altas, siguiente } = await call("GET", `${PATH}?estado=pendiente${cursor ? `&cursor=${cursor}` : ""}`);
  $("lista").append(...altas.map(make_row));
  $("mas").hidden = siguiente === undefined;
  $("mas").firstElementChild.onclick = () => add_page(siguiente);
}

function make_row(alta) {
  const name = full_name(alta);
  const button = make("button", { class: "button", type: "button", "aria-label": say("pending.look_at", { name }) }, say("pending.look"));
  button.onclick = () => show_alta(alta.id);
  return make("li", {}, make("span", { class: "who" }, make("strong", {}, name), make("span", { class: "soft num" }, alta.nif)),
    make("span", { class: "soft small" }, tell_when(alta.solicitada)), button);
}

// ---- passwords to authorise -------------------------------------------------------------------

async function show_secrets() {
  const { credenciales } = await call("GET", SECRETS);
  show_note($("s-mal"), "");
  $("s-lista").replaceChildren(...credenciales.map(make_secret));
  $("contrasenas").hidden = credenciales.length === 0;
}

/** The person is at the desk: the clerk says which document it was. */
function make_secret(secret) {
  const name = full_name(secret);
  const seen = make_documents({ "aria-label": say("pending.document_of", { name }) });
  const button = make("button", { class: "button", type: "button", disabled: true, "aria-label": say("pending.authorise_of", { name }) }, say("pending.authorise"));
  const send = open_form();
  seen.onchange = () => (button.disabled = seen.value === "");
  button.onclick = () => authorise(send, secret, seen.value, name);
  return make("li", {}, make("span", { class: "who" }, make("strong", {}, name), make("span", { class: "soft num" }, secret.nif)),
    make("span", { class: "soft small" }, tell_when(secret.desde)), seen, button);
}

async function authorise(send, { nif, tipo }, documento, name) {
  try {
    await send(`${SECRETS}/autorizacion`, { nif, tipo, documento });
    await show_list(say("pending.authorised", { name }));
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    show_note($("s-mal"), problem.message);
  }
}

// ---- addresses of mail that do not exist ------------------------------------------------------

async function show_dead_emails() {
  const { correos } = await call("GET", "/v1/registro/correos");
  $("m-lista").replaceChildren(...correos.map((dead) => make("li", {},
    make("span", { class: "who" }, make("strong", {}, full_name(dead)), make("span", { class: "soft num" }, `${dead.nif}${dead.solicitud ? ` (${say("desk.dead_applicant")})` : ""}`)),
    make("span", { class: "soft small" }, `${dead.correo}, ${say("desk.dead_since", { day: tell_day(dead.desde) })}`))));
  $("correos").hidden = correos.length === 0;
}

// ---- one alta ---------------------------------------------------------------------------------

async function show_alta(id) {
  open = await call("GET", `${PATH}/${id}`);
  send_decision = open_form();
  if (open.estado !== "pendiente") return show_list(say("pending.decided"));
  set_text($("p-nombre"), full_name(open));
  set_text($("p-cuando"), say("pending.asked", { time: tell_when(open.solicitada) }));
  set_text($("p-movil"), open.movil);
  show_note($("p-mal"), "");
  // the date as it is printed on the document
  const told = { nombre: full_name(open), nif: open.nif, contraste: open.contraste?.replace(/^(\d{4})-(\d\d)-(\d\d)$/, "$3/$2/$1") };
  $("puntos").replaceChildren(...POINTS.filter((point) => told[point]).map((point) => make_point(point, told[point])));
  verification = make_verification(who.registro.preguntas, ["copia", "presencial", "telefono"]);
  $("p-verificado").replaceChildren(verification.root);
  show_ready();
  $("motivos").replaceChildren(...open.avisos.map(make_reason));
  $("sms").textContent = open.avisos[0].sms;
  $("vista-lista").hidden = true;
  $("vista-alta").hidden = false;
  $("p-nombre").focus();
  await show_copies();
}

function make_point(point, value) {
  const tick = make("input", { id: `punto-${point}`, type: "checkbox" });
  tick.onchange = show_ready;
  return make("div", { class: "choice" }, tick, make("label", { for: tick.id }, `${say(`pending.${point}`)}: `, make("strong", {}, value)));
}

const show_ready = () => ($("validar").disabled = [...$("puntos").querySelectorAll("input")].some((tick) => !tick.checked));

function make_reason({ motivo, sms }, n) {
  const choice = make("input", { id: `motivo-${motivo}`, type: "radio", name: "motivo", value: motivo, checked: n === 0 });
  choice.onchange = () => set_text($("sms"), sms);
  return make("div", { class: "choice" }, choice, make("label", { for: choice.id }, say_word("reason", motivo)));
}

/** An image is shown, a PDF is saved: neither can run anything, and both are read once, which is audited. */
async function show_copies() {
  forget_copies();
  const mine = open;
  const told = [mine.copias.length === 0 && "pending.without_copy", mine.con_contrasena && "pending.with_password"];
  $("copias").append(...told.filter(Boolean).map((key) => make("p", { class: "note" }, say(key))));
  for (const copy of mine.copias) {
    const answer = await fetch(`${PATH}/${mine.id}/documentos/${copy.n}`, { cache: "no-store" });
    if (mine !== open) return;
    if (!answer.ok) {
      show_note($("p-mal"), answer.status === 409 ? (await answer.json()).title : say("pending.no_copy"));
      continue;
    }
    const url = URL.createObjectURL(await answer.blob());
    urls.push(url);
    const name = say("pending.copy_n", { n: copy.n });
    $("copias").append(IMAGES.includes(copy.tipo)
      ? make("img", { src: url, alt: name, class: "copy" })
      : make("a", { href: url, download: `documento-${copy.n}.pdf`, class: "button" }, say("pending.save_pdf", { n: copy.n })));
  }
}

function forget_copies() {
  urls.forEach((url) => URL.revokeObjectURL(url));
  urls = [];
  $("copias").replaceChildren();
}

async function decide(act, read_body, done) {
  const buttons = $("vista-alta").querySelectorAll(".acts button");
  buttons.forEach((button) => (button.disabled = true));
  try {
    await send_decision(`${PATH}/${open.id}/${act}`, read_body());
    await show_list(say(done, { name: full_name(open) }));
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (problem.type === "application_state") return show_list(say("pending.decided"));
    show_note($("p-mal"), problem.message);
  } finally {
    buttons.forEach((button) => (button.disabled = false));
    show_ready();
  }
}

$("validar").onclick = () => decide("validar", () => ({ motivo: verification.read().motivo }), "pending.accepted");
$("rechazo").addEventListener("submit", (event) => {
  event.preventDefault();
  decide("rechazar", () => ({ motivo: $("rechazo").elements.motivo.value }), "pending.rejected");
});
$("p-dejar").onclick = () => show_list();

await import(`./desk.${lang}.js`);
who = await open_page();
follow_sending();
await show_list();
