// SPDX-License-Identifier: EUPL-1.2
// What came in by SMS: operators' notices and anybody's texts, newest first, marked as read.
import { $, ask, call, copy_template, fill, make, open_page, say, say_word, tell_when } from "./base.js";

async function show_messages() {
  const { mensajes, recortado } = await call("GET", "/v1/buzon");
  $("mensajes").replaceChildren(...mensajes.map(make_message));
  $("vacio").hidden = mensajes.length > 0;
  $("recortado").hidden = !recortado;
  $("todo").hidden = !mensajes.some((message) => !message.leido);
}

function make_message(message) {
  const item = copy_template("mensaje");
  fill(item, {
    de: message.de || say("inbox.nobody"),
    texto: message.texto,
    pie: [say_word("inbox", message.clase), say("modem.title", { name: message.modem }), tell_when(message.recibido),
      message.leido ? say("inbox.read", { time: tell_when(message.leido) }) : null].filter(Boolean).join(" · "),
  });
  const button = item.querySelector("button");
  if (message.leido) button.remove();
  else {
    item.querySelector(".who").prepend(make("span", { class: "chip" }, say("inbox.new")));
    button.setAttribute("aria-label", say("inbox.read_one", { from: message.de || say("inbox.nobody") }));
    button.onclick = () => mark_read({ id: message.id });
  }
  return item;
}

async function mark_read(which) {
  await call("POST", "/v1/buzon/lectura", which);
  await show_messages();
  $("contenido").focus();
}

$("todo").firstElementChild.onclick = async () => {
  if (await ask({ title: say("inbox.all"), text: say("inbox.all_text"), yes: say("inbox.all_yes") })) await mark_read({});
};
await open_page();
await show_messages();
