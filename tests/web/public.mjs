// SPDX-License-Identifier: EUPL-1.2
// What a browser sees before anybody logs in.
import { strict as assert } from "node:assert";

import { LOOKS, leave, look_at, open_person } from "./browser.mjs";

export const cases = {
  async "the log-in in each look, and the first start"(house) {
    for (const look of LOOKS) {
      const page = await open_person(house.browser, house.box, look, house.troubles);
      await page.goto(`/acceso?idioma=${look.language}`);
      assert.equal(await page.evaluate(() => document.documentElement.lang), look.language);
      assert.equal(await page.evaluate(() => document.activeElement.id), "usuario", "ready to type");
      assert.deepEqual(await look_at(page), []);
      await page.click("#primera a");
      await page.waitForSelector("#alta:not([hidden])");
      assert.deepEqual(await look_at(page), []);
      await leave(page);
    }
  },

  async "the look is chosen and kept"(house) {
    const page = await open_person(house.browser, house.box, LOOKS[0], house.troubles);
    await page.goto("/acceso?idioma=es");
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await paper();
    await page.click("#apariencia");
    await page.click("#apariencia");
    assert.notEqual(await paper(), light);
    await page.reload();
    await page.locator("#apariencia", { hasText: "oscura" }).waitFor();
    assert.notEqual(await paper(), light);
    await page.context().addCookies([{ name: "idioma", value: "gl", url: house.box.url }]);
    await leave(page);
    const next = await open_person(house.browser, house.box, LOOKS[0], house.troubles);
    assert.equal(next, page, "the same page for another person");
    await next.goto("/acceso");
    assert.equal(await paper(), light, "who has kept nothing");
    assert.deepEqual([await next.evaluate(() => document.documentElement.lang), await next.context().cookies()], ["es", []]);
    await leave(next);
  },

  async "a language of the footer is kept for the next page"(house) {
    const page = await open_person(house.browser, house.box, LOOKS[0], house.troubles);
    await page.goto("/acceso");
    await page.click("footer [hreflang=gl]");
    await page.locator("h1", { hasText: "Entrar" }).waitFor();
    await page.waitForFunction(() => document.documentElement.lang === "gl");
    await page.goto("/acceso");
    assert.equal(await page.evaluate(() => document.documentElement.lang), "gl");
    await leave(page);
  },
};
