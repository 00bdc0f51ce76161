// SPDX-License-Identifier: EUPL-1.2
// The pictures of README.md and hw/: the desk; the demo sede with an SMS on its handset; the status of the real daemon on simulated modems,
// when all is well and when a cable is out. `make screenshots` writes them into the folder that it is given.
import { join } from "node:path";

import { cases as access, enter } from "./access.mjs";
import { insert_samples, open_box } from "./box.mjs";
import { show_an_sms } from "./demo.mjs";
import { open_browser } from "./browser.mjs";

const LOOK = { name: "1280 light es", width: 1280, height: 900, scheme: "light", language: "es" };
const folder = process.argv[2];

/** What a morning brings: a few people who got their contraclave. */
async function send_some(box, count) {
  for (let i = 0; i < count; i++) await box.ctl("modem", "prueba", `60012310${i}`);
}

async function take(page, name) {
  await page.waitForTimeout(1500); // the strip of the day is drawn after the cards
  await page.screenshot({ path: join(folder, name), animations: "disabled", fullPage: name.startsWith("registro-") });
  console.log(`  ${name}`);
}

/** An alta that is being written, and the file that it makes. */
async function show_desk(page, sims) {
  await page.fill("#b-nif", "50000003G");
  await page.press("#b-nif", "Enter");
  await page.waitForSelector("#vista-alta:not([hidden])");
  for (const [field, value] of Object.entries({ contraste: "15/03/2031", nombre: "Ana", apellido1: "Ejemplo", apellido2: "Prueba", movil: "600 000 003", instancia: "2026-E-RC-412" }))
    await page.fill(`#a-${field}`, value);
  await page.check("#a-firmada");
  await page.press("#a-movil", "F4");
  await page.waitForFunction(() => /entregado/.test(document.getElementById("a-entrega").textContent));
  const message = (await Promise.all(sims.map((sim) => sim.inbox()))).flat().find(({ number }) => number === "+34600000003");
  await page.fill("#a-codigo", /\b\d{6}\b/.exec(message.text)[0]);
  await take(page, "registro-alta.png");
  await page.press("#a-movil", "Control+Enter");
  await page.waitForSelector("#vista-ficha:not([hidden])");
  await take(page, "registro-ficha.png");
}

const browser = await open_browser();
const house = await open_box("", "", {}, ["reserva"]);
Object.assign(house, { browser, troubles: [], ends: [] });
try {
  await access["the set-up link makes the first account, once"](house);
  insert_samples(house.box, 1);
  await send_some(house.box, 3);
  const page = await enter(house, LOOK);
  await page.waitForSelector(".verdict-good");
  await take(page, "estado.png");
  await show_desk(await enter(house, LOOK, "/registro"), [house.sim, ...house.box.others]);
  for (const sim of [house.sim, ...house.box.others]) await sim.program.stop();
  await page.waitForSelector(".verdict-bad");
  await take(page, "estado-averia.png");
  await take(await show_an_sms(house, LOOK), "demo.png");
} finally {
  for (const end of house.ends.reverse()) await end();
  await house.leave();
  await browser.close();
}
