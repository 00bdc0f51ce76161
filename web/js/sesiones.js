// SPDX-License-Identifier: EUPL-1.2
// Where the person's account is open, and the code of an application as a second proof.
import { $, ask, call, make, open_page, Problem, say, set_text, tell_when } from "./base.js";

async function show_list() {
  const { sesiones } = await call("GET", "/v1/sesiones");
  $("lista").replaceChildren(...sesiones.map(make_row));
}

function make_row(session) {
  const about = [say("session.since", { time: tell_when(session.abierta) }), say("session.used", { time: tell_when(session.usada) })];
  const end = make("button", { class: "button", type: "button" }, say("session.end"));
  end.onclick = async () => {
    if (!(await ask({ title: say("session.end_title"), text: about.join(" "), yes: say("session.end") }))) return;
    await call("DELETE", `/v1/sesiones/${session.id}`);
    await show_list();
  };
  return make("li", {}, make("div", { class: "who" }, make("strong", {}, session.actual ? say("session.this") : session.direccion),
    make("span", { class: "soft small" }, about.join(" "))), session.actual ? null : end);
}

/** Sends the code of a field; a refusal is told under the form. */
async function send_code(path, field) {
  const codigo = field.value.replace(/\s/g, "");
  set_text($("totp-mal"), "");
  try {
    return await call("POST", path, codigo ? { codigo } : {});
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    set_text($("totp-mal"), problem.message);
    return null;
  }
}

function show_recovery_codes(codes) {
  $("totp-rescate").hidden = codes.length === 0;
  $("totp-rescate").querySelector("ul").replaceChildren(...codes.map((code) => make("li", {}, code)));
}

$("totp-empezar").onclick = async () => {
  const started = await send_code("/v1/sesion/totp", $("totp-actual"));
  if (!started) return;
  set_text($("totp-secreto"), started.secreto);
  $("totp-puesto").hidden = true;
  show_recovery_codes([]); // those of the account until now end with its new secret
  $("totp-actual").value = "";
  $("totp-form").hidden = false;
  $("totp-codigo").focus();
};

$("totp-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const confirmed = await send_code("/v1/sesion/totp/confirmar", $("totp-codigo"));
  if (!confirmed) return;
  show_recovery_codes(confirmed.rescate);
  $("totp-codigo").value = "";
  $("totp-form").hidden = true;
  $("totp-puesto").hidden = false;
});

$("totp-puesto").hidden = !(await open_page()).codigo_activo;
await show_list();
