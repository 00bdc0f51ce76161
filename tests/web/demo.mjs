// SPDX-License-Identifier: EUPL-1.2
// The demo sede (web/demo) as a citizen sees it, beside the simulated handset: with JavaScript and without.
import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { BUILD, ROOT, eventually, free_port, open_box } from "./box.mjs";
import { LOOKS, leave, look_at, open_person } from "./browser.mjs";

const PEOPLE = [["12345678Z", "María del Carmen", "600123123"], ["87654321X", "Begoña", "600123124"], ["50000001W", "Ana", "600123125"]];
const LIMITS = "limites { segundos_entre_peticiones = 0 cliente_por_segundo = 0 ip_por_segundo = 0 }";

/* Mails wait for a server that nobody runs. */
const MAIL = 'avisos { smtp_servidor = "127.0.0.1:9" smtp_seguridad = "ninguna" remitente = "caja@example.org" } correo { enlace = "https://sede.example.org/correo?prueba=" }';

/** A box and a sede of their own, once for all cases: `house.demo`. */
export async function need_demo(house) {
  if (house.demo) return;
  const templates = join(BUILD, `plantillas-${process.pid}`);
  const demo = Object.assign(await open_box(`plantillas = "${templates}" numero_sms = "600 00 00 09" altas { formulario = si } contrasena_ms = 20 reto_dificultad = 14 metodos { contrasena_sms = si clave_ayto = si pin24h = si } ${MAIL} ${LIMITS}`, ""), { templates });
  house.demo = demo;
  house.ends.push(demo.leave);
  const token = (await demo.box.ctl("cliente", "crear", "--nombre", "portal", "--ambitos", "solicitar,verificar,alta,certificado,estado")).trim().split("\n").at(-1);
  for (const [nif, name, phone] of PEOPLE.slice(0, 2))
    await demo.box.ctl("ciudadano", "alta", "--nif", nif, "--nombre", name, "--movil", phone);
  const port = await free_port();
  const child = spawn("python3", [join(ROOT, "web/demo/sede.py"), "--equipo", demo.box.url, "--movil", demo.sim.control, "--puerto", String(port)],
    { env: { ...process.env, CONTRACLAVE_TOKEN: token }, stdio: ["ignore", "pipe", "inherit"] });
  house.ends.push(() => child.kill());
  await once(child.stdout, "data");
  demo.token = token;
  demo.url = `http://127.0.0.1:${port}`;
}

async function visit(house, look, script = true) {
  await need_demo(house);
  return open_person(house.browser, house.demo, look, house.troubles, { javaScriptEnabled: script });
}

async function ask_pin(page, nif) {
  await page.goto(`/quiero?idioma=${page.look.language}`);
  await page.fill("#nif", nif);
  await page.fill("#clave", "2468");
  await page.fill("#confirmacion", "2468");
  await page.press("#confirmacion", "Enter");
  await page.waitForURL("**/tengo");
}

async function enter(page, code) {
  await page.fill("#clave", "2468");
  await page.fill("#contraclave", ` ${code}`); // as it is pasted
  await page.press("#contraclave", "Enter");
  await page.waitForURL("**/dentro");
}

/** A person who has asked for a PIN, when its SMS is on the handset. */
export async function show_an_sms(house, look) {
  const page = await visit(house, look);
  await ask_pin(page, PEOPLE[0][0]);
  await page.locator("#sms mark").waitFor();
  return page;
}

const messages_to = async (house, phone) => (await house.demo.sim.inbox()).filter((message) => message.number === `+34${phone}` && /PIN24H/.test(message.text));
const code_in = (text) => /\b\d{4}\b/.exec(text)[0];

const PASSWORD = "caballo pila grapa correcta";

/** The answer to a question of a reto, as somebody who reads gives it. */
function answer(question) {
  const words = readFileSync(join(ROOT, "src/domain/question_es.inc"), "utf8");
  const row = (start) => words.split("\n").filter((line) => line.startsWith(start)).map((line) => [...line.matchAll(/"([^"]+)"/g)].map((m) => m[1]));
  const numbers = [...words.slice(words.indexOf("\nNUMBERS(")).split("GROUP(")[0].matchAll(/"([^"]+)"/g)].map((m) => m[1]);
  const said = question.replace(/[?,:]/g, " ").split(/ +/);
  const group = row("GROUP(").find(([name]) => question.includes(` ${name}:`));
  if (group) return group.slice(1).find((word) => said.includes(word));
  const found = said.map((word) => numbers.indexOf(word)).filter((n) => n >= 0);
  return String(question.includes(":") ? Math.max(...found) : found[0] + found[1]);
}

export const cases = {
  async "seed 000: a PIN is asked for, read on the handset, and lets the person in"(house) {
    const [nif, name, phone] = PEOPLE[0];
    const page = await visit(house, LOOKS[0]);
    await page.goto("/");
    assert.equal(await page.textContent(".sede-top a"), "ACCESO");
    await page.click("text=Quiero un pin");
    assert.deepEqual(await look_at(page), []);
    await ask_pin(page, nif);
    const mark = page.locator("#sms p", { hasText: phone }).locator("mark").last(); // it arrives by itself
    await mark.waitFor();
    await enter(page, await mark.textContent());
    assert.match(await page.textContent("#quien"), new RegExp(name));
    assert.match(await page.textContent("h1"), /Ha entrado/);
    assert.match(await page.textContent(".told"), /"resultado": "correcto"/);
    assert.doesNotMatch(await page.textContent(".told"), /2468/);
    assert.deepEqual(await look_at(page), []);
    await page.click("text=Salir");
    await page.waitForURL((url) => url.pathname === "/");
    assert.equal((await page.textContent("#quien")).trim(), "");
    await leave(page);
  },

  async "seed 000: the same without JavaScript"(house) {
    const [nif, name, phone] = PEOPLE[1];
    const page = await visit(house, LOOKS[0], false);
    await ask_pin(page, nif);
    await eventually(async () => (await messages_to(house, phone)).length === 1);
    await page.goto("/tengo"); // the handset is shown when the page is loaded
    const shown = await page.locator("#sms p", { hasText: phone }).locator("mark").last().textContent();
    assert.equal(shown, code_in((await messages_to(house, phone))[0].text));
    await enter(page, shown);
    assert.match(await page.textContent("#quien"), new RegExp(name));
    await leave(page);
  },

  async "each screen at each width, in each language: nothing that axe finds, the error beside its field"(house) {
    const languages = ["es", "eu", "ca", "gl"];
    for (const look of [...LOOKS.map((each, n) => ({ ...each, language: languages[n] })), { ...LOOKS[1], name: "768 dark en", language: "en" }]) {
      const page = await visit(house, look);
      const narrow = look.name === LOOKS[3].name ? ["/usuario", "/clave", "/clave/olvido", "/correo"] : [];
      const rest = look.name !== LOOKS[0].name ? narrow : ["/", "/tengo", "/renuncia", "/alta/codigo", "/certificado", "/nada", "/usuario", "/clave", "/clave/olvido", "/correo", "/contrasena"];
      for (const path of ["/alta", "/registro", "/clave/cambio", ...rest]) {
        await page.goto(`${path}?idioma=${look.language}`);
        assert.deepEqual(await look_at(page), [], path);
        assert.equal(await page.getAttribute("html", "lang"), look.language);
      }
      await page.goto("/quiero");
      await page.fill("#nif", "12345678A");
      await page.press("#nif", "Enter");
      await page.waitForSelector("#nif-mal");
      assert.equal(await page.inputValue("#nif"), "12345678A");
      assert.equal(await page.evaluate(() => document.activeElement.id), "nif");
      assert.deepEqual(await look_at(page), []);
      await leave(page);
    }
  },

  async "seed 001: the online form with a copy of the document"(house) {
    const page = await visit(house, LOOKS[3]);
    await page.goto("/alta?idioma=es");
    const [nif, name, phone] = PEOPLE[2];
    for (const [field, value] of Object.entries({ nif: "50000001T", nombre: name, apellido1: "Gil", movil: phone })) await page.fill(`#${field}`, value);
    await page.setInputFiles("#documento", { name: "dni.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\nuna copia\n") });
    await page.click("button[value=enviar]");
    await page.waitForSelector("#nif-mal");
    assert.equal(await page.inputValue("#nombre"), name, "what was typed is kept");
    await page.fill("#nif", nif);
    await page.setInputFiles("#documento", { name: "dni.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\nuna copia\n") });
    await page.click("button[value=enviar]");
    await page.waitForURL("**/alta/codigo");
    const mark = page.locator("#sms p", { hasText: phone }).locator("mark").last();
    await mark.waitFor();
    await page.fill("#codigo", await mark.textContent());
    await page.press("#codigo", "Enter");
    await page.waitForURL((url) => url.pathname === "/");
    assert.match(await page.textContent("[role=status]"), /El Registro revisará su documento/);
    await leave(page);
  },

  async "seed 002: the registration form ticks the rules, solves the reto and loses nothing that was typed"(house) {
    const page = await visit(house, LOOKS[3]);
    const ticked = () => page.locator("#reglas .is-good").count();
    await page.goto("/registro?idioma=es");
    await page.locator("#trabajo", { hasText: "está hecha" }).waitFor();
    const [nif, name, phone] = ["50000002A", "Nekane", "600123126"];
    for (const [field, value] of Object.entries({ nif: "50000002T", nombre: name, apellido1: "Gil", movil: phone })) await page.fill(`#${field}`, value);
    await page.fill("#contrasena", "corta");
    await page.waitForTimeout(400); // nothing is to be ticked
    assert.equal(await ticked(), 0);
    await page.fill("#contrasena", "Nekane 600123126");
    await eventually(async () => (await ticked()) === 2);
    assert.match(await page.textContent("[data-regla=datos]"), /falta/);
    await page.fill("#contrasena", PASSWORD);
    await eventually(async () => (await ticked()) === 3);
    assert.deepEqual(await look_at(page), []);
    const asked = await page.textContent("label[for=reto_respuesta] span");
    await page.fill("#reto_respuesta", answer(asked));
    await page.press("#reto_respuesta", "Enter");
    await page.waitForSelector("#nif-mal");
    assert.deepEqual(await look_at(page), []);
    assert.equal(await page.evaluate(() => document.activeElement.id), "nif");
    assert.match(await page.textContent("#avisos [role=alert]"), /Su DNI, NIE o NIF: La letra/);
    for (const [field, value] of Object.entries({ nombre: name, movil: phone, contrasena: PASSWORD, reto_respuesta: answer(asked) })) assert.equal(await page.inputValue(`#${field}`), value);
    await page.fill("#nif", nif);
    await page.fill("#reto_respuesta", "no sé");
    await page.click("button[value=registrar]");
    await page.waitForSelector("#reto_respuesta-mal");
    assert.equal(await page.locator("#nif-mal").count(), 0);
    const other = await page.textContent("label[for=reto_respuesta] span");
    assert.notEqual(other, asked);
    await page.fill("#reto_respuesta", answer(other));
    await page.click("button[value=registrar]"); // perhaps before the new work is done: it waits
    await page.waitForURL("**/alta/codigo");
    const mark = page.locator("#sms p", { hasText: phone }).locator("mark").last();
    await mark.waitFor();
    await page.fill("#codigo", await mark.textContent());
    await page.press("#codigo", "Enter");
    await page.waitForURL((url) => url.pathname === "/");
    assert.match(await page.textContent("[role=status]"), /dado de alta, pero sin autorizar/);
    await leave(page);
  },

  async "seed 002: without JavaScript the form says where else to go"(house) {
    const page = await visit(house, LOOKS[0], false);
    await page.goto("/registro?idioma=es");
    assert.match(await page.textContent("form noscript, form .note"), /hace falta JavaScript/);
    await leave(page);
  },

  async "a copy of the document survives an error"(house) {
    const page = await visit(house, LOOKS[3]);
    await page.goto("/usuario?idioma=es");
    for (const [field, value] of Object.entries({ nif: "50000003T", nombre: "Iker", movil: "600123127", correo: "iker@example.org" })) await page.fill(`#${field}`, value);
    await page.setInputFiles("#documento", { name: "dni.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\nuna copia\n") });
    await page.click("button[value=enviar]");
    await page.waitForSelector("#nif-mal");
    assert.equal(await page.evaluate(() => document.getElementById("documento").files.length), 1);
    await page.fill("#nif", "50000003G");
    await page.click("button[value=enviar]");
    await page.waitForURL("**/alta/codigo");
    await leave(page);
  },
};
