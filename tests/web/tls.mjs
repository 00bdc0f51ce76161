// SPDX-License-Identifier: EUPL-1.2
// The pages over TLS, with the certificate that the box has made for itself.
import { strict as assert } from "node:assert";

import { PASSWORD, NAME, type_log_in } from "./access.mjs";
import { eventually } from "./box.mjs";
import { LOOKS, leave, open_person } from "./browser.mjs";

export const cases = {
  async "log-in, a cookie of this host alone, live events, an act, and out"(house) {
    const { box } = house;
    const page = await open_person(house.browser, { url: box.tls_url }, LOOKS[0], house.troubles);
    const answer = await page.goto("/acceso?idioma=es");
    assert.match(answer.url(), /^https:/);
    assert.match((await answer.securityDetails()).protocol, /^TLS 1\.[23]/);
    assert.ok(!("strict-transport-security" in answer.headers()), "a browser must not insist on a certificate of our own");
    await type_log_in(page, NAME, PASSWORD);
    await page.waitForURL("**/estado");
    await page.waitForSelector(".verdict-good");
    const cookies = await page.context().cookies();
    const session = cookies.find((cookie) => cookie.httpOnly && cookie.expires < 0);
    assert.match(session.name, /^__Host-/);
    assert.deepEqual([session.secure, session.sameSite, session.path], [true, "Strict", "/"]);
    assert.ok(await page.evaluate(() => isSecureContext && !document.cookie.includes("__Host-")));
    await page.waitForFunction(() => document.getElementById("directo").textContent.trim() !== "");
    await page.click("#pausar");
    await page.fill("#pregunta-valor", "obras");
    await page.click("#pregunta-si");
    await page.waitForSelector(".verdict-bad"); // told by the stream
    await page.locator("#sucesos li", { hasText: "en pausa" }).first().waitFor();
    await page.click("#reanudar");
    await page.click("#pregunta-si");
    await page.waitForSelector(".verdict-good");
    await page.click("#salir");
    await page.waitForURL("**/acceso");
    await eventually(async () => !(await page.context().cookies()).some((cookie) => cookie.name === session.name), 0, "the cookie is gone");
    await leave(page);
  },
};
