// SPDX-License-Identifier: EUPL-1.2
// The forms of an alta while they are filled in: the rules of a password are ticked as it is typed, the reto is worked
// on meanwhile, and an error is shown without loading the page again, so that nothing that was typed is lost.
const TYPING_MS = 250;
const PERSON = ["nif", "nombre", "apellido1", "apellido2", "movil"];
const find = (id) => document.getElementById(id);
const form = document.querySelector("form[data-fallo]");

/* ---- the rules of a password ---- */

const rules = find("reglas");
const password = rules?.previousElementSibling.querySelector("input");

function tick({ regla, cumple }) {
  const row = rules.querySelector(`[data-regla="${regla}"]`);
  const [mark, told] = row.querySelectorAll("span");
  row.classList.toggle("is-good", cumple);
  if (mark.textContent === (cumple ? "✓" : "○")) return; // what has not changed is not read again
  mark.textContent = cumple ? "✓" : "○";
  told.textContent = cumple ? rules.dataset.cumple : rules.dataset.falta;
}

async function check_rules() {
  const typed = password.value;
  const person = PERSON.map((name) => [name, find(name)?.value]).filter(([, text]) => text);
  const answer = await fetch("/reglas", { method: "POST", body: JSON.stringify({ ...Object.fromEntries(person), contrasena: typed }) }).catch(() => null);
  if (answer?.ok && password.value === typed) (await answer.json()).reglas.forEach(tick);
}

let typing = 0;
if (rules)
  for (const input of [password, ...PERSON.map(find)].filter(Boolean))
    input.addEventListener("input", () => {
      clearTimeout(typing);
      if (password.value || rules.querySelector(".is-good")) typing = setTimeout(check_rules, TYPING_MS);
    });

/* ---- the reto ---- */

const told = find("trabajo");
let work = Promise.resolve();
let worker = null;

function begin_work(bits) {
  worker?.terminate();
  worker = new Worker("/reto.js");
  find("reto_trabajo").value = "";
  told.textContent = told.dataset.pendiente;
  worker.postMessage({ reto: find("reto").value, bits: Number(bits) });
  work = new Promise((done) => {
    worker.onmessage = ({ data }) => {
      find("reto_trabajo").value = data;
      told.textContent = told.dataset.hecho;
      done();
    };
  });
}

function take_reto({ reto, pregunta, dificultad }) {
  if (find("reto").value === reto) return;
  find("reto").value = reto;
  find("reto_respuesta").value = "";
  document.querySelector("label[for=reto_respuesta] span").textContent = pregunta;
  begin_work(dificultad);
}

if (told) begin_work(told.dataset.dificultad);

/* ---- the answer of the sede ---- */

function make_note(name, text, role) {
  const note = document.createElement(role ? "p" : "span");
  note.className = name;
  note.textContent = text;
  if (role) note.setAttribute("role", role);
  return note;
}

function show_error(field, text) {
  for (const input of form.querySelectorAll("[aria-invalid]")) {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
    find(`${input.id}-mal`).remove();
    input.parentElement.classList.remove("field-bad");
  }
  const input = form.elements[field];
  const is_shown = input && input.type !== "hidden";
  const label = is_shown ? document.querySelector(`label[for=${field}] span`).textContent : "";
  find("avisos").replaceChildren(make_note("note note-bad", label ? `${label}: ${text}` : text, "alert"));
  if (!is_shown) return;
  const note = make_note("bad-note", text);
  note.id = `${field}-mal`;
  input.before(note);
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", note.id);
  input.parentElement.classList.add("field-bad");
  input.focus();
}

async function send() {
  await work;
  const sent = new FormData(form);
  const body = form.enctype === "multipart/form-data" ? sent : new URLSearchParams(sent);
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
  const { donde, campo, texto, reto } = await answer.json();
  if (donde) location.assign(donde);
  else show_error(campo, texto);
  if (reto) take_reto(reto);
}

let is_sending = false;
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (is_sending) return;
  is_sending = true;
  await send().catch(() => show_error("", form.dataset.fallo));
  is_sending = false;
});
