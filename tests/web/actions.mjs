// SPDX-License-Identifier: EUPL-1.2
// What a technician does from the page: each act asks first, is done by the daemon, and is told.
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";

import { enter, NAME } from "./access.mjs";
import { eventually } from "./box.mjs";
import { LOOKS, leave, look_at } from "./browser.mjs";

async function open_actions(house) {
  const page = await enter(house, LOOKS[0]);
  await page.waitForSelector(".verdict-good");
  await page.locator("#modems summary").last().click();
  return page;
}

const told = (page, text) => page.locator("[data-f=resultado]", { hasText: text }).waitFor();

export const cases = {
  async "a test SMS, with what became of it"(house) {
    const page = await open_actions(house);
    assert.deepEqual(await look_at(page), []);
    const before = (await house.sim.inbox()).length; // of other files' cases
    await page.click("[data-act=prueba]");
    assert.deepEqual(await look_at(page), []);
    await page.click("#pregunta [value=no]");
    assert.equal((await house.sim.inbox()).length, before, "a No does nothing");
    await page.click("[data-act=prueba]");
    await page.fill("#pregunta-valor", "600 123 123");
    await page.click("#pregunta-si");
    await told(page, "Entregado");
    assert.equal((await house.sim.inbox()).length, before + 1);
    await page.click("[data-act=prueba]");
    await page.fill("#pregunta-valor", "12");
    await page.click("#pregunta-si");
    await told(page, "No se ha podido");
    await leave(page);
  },

  async "the balance, as the network tells it"(house) {
    await house.sim.set({ ussd: "Su saldo es 7,40 EUR <b>hoy</b>" });
    const page = await open_actions(house);
    await page.click("[data-act=saldo]");
    await page.click("#pregunta-si");
    await told(page, "Su saldo es 7,40 EUR <b>hoy</b>");
    await leave(page);
  },

  async "the trace, live and as a file"(house) {
    const page = await open_actions(house);
    await page.click("[data-act=traza]");
    await page.locator("[data-trace] pre", { hasText: "AT" }).waitFor();
    const [file] = await Promise.all([page.waitForEvent("download"), page.click("[data-file]")]);
    assert.match(file.suggestedFilename(), /^traza-principal\.txt$/);
    assert.match(readFileSync(await file.path(), "utf8"), /AT/);
    await leave(page);
  },

  async "the report for support, as a file"(house) {
    const page = await open_actions(house);
    const [file] = await Promise.all([page.waitForEvent("download"), page.click("#informe")]);
    assert.equal(file.suggestedFilename(), "informe-contraclaved.txt");
    assert.match(readFileSync(await file.path(), "utf8"), /^Informe de contraclaved/);
    await leave(page);
  },

  async "pause and resume, with reason and name"(house) {
    const page = await open_actions(house);
    await page.click("#pausar");
    await page.fill("#pregunta-valor", "cambio de antena");
    await page.click("#pregunta-si");
    await page.waitForSelector(".verdict-bad");
    assert.match(await page.textContent("#porque"), new RegExp(NAME));
    assert.ok(await page.isVisible("#mientras"));
    await page.click("#reanudar");
    await page.click("#pregunta-si");
    await page.waitForSelector(".verdict-good");
    await leave(page);
  },

  async "the message centre, written to the card"(house) {
    const page = await open_actions(house);
    await page.click("[data-act=centro]");
    await page.fill("#pregunta-valor", "609");
    await page.click("#pregunta-si");
    await told(page, "No se ha podido");
    await page.click("[data-act=centro]");
    await page.fill("#pregunta-valor", "+34 609 090 909");
    await page.click("#pregunta-si");
    await told(page, "Puesto: +34609090909");
    await leave(page);
  },

  async "a restart of the modem"(house) {
    const page = await open_actions(house);
    const before = (await house.sim.ask({ cmd: "state" })).by_command["+CFUN"] ?? 0;
    await page.click("[data-act=reinicio]");
    await page.click("#pregunta-si");
    await told(page, "reiniciando");
    await eventually(async () => ((await house.sim.ask({ cmd: "state" })).by_command["+CFUN"] ?? 0) > before);
    await page.waitForFunction(() => document.querySelector(".verdict-good"));
    await leave(page);
  },

  async "a test alert, with how it went"(house) {
    const page = await open_actions(house);
    await page.locator("#avisos", { hasText: "http://127.0.0.1:" }).waitFor();
    assert.doesNotMatch(await page.textContent("#avisos"), /ficha/, "the path of a webhook may be a secret");
    await page.click("#probar-avisos");
    assert.deepEqual(await look_at(page), []);
    await page.click("#pregunta-si");
    await page.locator("#avisos", { hasText: "La prueba se ha enviado" }).waitFor();
    assert.equal(house.hook.alerts.at(-1).suceso, "prueba");
    house.hook.status = 500;
    await page.click("#probar-avisos");
    await page.click("#pregunta-si");
    await page.locator("#avisos", { hasText: "La prueba no se ha podido enviar" }).waitFor();
    assert.deepEqual(await look_at(page), []);
    house.hook.status = 200;
    await leave(page);
  },
};
