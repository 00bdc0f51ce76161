// SPDX-License-Identifier: EUPL-1.2
// The ways in of a person: what the town admits, and the state of the secrets behind it, which can be withdrawn and never be seen.
import { ask, attempt, call, make, say, say_word, tell_day } from "./base.js";
import { open_form } from "./people.js";

const SECRETS = "/v1/registro/credenciales";
const BEHIND = { contrasena: "contrasena", contrasena_sms: "contrasena", clave_ayto: "clave_ayto" };

function tell_state(kind, secret) {
  if (!secret) return Object.values(BEHIND).includes(kind) ? say("desk.secret.none") : "";
  const day = tell_day(secret.desde);
  if (secret.estado === "sin_autorizar") return say("desk.secret.pending", { day });
  if (!secret.debe_cambiarla) return say(`desk.secret.${kind}`, { day });
  return say(new Date(secret.caduca) > new Date() ? "desk.secret.sent" : "desk.secret.expired", { day, until: tell_day(secret.caduca) });
}

function make_withdrawal(nif, tipo, name, done) {
  const button = make("button", { class: "button", type: "button", "aria-label": say("desk.withdraw_of", { name }) }, say("desk.withdraw"));
  const send = open_form();
  button.onclick = () => attempt(async () => {
    if (!(await ask({ title: say("desk.withdraw_of", { name }), text: say("desk.withdraw_about"), yes: say("desk.withdraw") }))) return;
    await send(`${SECRETS}/retirada`, { nif, tipo });
    await done(say("desk.withdrawn"));
  });
  return button;
}

/** Fills the list; done is called with what was done. Returns the methods that the town admits. */
export async function show_ways(place, nif, done) {
  const [{ metodos }, { credenciales }] = await Promise.all([call("GET", "/v1/metodos"), call("POST", `${SECRETS}/busqueda`, { nif })]);
  const methods = metodos.map((one) => one.metodo);
  const kinds = new Set([...methods.map((one) => BEHIND[one] ?? one), ...credenciales.map((one) => one.tipo)]);
  place.replaceChildren(...[...kinds].map((kind) => {
    const secret = credenciales.find((one) => one.tipo === kind);
    const name = say_word("desk.way_in", kind);
    return make("li", {}, make("span", { class: "who" }, make("strong", {}, name), make("span", { class: "soft small" }, tell_state(kind, secret))),
      secret && make_withdrawal(nif, kind, name, done));
  }));
  return methods;
}
