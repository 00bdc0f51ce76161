// SPDX-License-Identifier: EUPL-1.2
// Who may log in: the administrator gives and takes access, roles and passwords.
import { $, ask, attempt, call, make, open_page, Problem, say, say_word, set_text } from "./base.js";

const ROLES = ["lector", "registro", "supervisor", "tecnico", "auditor", "administrador"];

const options = (chosen) => ROLES.map((role) => make("option", { value: role, selected: role === chosen }, say_word("role", role)));

async function show_list() {
  const { operadores } = await call("GET", "/v1/operadores");
  $("lista").replaceChildren(...operadores.map(make_row));
}

const path_of = (person) => `/v1/operadores/${encodeURIComponent(person.nombre)}`;

async function change(person, body) {
  await attempt(() => call("PATCH", path_of(person), body));
  await show_list();
}

function make_row(person) {
  const role = make("select", { "aria-label": say("people.role_of", { name: person.nombre }) }, ...options(person.rol));
  role.onchange = async () => {
    const sure = await ask({ title: say("people.role_title", { name: person.nombre }), text: say_word("role", role.value), yes: say("people.role_yes") });
    if (sure) await change(person, { rol: role.value });
    else role.value = person.rol;
  };
  const active = make("button", { class: "button", type: "button" }, say(person.activo ? "people.off" : "people.on"));
  active.onclick = async () => {
    const key = person.activo ? "people.off" : "people.on";
    if (await ask({ title: say(`${key}_title`, { name: person.nombre }), text: say(`${key}_text`), yes: say(key) }))
      await change(person, { activo: !person.activo });
  };
  return make("tr", {}, make("th", { scope: "row" }, person.nombre),
    make("td", { "data-label": say("people.role") }, role),
    make("td", { "data-label": say("people.state") }, say(person.activo ? "people.active" : "people.inactive")),
    make("td", { "data-label": say("people.acts") }, active));
}

$("nuevo").addEventListener("submit", async (event) => {
  event.preventDefault();
  set_text($("nuevo-mal"), "");
  try {
    await call("POST", "/v1/operadores", { nombre: $("n-nombre").value.trim(), rol: $("n-rol").value, contrasena: $("n-contrasena").value });
    $("nuevo").reset();
    await show_list();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    set_text($("nuevo-mal"), problem.message);
  }
});

$("n-rol").replaceChildren(...options("tecnico"));
await open_page();
await show_list();
