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

$("totp-empezar").onclick = async () => {
  const { secreto } = await call("POST", "/v1/sesion/totp", {});
  set_text($("totp-secreto"), secreto);
  $("totp-form").hidden = false;
  $("totp-codigo").focus();
};

$("totp-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const { rescate } = await call("POST", "/v1/sesion/totp/confirmar", { codigo: $("totp-codigo").value.replace(/\s/g, "") });
    $("totp-rescate").hidden = false;
    $("totp-rescate").querySelector("ul").replaceChildren(...rescate.map((code) => make("li", {}, code)));
    $("totp-form").hidden = true;
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    set_text($("totp-mal"), problem.message);
  }
});

await open_page();
await show_list();
