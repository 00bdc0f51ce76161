// SPDX-License-Identifier: EUPL-1.2
// The supervisor's import of people: from the desk, a file with faults, corrected, everybody registered; left; in euskara on a phone.
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";

import { enter, open_as, PASSWORD } from "./access.mjs";
import { LOOKS, leave, look_at } from "./browser.mjs";

const LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE";
const nif = (n) => `${n}${LETTERS[n % 23]}`;
const file_of = (rows) => ({ name: "gente.csv", mimeType: "text/csv", buffer: Buffer.from(["nif;nombre;apellido1;movil", ...rows].join("\r\n"), "latin1") });
const people = (first, count) => Array.from({ length: count }, (_, i) => `${nif(first + i)};Íñigo;Núñez;6${String(first % 1e8 + i).padStart(8, "0")}`);

async function check(page, rows) {
  await page.setInputFiles("#fichero", file_of(rows));
  await page.click("#elige [type=submit]");
}

/** A supervisor on the desk. */
async function enter_supervisor(house) {
  await house.box.ctl("operador", "crear", "--nombre", "super", "--rol", "supervisor", "--contrasena", PASSWORD);
  return open_as(house, house.box, LOOKS[0], "super", "/registro");
}

export const cases = {
  async "a file with faults names line and column; corrected, everybody is registered"(house) {
    const page = await enter_supervisor(house);
    await page.click("a[href='/importacion']");
    await page.click("#elige [type=submit]");
    await page.locator("#mal").filter({ hasText: "Elija un fichero" }).waitFor();
    assert.deepEqual(await look_at(page), []);
    await check(page, [...people(52000000, 3), "52000009A;Eva;;600000001", `${nif(52000010)};Luz;Gil;12`]);
    await page.waitForSelector("#revision:not([hidden])");
    assert.match(await page.textContent("#r-dicho"), /Errores: 2\. /);
    assert.deepEqual((await page.locator("#r-errores tbody tr").allTextContents()).map((row) => row.slice(0, 9)), ["5nifLa le", "6movilEl "]);
    assert.deepEqual(await look_at(page), []);
    assert.ok(await page.isHidden("#r-aplicar"), "nobody of it can be registered");
    await check(page, people(52000000, 700));
    await page.locator("#r-dicho").filter({ hasText: "Personas para dar de alta: 700." }).waitFor();
    assert.match(await page.textContent("#r-primeras tbody tr"), /\*\*\*0000\*\*Íñigo Núñez\+34\*+000es/, "of Windows, and masked");
    assert.deepEqual(await look_at(page), []);
    await page.click("#r-aplicar");
    await page.click('#pregunta button[value="si"]');
    await page.waitForSelector("#marcha:not([hidden])");
    await page.locator("#hecho").filter({ hasText: "700 personas dadas de alta" }).waitFor();
    assert.ok(await page.isHidden("#marcha"));
    assert.deepEqual(await look_at(page), []);
    const [saved] = await Promise.all([page.waitForEvent("download"), page.click("#e-guardar")]);
    const rows = readFileSync(await saved.path(), "utf8").split("\r\n");
    assert.match(rows[0], /^\ufeffnif,nombre,apellido1,/);
    assert.ok(rows.some((row) => row.startsWith(`${nif(52000000)},Íñigo,Núñez,,'+34652000000,`)), "whole, and no formula");
    assert.equal(await page.textContent("#e-dicho"), `${(rows.length - 2).toLocaleString("es")} personas guardadas en personas.csv.`);
    assert.deepEqual(await look_at(page), []);
    await page.click("a[href='/registro']:not(.nav a)");
    await page.fill("#b-nif", nif(52000699));
    await page.press("#b-nif", "Enter");
    await page.locator("#vista-ficha").filter({ hasText: "Íñigo Núñez" }).waitFor();
    await leave(page);
  },

  async "in euskara on a phone: a file is left; another page sees it; what is no CSV is told"(house) {
    const page = await enter(house, LOOKS[2], "/importacion");
    await page.setInputFiles("#fichero", { name: "gente.xlsx", mimeType: "application/octet-stream", buffer: Buffer.from("PK\x03\x04\0\0") });
    await page.click("#elige [type=submit]");
    await page.locator("#mal").filter({ hasText: "ez da CSV" }).waitFor();
    await check(page, people(53000000, 2));
    await page.locator("#r-aplicar").filter({ hasText: "2 pertsona altan eman" }).waitFor();
    assert.deepEqual(await look_at(page), []);
    await page.reload();
    await page.locator("#r-aplicar").filter({ hasText: "2 pertsona altan eman" }).waitFor();
    await page.click("#r-dejar");
    await page.waitForSelector("#revision", { state: "hidden" });
    assert.ok(await page.isVisible("#elige"));
    await leave(page);
  },
};
