// SPDX-License-Identifier: EUPL-1.2
// The log-in, and the first account of a new box. The set-up code comes in the fragment of the link,
// which is never sent to a server nor kept in its logs.
import { $, log_in, Problem, call, say, set_text, tell_refusal } from "./base.js";

function show_form(is_first) {
  $("entrar").hidden = is_first;
  $("alta").hidden = !is_first;
  $("primera").hidden = is_first;
  const empty = [...(is_first ? $("alta") : $("entrar")).querySelectorAll("input")].find((input) => !input.value);
  empty?.focus();
}

function read_fragment() {
  const code = location.hash.slice(1);
  if (code && code !== "alta") {
    $("alta-codigo").value = code;
    history.replaceState(null, "", location.pathname);
  }
  show_form(code !== "");
}

/** Where the work of a role is: a clerk's is the desk. A technician and who may all begin at the status. */
const PLACES = [["tecnico", "/estado"], ["registro", "/registro"], ["auditoria", "/auditoria"], ["estado", "/estado"]];

async function open_first_page() {
  const { ambitos } = await call("GET", "/v1/sesion");
  location.assign(PLACES.find(([scope]) => ambitos.includes(scope))[1]);
}

/** Runs what the form is for; its refusal stands in the form, and what was typed stays. */
const on_submit = (form, note, tell, act) =>
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    set_text(note, "");
    try {
      await act();
      await open_first_page();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      set_text(note, tell(problem));
    } finally {
      button.disabled = false;
    }
  });

on_submit($("entrar"), $("entrada-mal"), tell_refusal, () => log_in($("entrar")));
on_submit($("alta"), $("alta-mal"), (problem) => (problem.status === 401 ? say("first.wrong") : problem.message), async () => {
  const nombre = $("alta-nombre").value.trim();
  const contrasena = $("alta-contrasena").value;
  await call("POST", "/v1/operadores/inicial", { token: $("alta-codigo").value.trim(), nombre, contrasena });
  $("usuario").value = nombre;
  $("contrasena").value = contrasena;
  await log_in($("entrar"));
});
addEventListener("hashchange", read_fragment);
read_fragment();
