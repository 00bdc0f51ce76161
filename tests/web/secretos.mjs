// SPDX-License-Identifier: EUPL-1.2
// The ways in of a person at the desk: password and town's clave with their states, "Resetear clave" with the script of control
// questions, withdrawal, and addresses that do not exist. On a box of its own, with a server of mail.
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";

import { open_as, PASSWORD } from "./access.mjs";
import { BUILD, eventually, open_box } from "./box.mjs";
import { LOOKS, leave, look_at } from "./browser.mjs";

const CLERK = "carla clave";
const NIF = "50000080N";
const LINK = "https://sede.example.org/correo?prueba=";
const SETTINGS = 'altas { formulario = si } metodos { pin24h = si contrasena_sms = si clave_ayto = si } contrasena_ms = 20 reto_dificultad = 0 preguntas_control = { "Fecha de nacimiento", "Nombre de su calle", "Color del sobre" } limites { segundos_entre_peticiones = 0 cliente_por_segundo = 0 ip_por_segundo = 0 }';

/** Takes each mail, but for those to an address that begins with "nadie". */
function open_mail_server() {
  const mails = [];
  const server = createServer((socket) => {
    let text = "", mail = null;
    const reply = (line) => socket.write(`${line}\r\n`);
    const take = (line) => {
      if (mail !== null && line !== ".") return void (mail += `${line}\n`);
      if (line === ".") {
        mails.push(mail);
        mail = null;
        return reply("250 2.0.0 ok");
      }
      if (/^DATA/i.test(line)) {
        mail = "";
        return reply("354 go on");
      }
      if (/^QUIT/i.test(line)) return socket.end("221 bye\r\n");
      reply(/^RCPT TO:<nadie/i.test(line) ? "550 5.1.1 no such user" : "250 2.1.0 ok");
    };
    socket.on("error", () => {});
    socket.on("data", (data) => {
      const lines = (text + data).split("\r\n");
      text = lines.pop();
      lines.forEach(take);
    });
    reply("220 ready");
  });
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done({ server, mails, port: server.address().port })));
}

/** What a mail says; it is quoted-printable, and of letters beyond ASCII nothing is asked. */
const plain = (mail) => mail.replace(/=\n/g, "").replace(/=([0-9A-F]{2})/g, (all, hex) => String.fromCharCode(parseInt(hex, 16)));

async function need_town(house) {
  if (house.town) return house.town;
  const mail = await open_mail_server();
  const by = `avisos { smtp_servidor = "127.0.0.1:${mail.port}" smtp_seguridad = "ninguna" remitente = "caja@example.org" } correo { enlace = "${LINK}" }`;
  const opened = await open_box(`${SETTINGS} ${by}`, "");
  house.ends.push(opened.leave, () => mail.server.close());
  const { box } = opened;
  execFileSync(join(BUILD, "contraclavectl"), ["-c", box.conf, "operador", "crear", "--nombre", CLERK, "--rol", "registro", "--contrasena", "-"], { input: `${PASSWORD}\n` });
  const token = (await box.ctl("cliente", "crear", "--nombre", "portal", "--ambitos", "solicitar,verificar,alta")).trim().split("\n").at(-1);
  const post = async (path, body) => (await fetch(`${box.url}${path}`, { method: "POST", headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" }, body: JSON.stringify(body) })).json();
  house.town = { ...opened, mail, post, token };
  return house.town;
}

async function open_desk(house, look = LOOKS[0]) {
  const { box } = await need_town(house);
  return open_as(house, box, look, CLERK, "/registro");
}

async function open_file(page, nif) {
  await page.fill("#b-nif", nif);
  await page.press("#b-nif", "Enter");
  await page.waitForSelector("#vista-ficha:not([hidden])");
}

const way = (page, name) => page.locator("#f-medios li", { hasText: name });
const told = (page, text) => page.waitForFunction((wanted) => document.getElementById("f-hecho").textContent.includes(wanted), text);

export const cases = {
  async "an alta with an address, and Resetear clave after control questions (004)"(house) {
    const { mail, post } = await need_town(house);
    const page = await open_desk(house);
    await page.fill("#b-nif", NIF);
    await page.press("#b-nif", "Enter");
    await page.waitForSelector("#vista-alta:not([hidden])");
    for (const [name, value] of Object.entries({ nombre: "Sol", movil: "600000080", correo: "sol@example..com" })) await page.fill(`#a-${name}`, value);
    await page.check("#a-sin_movil");
    await page.check("#a-firmada");
    await page.click("#vista-alta [type=submit]");
    await page.waitForSelector("#a-correo-mal");
    assert.deepEqual(await look_at(page), []);
    await page.fill("#a-correo", "sol@example.com");
    await page.click("#vista-alta [type=submit]");
    await page.waitForSelector("#vista-ficha:not([hidden])");
    assert.match(await page.textContent("#f-datos"), /Correos\*\*\*@example\.com \(sin probar\)/);
    assert.match(await way(page, "Clave del ayuntamiento").textContent(), /no tiene/);
    const code = await eventually(async () => (await house.town.sim.inbox()).map((one) => /\b\d{6}\b/.exec(one.text)?.[0]).find(Boolean));
    await page.click('#f-actos button:text-is("Comprobar el móvil")');
    await page.fill("#t-codigo", code);
    await page.click("#acto-si");
    await told(page, "Móvil comprobado");
    assert.equal(await page.locator('#f-actos button:text-is("Resetear clave")').count(), 0, "the address is not proven yet");
    const link = await eventually(() => mail.mails.map(plain).map((one) => one.split(LINK)[1]?.match(/^[\w-]+/)[0]).find(Boolean));
    assert.equal((await post("/v1/correos/prueba", { prueba: link })).estado, "probado");
    await page.click("#f-volver");
    await open_file(page, NIF);

    await page.click('#f-actos button:text-is("Resetear clave")');
    await page.click("#acto-si");
    assert.match(await page.textContent("#acto"), /qué documento/, "a document must be named");
    await page.selectOption("#v-via", "telefono");
    assert.match(await page.textContent("#acto-campos"), /Fecha de nacimiento.*Nombre de su calle.*Color del sobre/s);
    assert.equal(await page.locator("#acto-campos input[type=text]:visible").count(), 1, "no answer is typed: the instancia alone");
    assert.deepEqual(await look_at(page), []);
    await page.check("#v-0");
    await page.click("#acto-si");
    await page.waitForFunction(() => /al menos 2/.test(document.getElementById("acto-mal").textContent));
    await page.check("#v-2");
    await page.click("#acto-si");
    await told(page, "Clave enviada a su correo");
    assert.match(await page.textContent("#f-historia"), /Clave enviada por correo, por teléfono, por carla clave\. Motivo: Preguntas de control acertadas: Fecha de nacimiento; Color del sobre\./);
    assert.match(await way(page, "Clave del ayuntamiento").textContent(), /enviada el \d\d\/\d\d\/\d{4}; la cambia al entrar, antes del/);
    assert.deepEqual(await look_at(page), []);
    const key = await eventually(() => mail.mails.map(plain).map((one) => /\b[2-9a-z]{4}-[2-9a-z]{4}-[2-9a-z]{4}\b/.exec(one)?.[0]).find(Boolean));
    assert.ok(!(await page.content()).includes(key), "staff never see it");

    await way(page, "Clave del ayuntamiento").locator("button").click();
    await page.waitForSelector("#pregunta[open]");
    assert.deepEqual(await look_at(page), []);
    await page.click("#pregunta-si");
    await told(page, "Retirada");
    assert.match(await way(page, "Clave del ayuntamiento").textContent(), /no tiene/);
    assert.equal((await post("/v1/accesos", { nif: NIF, contrasena: key, metodo: "clave_ayto" })).resultado, "rechazado");
    await leave(page);
  },

  async "an online alta without a copy, with a password: what is to be done is told (002)"(house) {
    const { box, sim, token, post } = await need_town(house);
    const form = new FormData();
    for (const [field, value] of Object.entries({ nif: "50000085V", nombre: "Dora", movil: "600000085", contraste: "31/12/2031", contrasena: "caballo pila grapa" })) form.append(field, value);
    const { id } = await (await fetch(`${box.url}/v1/altas`, { method: "POST", headers: { Authorization: `Bearer ${token}` }, body: form })).json();
    const codigo = await eventually(async () => (await sim.inbox()).filter((one) => one.number.endsWith("600000085")).map((one) => /\b\d{6}\b/.exec(one.text)?.[0]).find(Boolean));
    await post(`/v1/altas/${id}/telefono`, { codigo });
    const page = await open_desk(house);
    await page.goto("/pendientes");
    await page.locator("#lista li", { hasText: "Dora" }).locator("button").click();
    await page.waitForSelector("#copias p:nth-child(2)");
    assert.match(await page.textContent("#copias"), /No ha adjuntado copia.*contraseña: después de validar/);
    assert.deepEqual(await look_at(page), []);
    for (const tick of await page.locator("#puntos input").all()) await tick.check();
    await page.selectOption("#v-via", "presencial");
    await page.selectOption("#v-documento", "dni");
    await page.click("#validar");
    const row = page.locator("#s-lista li", { hasText: "Dora" });
    await row.locator("select").selectOption("dni");
    await row.locator("button").click();
    await row.waitFor({ state: "detached" });
    await leave(page);
  },

  async "a password is shown pending, authorised and withdrawn (002)"(house) {
    const { box, sim, post } = await need_town(house);
    const nif = "50000081J";
    await box.ctl("ciudadano", "alta", "--nif", nif, "--nombre", "Clara", "--movil", "600000081");
    await post("/v1/solicitudes", { nif, clave: "2468" });
    const contraclave = await eventually(async () => (await sim.inbox()).map((one) => /contraclave PIN24H es (\d{4})/.exec(one.text)?.[1]).find(Boolean));
    assert.equal((await post("/v1/contrasenas", { nif, clave: "2468", contraclave, contrasena: "caballo pila grapa" })).resultado, "sin_autorizar");
    const page = await open_desk(house, LOOKS[3]);
    await open_file(page, nif);
    const pending = await page.locator("#f-medios li", { has: page.locator("button") }).textContent();
    assert.match(pending, /\d\d\/\d\d\/\d{4}|\d{4}/);
    assert.deepEqual(await look_at(page), []);
    await page.goto("/pendientes");
    await page.locator("#s-lista select").selectOption("dni");
    await page.locator("#s-lista button").click();
    await page.waitForSelector("#contrasenas", { state: "hidden" });
    await page.goto("/registro");
    await open_file(page, nif);
    const authorised = page.locator("#f-medios li", { has: page.locator("button") });
    assert.notEqual(await authorised.textContent(), pending);
    await authorised.locator("button").click();
    await page.click("#pregunta-si");
    await page.waitForFunction(() => document.querySelectorAll("#f-medios button").length === 0);
    assert.deepEqual(await look_at(page), []);
    await leave(page);
  },

  async "an address that does not exist is listed, with what to do"(house) {
    const { box } = await need_town(house);
    const nif = "50000082Z";
    await box.ctl("ciudadano", "alta", "--nif", nif, "--nombre", "Noa", "--movil", "600000082");
    const page = await open_desk(house, { ...LOOKS[2], language: "es" });
    await open_file(page, nif);
    await page.locator("#f-actos button", { hasText: "Cambiar el correo" }).click();
    await page.fill("#t-correo", "nadie@example.com");
    await page.click("#acto-si");
    await told(page, "ha salido el enlace");
    await eventually(async () => {
      await page.goto("/pendientes");
      await page.waitForSelector("#vacio:not([hidden])");
      return page.locator("#correos").isVisible();
    });
    assert.match(await page.textContent("#correos"), /pídale otro.*Noa50000082Z.*n\*\*\*@example\.com, desde el/s);
    assert.deepEqual(await look_at(page), []);
    await leave(page);
  },
};
