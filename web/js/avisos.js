// SPDX-License-Identifier: EUPL-1.2
// Who is alerted, how the last alert went, and a test of it.
import { $, ask, attempt, call, make, make_icon, may, say, tell_when } from "./base.js";

const CHANNELS = ["correo", "webhook"];

/** "Enviado a las 10:31" or why not, with its mark. */
function make_result(name, result) {
  const tone = result.enviado ? "good" : "bad";
  const sentence = say(result.enviado ? `${name}_sent` : `${name}_failed`, { time: tell_when(result.hora), why: result.detalle });
  return make("li", {}, make_icon(tone, tone, say(`level.${tone}`)), make("span", {}, sentence));
}

function make_rows(name, channel) {
  const rows = [make("li", {}, make_icon("good", "good", say("level.good")),
    make("span", {}, channel.a == null ? say(`alerts.${name}`) : say(`alerts.${name}_to`, { to: channel.a })))];
  if (channel.ultimo) rows.push(make_result("alerts.last", channel.ultimo));
  if (channel.enviando) rows.push(make("li", {}, make_icon("wait", "mute", say("level.mute")), make("span", {}, say("alerts.sending"))));
  else if (channel.prueba) rows.push(make_result("alerts.test", channel.prueba));
  return rows;
}

export function show_alerts(alerts) {
  const given = CHANNELS.filter((name) => alerts?.[name]);
  const rows = given.flatMap((name) => make_rows(name, alerts[name]));
  if (rows.length === 0) rows.push(make("li", {}, make_icon("care", "care", say("level.care")), make("span", {}, say("alerts.nobody"))));
  $("avisos").replaceChildren(...rows);
  $("probar-avisos").parentElement.hidden = given.length === 0 || !may("tecnico");
  $("probar-avisos").disabled = given.some((name) => alerts[name].enviando);
}

$("probar-avisos").onclick = () => attempt(async () => {
  if (await ask({ title: say("alerts.ask_title"), text: say("alerts.ask_text"), yes: say("alerts.ask_yes") }))
    await call("POST", "/v1/avisos/prueba", {});
});
