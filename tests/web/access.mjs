// SPDX-License-Identifier: EUPL-1.2
// The set-up link, the log-in, who may see what, and a session that ends while a dialog is open.
import { strict as assert } from "node:assert";
import { createHmac } from "node:crypto";

import { LOOKS, leave, look_at, open_person } from "./browser.mjs";

export const NAME = "tecla";
export const PASSWORD = "vino tinto y sardinas 24";

/** Fills the log-in of the page or of its dialog. */
export async function type_log_in(page, name = NAME, password = PASSWORD) {
  await page.fill("#usuario", name);
  await page.fill("#contrasena", password);
  await page.press("#contrasena", "Enter");
}

/** A person who has logged in and sees that page, without a look at the log-in, whose cases are here. */
export async function open_as(house, box, look, name, path) {
  const page = await open_person(house.browser, box, look, house.troubles);
  const answer = await page.request.post("/v1/sesion", { data: { nombre: name, contrasena: PASSWORD }, headers: { "X-Contraclaved": "1", Origin: box.url } });
  assert.ok(answer.ok(), await answer.text());
  await page.goto(`${path}?idioma=${look.language}`);
  await page.waitForSelector("#sesion:not([hidden])");
  return page;
}

/** The first of all on that page. */
export const enter = (house, look, path = "/estado") => open_as(house, house.box, look, NAME, path);

const PLACES = { estado: ".nav [href='/estado']", buzon: ".nav [href='/buzon']", operadores: ".nav [href='/operadores']", registro: ".nav [href='/registro']", pendientes: ".nav [href='/pendientes']", auditoria: ".nav [href='/auditoria']", cifras: ".nav [href='/cifras']",
  pausar: "#pausar", informe: "#informe" };
const SEEN = { lector: ["estado"], registro: ["estado", "registro", "pendientes"], supervisor: ["estado", "registro", "pendientes", "cifras"], auditor: ["estado", "auditoria"],
  tecnico: ["estado", "buzon", "pausar", "informe"], administrador: Object.keys(PLACES) };

const FIRST = { registro: "registro", supervisor: "registro", auditor: "auditoria" };

/** On the page of the operators. */
async function add_person(page, name, role) {
  await page.fill("#n-nombre", name);
  await page.selectOption("#n-rol", role);
  await page.fill("#n-contrasena", PASSWORD);
  await page.press("#n-contrasena", "Enter");
  await page.locator("#lista tr", { hasText: name }).waitFor();
}

/** The one-time code of a secret in base32 (RFC 6238). */
function code_of(secret) {
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((letter) => digits.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)));
  const mac = createHmac("sha1", key).update(counter).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1000000).padStart(6, "0");
}

export const cases = {
  async "the set-up link makes the first account, once"(house) {
    const page = await open_person(house.browser, house.box, LOOKS[0], house.troubles);
    const link = (await house.box.ctl("operador", "alta-inicial")).match(/https?:\S+#\S+/)[0];
    await page.goto(link.replace(/^https?:\/\/[^/]+/, ""));
    assert.ok(await page.inputValue("#alta-codigo"), "the code is taken from the link");
    assert.ok(!page.url().includes("#"), "and is not left in the address");
    assert.deepEqual(await look_at(page), []);
    await page.fill("#alta-nombre", NAME);
    await page.fill("#alta-contrasena", "corta");
    await page.press("#alta-contrasena", "Enter");
    await page.waitForFunction(() => document.getElementById("alta-mal").textContent.length > 10);
    assert.equal(await page.inputValue("#alta-nombre"), NAME, "what was typed stays");
    await page.fill("#alta-contrasena", PASSWORD);
    await page.press("#alta-contrasena", "Enter");
    await page.waitForURL("**/estado");
    await page.waitForSelector("#sesion:not([hidden])");
    assert.match(await page.textContent("#quien"), /tecla \(administrador\)/);
    await page.goto(link.replace(/^https?:\/\/[^/]+\/acceso/, "/acceso?idioma=gl"));
    await page.fill("#alta-nombre", "otra");
    await page.fill("#alta-contrasena", PASSWORD);
    await page.press("#alta-contrasena", "Enter");
    await page.locator("#alta-mal").filter({ hasText: "posta en marcha" }).waitFor(); // the box answers in the page's language
    await leave(page);
  },

  async "a wrong password is refused with one sentence; a right one enters; out again"(house) {
    const page = await open_person(house.browser, house.box, LOOKS[1], house.troubles);
    await page.goto("/acceso?idioma=eu");
    assert.deepEqual(await look_at(page), []);
    await type_log_in(page, NAME, "no es esta contraseña");
    const refused = page.locator("#entrada-mal");
    await refused.filter({ hasText: "ez dira zuzenak" }).waitFor();
    await type_log_in(page);
    await page.waitForURL("**/estado");
    await page.waitForSelector("#sesion:not([hidden])");
    await page.click("#salir");
    await page.waitForURL("**/acceso");
    await page.goto("/estado");
    await page.waitForURL("**/acceso");
    await leave(page);
  },

  async "a session that ends while a question is open asks for the password and keeps it"(house) {
    const page = await enter(house, LOOKS[0]);
    await page.waitForSelector(".verdict-good");
    await page.click("#pausar");
    await page.fill("#pregunta-valor", "obras en el armario");
    await page.context().clearCookies();
    await page.click("#pregunta-si");
    await page.waitForSelector("#entrada[open]");
    assert.equal(await page.inputValue("#usuario"), NAME);
    assert.deepEqual(await look_at(page), []);
    await page.fill("#contrasena", PASSWORD);
    await page.press("#contrasena", "Enter");
    await page.waitForSelector(".verdict-bad");
    await page.click("#reanudar");
    await page.click("#pregunta-si");
    await page.waitForSelector(".verdict-good");
    await leave(page);
  },

  async "operators: people are added; each sees what the role holds, and no more"(house) {
    const page = await enter(house, LOOKS[0], "/operadores");
    for (const role of Object.keys(SEEN)) await add_person(page, `quien es ${role}`, role);
    assert.deepEqual(await look_at(page), []);
    await leave(page);
    for (const [role, seen] of Object.entries(SEEN)) {
      const person = await open_person(house.browser, house.box, LOOKS[3], house.troubles);
      await person.goto("/acceso?idioma=es");
      await type_log_in(person, `quien es ${role}`);
      await person.waitForURL(`**/${FIRST[role] ?? "estado"}`);
      await person.goto("/estado");
      await person.waitForSelector("#sesion:not([hidden])");
      await person.waitForSelector(".verdict-good");
      for (const [thing, place] of Object.entries(PLACES))
        assert.equal(await person.locator(place).first().isVisible(), seen.includes(thing), `${role}: ${thing}`);
      await leave(person);
    }
  },

  async "sessions: each is listed, and another can be ended"(house) {
    const other = await enter(house, LOOKS[1]);
    const page = await enter(house, LOOKS[0], "/sesiones");
    await page.locator("#lista li button").first().waitFor();
    assert.deepEqual(await look_at(page), []);
    const before = await page.locator("#lista li").count();
    await page.locator("#lista li button").first().click();
    await page.click("#pregunta-si");
    await page.waitForFunction((count) => document.querySelectorAll("#lista li").length < count, before);
    await Promise.all([leave(other), leave(page)]);
  },

  async "codes of an application: set up, and changed only by one of them"(house) {
    const admin = await enter(house, LOOKS[0], "/operadores");
    await add_person(admin, "con códigos", "lector");
    await leave(admin);
    const page = await open_person(house.browser, house.box, LOOKS[0], house.troubles);
    await page.goto("/acceso?idioma=es");
    await type_log_in(page, "con códigos");
    await page.waitForURL("**/estado");
    await page.goto("/sesiones?idioma=es");
    const begin = async () => {
      await page.click("#totp-empezar");
      await page.waitForSelector("#totp-form:not([hidden])");
      await page.fill("#totp-codigo", code_of(await page.textContent("#totp-secreto")));
      await page.press("#totp-codigo", "Enter");
      await page.waitForSelector("#totp-rescate li");
      return page.locator("#totp-rescate li").allTextContents();
    };
    await page.waitForSelector("#sesion:not([hidden])");
    assert.ok(await page.isHidden("#totp-puesto"));
    const spare = await begin();
    await page.waitForSelector("#totp-puesto:not([hidden])");
    await page.click("#totp-empezar");
    await page.waitForFunction(() => document.getElementById("totp-mal").textContent.length > 10);
    assert.ok(await page.isHidden("#totp-form"), "without a code nothing begins");
    assert.deepEqual(await look_at(page), []);
    await page.fill("#totp-actual", spare[0]);
    assert.notDeepEqual(await begin(), spare);
    await leave(page);
  },
};
