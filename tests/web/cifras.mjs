// SPDX-License-Identifier: EUPL-1.2
// The figures of each month: table, plot with its sentence, and the table as CSV.
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";

import { enter } from "./access.mjs";
import { LOOKS, leave, look_at } from "./browser.mjs";

/** Months that the box of the tests has not lived. */
const months = (count) => Array.from({ length: count }, (_, i) => ({ mes: `${2024 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, "0")}`,
  altas_presencial: 31, altas_en_linea: 12, altas_certificado: 3, altas_telefono: 0, altas_identidad: 0, bajas: 2, peticiones: 12345, entradas: 9876 + i,
  entradas_rechazadas: 41, sms_enviados: i < 3 ? null : 12001, sms_fallidos: i < 3 ? null : 7, personas: 44 * (i + 1), activas: i < 3 ? null : 44 * i }));

export const cases = {
  async "what the box itself tells is shown"(house) {
    const page = await enter(house, LOOKS[0], "/cifras");
    await page.waitForSelector("#t-meses tr");
    const told = await page.evaluate(async () => (await (await fetch("/v1/cifras")).json()).meses.at(-1));
    assert.match(await page.textContent("#t-meses tr:first-child"), new RegExp(`${told.personas}$`));
    assert.deepEqual(await look_at(page), []);
    await leave(page);
  },

  async "three years: table, plot, sentence, CSV; each size fits"(house) {
    const page = await enter(house, LOOKS[0], "/sesiones");
    await page.route("**/v1/cifras", (route) => route.fulfill({ json: { meses: months(36), al_dia: true } }));
    for (const look of LOOKS.slice(0, 3)) {
      page.look = look;
      await page.setViewportSize({ width: look.width, height: look.height });
      await page.emulateMedia({ colorScheme: look.scheme });
      await page.goto(`/cifras?idioma=${look.language}`);
      await page.waitForSelector("#t-meses tr");
      assert.equal(await page.locator("#t-meses tr").count(), 36);
      assert.equal(await page.locator("#g-dibujo rect").count(), 24);
      assert.deepEqual(await look_at(page), []);
      if (look !== LOOKS[0]) continue;
      assert.match(await page.textContent("#g-frase"), /^Entradas: 9\.?911 este mes; lo más, 9\.?911, en diciembre de 2026\.$/);
      await page.selectOption("#g-cual", "sms_enviados");
      assert.match(await page.textContent("#g-frase"), /SMS enviados: 12\.001/);
      const [file] = await Promise.all([page.waitForEvent("download"), page.click("#csv")]);
      const lines = readFileSync(await file.path(), "utf8").split("\r\n");
      assert.equal(lines.length, 38);
      assert.equal(lines[1], "2024-01,31,12,3,0,0,2,12345,,,9876,41,44,");
    }
    await leave(page);
  },
};
