// SPDX-License-Identifier: EUPL-1.2
// Drives the pages of the real daemon, on the simulated modem, in Chromium. One line a case, then
// "N passed, N failed". Words on the command line name the cases to run.
import { strict as assert } from "node:assert";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { HtmlValidate } from "html-validate";

import { cases as access } from "./access.mjs";
import { BUILD, PRELOADS, ROOT, SLOW, open_box, open_hook } from "./box.mjs";
import { open_browser } from "./browser.mjs";

const cheap_hash = join(BUILD, "tests/preload_hash.so");
if (SLOW === 1 && existsSync(cheap_hash)) PRELOADS.unshift(cheap_hash);
const wanted = process.argv.slice(2);
let passed = 0;
let failed = 0;

async function run(name, act) {
  const is_wanted = wanted.length === 0 || wanted.some((word) => name.includes(word));
  if (!is_wanted && !name.includes("set-up link")) return; // the account that the others log in with
  const start = Date.now();
  let error = null;
  try {
    await act();
  } catch (thrown) {
    error = thrown;
  }
  if (error) failed++;
  else passed++;
  console.log(`  ${error ? "FAIL" : "ok  "} ${((Date.now() - start) / 1000).toFixed(2).padStart(6)} s  ${name}`);
  if (error) console.log(error.stack);
}

await run("html: each page in each language is valid", async () => {
  const validator = new HtmlValidate({ extends: ["html-validate:standard", "html-validate:a11y"],
    // the skip link and the theme need neither; a dialog's form is sent by its own script
    rules: { "no-inline-style": "error", "long-title": "off", "void-style": "off", "no-trailing-whitespace": "error" } });
  const pages = readdirSync(join(BUILD, "web")).filter((name) => name.endsWith(".html"));
  assert.equal(pages.length, readdirSync(join(ROOT, "web/words")).length * readdirSync(join(ROOT, "web/pages")).length);
  const told = [];
  for (const name of pages) {
    const report = await validator.validateFile(join(BUILD, "web", name));
    for (const result of report.results)
      for (const message of result.messages) told.push(`${name}:${message.line}: ${message.ruleId}: ${message.message}`);
  }
  assert.deepEqual(told, []);
});

const browser = await open_browser();
// Those that take long first: each house takes the next file when it is done with one.
const files = ["status", "access", "actions", "registro", "demo", "secretos", "inbox", "auditoria", "cifras", "importacion", "tls", "public"];

/** A box of its own, with the account that the cases log in with; `is_first`: making that is a case itself. */
async function run_house(is_first) {
  const house = { browser, troubles: [], ends: [] };
  house.hook = await open_hook();
  const alerts = `avisos { webhook = "${house.hook.url}" webhook_secreto = "un secreto de prueba" }`;
  Object.assign(house, await open_box(alerts, 'ussd_saldo = "*134#" remitente_saldo = "22770"', {}, [], true));
  try {
    const [[set_up, make_account]] = Object.entries(access);
    if (is_first) await run(`access: ${set_up}`, () => make_account(house));
    else await make_account(house);
    for (let file = files.shift(); file; file = files.shift())
      for (const [name, act] of Object.entries((await import(`./${file}.mjs`)).cases))
        if (name !== set_up) await run(`${file}: ${name}`, () => act(house));
    if (failed) console.log(house.box.log().slice(-3000));
    return house.troubles;
  } finally {
    for (const end of house.ends.reverse()) await end();
    await house.leave();
    house.hook.server.close();
  }
}

try {
  const troubles = await Promise.all([run_house(true), run_house(false)]);
  await run("all: no complaint on the console, nothing asked elsewhere", async () => assert.deepEqual(troubles.flat(), []));
} finally {
  await browser.close();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed || !passed ? 1 : 0;
