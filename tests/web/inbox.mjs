// SPDX-License-Identifier: EUPL-1.2
// What came in: shown as the text that it is, and marked as read.
import { strict as assert } from "node:assert";

import { enter } from "./access.mjs";
import { eventually } from "./box.mjs";
import { LOOKS, look_at } from "./browser.mjs";

const SCRIPT = "<script>document.title='mal'</script><img src=x onerror=alert(1)>";

export const cases = {
  async "markup in a message is text; it is marked as read"(house) {
    await house.sim.ask({ cmd: "deliver", from: "+34600999888", text: SCRIPT });
    await house.sim.ask({ cmd: "deliver", from: "22770", text: "Aviso del operador" });
    const page = await enter(house, LOOKS[3], "/buzon");
    const unread = () => page.locator("#mensajes .chip").count();
    await eventually(async () => {
      if ((await unread()) >= 2) return true;
      await page.reload();
      await page.waitForSelector("#sesion:not([hidden])");
      return false;
    });
    assert.ok((await page.textContent("#mensajes")).includes(SCRIPT));
    assert.equal(await page.locator("#mensajes img, #mensajes script").count(), 0);
    assert.deepEqual(await look_at(page), []);
    assert.equal(await unread(), 2);
    await page.locator("#mensajes button").first().click();
    await page.waitForFunction(() => document.querySelectorAll("#mensajes .chip").length === 1);
    await page.click("#todo button");
    await page.click("#pregunta-si");
    await page.waitForFunction(() => document.querySelectorAll("#mensajes .chip").length === 0);
    await page.context().close();
  },

  async "what cannot be read, or marked, is told in a dialog"(house) {
    const troubles = house.troubles.length;
    const page = await enter(house, LOOKS[0], "/buzon");
    const refuse = (route) => route.fulfill({ status: 503, contentType: "application/problem+json", body: '{"type":"database_down","title":"La base de datos no responde."}' });
    const told = page.locator("#pregunta[open]", { hasText: "La base de datos no responde." });
    await page.route("**/v1/buzon", refuse);
    await page.reload();
    await told.waitFor();
    assert.deepEqual(await look_at(page), []);
    await page.unroute("**/v1/buzon", refuse);
    await house.sim.ask({ cmd: "deliver", from: "+34600999888", text: "Otro" });
    await eventually(async () => {
      await page.reload();
      await page.waitForSelector("#sesion:not([hidden])");
      return page.locator("#mensajes button").first().waitFor({ timeout: 1000 }).then(() => true, () => false);
    });
    await page.route("**/v1/buzon/lectura", refuse);
    await page.locator("#mensajes button").first().click();
    await told.waitFor();
    await page.click("#pregunta-si");
    await page.unroute("**/v1/buzon/lectura", refuse);
    await page.locator("#mensajes button").first().click();
    await page.waitForFunction(() => document.querySelectorAll("#mensajes .chip").length === 0);
    assert.equal(house.troubles.length, troubles, house.troubles.at(-1));
    await page.context().close();
  },
};
