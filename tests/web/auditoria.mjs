// SPDX-License-Identifier: EUPL-1.2
// The auditor's page: where the role begins, search by person, event and actor, export, and the check of the database.
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";

import { enter } from "./access.mjs";
import { LOOKS, leave, look_at } from "./browser.mjs";

const NIF = "50000009X";

async function search(page, fields) {
  for (const [name, value] of Object.entries(fields))
    if (name === "suceso") await page.selectOption("#q-suceso", value);
    else await page.fill(`#q-${name}`, value);
  await page.click("#busca [type=submit]");
  await page.waitForFunction(() => document.getElementById("marcha").hidden && document.getElementById("dicho").textContent);
  return page.locator("#lista tr").allTextContents();
}

async function save(page, button) {
  const [file] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
  return readFileSync(await file.path(), "utf8");
}

export const cases = {
  async "search by person, event and actor; one person's rows; what is wrong is told"(house) {
    await house.box.ctl("ciudadano", "alta", "--nif", NIF, "--nombre", "Ana", "--movil", "600000009");
    const page = await enter(house, LOOKS[0], "/auditoria");
    const rows = await search(page, { nif: NIF });
    assert.equal(rows.length, 1);
    assert.match(rows[0], /Alta\s*quien administra el equipo \(uid \d+\)\s*[0-9a-f]{8}\s*presencial/);
    assert.deepEqual(await look_at(page), []);
    await page.click("#lista button");
    await page.locator("#lista tr").nth(1).waitFor(); // the search is an act about the person too
    assert.match(await page.textContent("#lista"), /Búsqueda en la auditoría/);
    assert.match(await page.textContent("#solo"), /Solo de la persona [0-9a-f]{8}/);
    await page.click("#solo button");
    const of_operator = await search(page, { quien: "tecla", suceso: "sesion_abrir" });
    assert.ok(of_operator.length > 0 && of_operator.every((row) => /Entrada de un operador\s*operador:tecla/.test(row)), of_operator.join());
    assert.deepEqual(await search(page, { quien: "nadie", suceso: "" }), []);
    await page.fill("#q-nif", "50000009Z");
    await page.click("#busca [type=submit]");
    await page.locator("#busca-mal").filter({ hasText: "letra" }).waitFor();
    await leave(page);
  },

  async "at 360 px, in euskara: days, more of the same, export as CSV and JSON lines"(house) {
    const page = await enter(house, LOOKS[2], "/auditoria");
    await page.evaluate(async () => { // acts of the trail
      const headers = { "X-Contraclaved": "1", "Content-Type": "application/json" };
      for (let i = 0; i < 60; i++) await fetch("/v1/auditoria/busqueda", { method: "POST", headers, body: '{"quien":"nadie"}' });
    });
    const [desde, hasta] = [-1, 1].map((days) => new Date(Date.now() + days * 86400000).toISOString().slice(0, 10));
    assert.equal((await search(page, { desde, hasta })).length, 50);
    assert.deepEqual(await look_at(page), []);
    await page.click("#mas button");
    await page.waitForFunction(() => document.querySelectorAll("#lista tr").length > 50);
    assert.deepEqual(await search(page, { desde: "2020-01-01", hasta: "2020-12-31" }), []);
    await page.fill("#q-desde", "");
    await page.fill("#q-hasta", "");
    await page.fill("#q-nif", NIF);
    const table = await save(page, "#csv");
    assert.match(table, /^\ufeffnumero,hora,suceso,quien,persona,resultado,referencia,ip,evidencia\r\n(\d+,\S+,\w+,[^,]*,[0-9a-f]{32},\w+,\d+,(127\.0\.0\.1)?,([0-9A-F]{32})?\r\n)+$/);
    const lines = (await save(page, "#jsonl")).trim().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(lines.at(-1).suceso, "alta");
    await page.locator("#dicho").filter({ hasText: "auditoria.jsonl" }).waitFor();
    await leave(page);
  },

  async "the database is checked with its progress, also in the dark at 768 px"(house) {
    const page = await enter(house, LOOKS[1], "/auditoria");
    await page.click("#comprobar");
    await page.locator("#c-dicho.good-note").filter({ hasText: "Dena idatzi zen bezala" }).waitFor();
    assert.deepEqual(await look_at(page), []);
    await page.reload(); // what was found stays
    await page.locator("#c-dicho.good-note").waitFor();
    await leave(page);
  },

  async "a value that a spreadsheet would take for a formula is made text"(house) {
    const page = await enter(house, LOOKS[0], "/auditoria");
    const line = await page.evaluate(async () => {
      const { csv_line } = await import(document.querySelector("[href$='files.js']").href);
      return csv_line(["=1+1", "+34", "-1", "@x", "a,b", 'di "no"', -5, null, "a\nb", "a;=1;b"]);
    });
    assert.equal(line, `'=1+1,'+34,'-1,'@x,"a,b","di ""no""",-5,,"a\nb",a;'=1;b\r\n`);
    await leave(page);
  },
};
