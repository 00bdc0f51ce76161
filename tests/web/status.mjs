// SPDX-License-Identifier: EUPL-1.2
// The status: each of its five headlines, brought about by a real fault, in each look; how soon.
import { strict as assert } from "node:assert";

import { enter } from "./access.mjs";
import { LOOKS, count_bytes, leave, look_at } from "./browser.mjs";
import { SLOW, eventually, insert_box_samples } from "./box.mjs";

const HEADLINES = {
  good: { es: "Sí, puede enviar", eu: "Bai, bidal dezake", icon: "bien" },
  but: { es: "Sí, pero mire esto", eu: "Bai, baina begiratu hau", icon: "aviso" },
  wait: { es: "Por ahora no puede enviar", eu: "Oraingoz ezin du bidali", icon: "aviso" },
  bad: { es: "No puede enviar", eu: "Ezin du bidali", icon: "mal" },
  unknown: { es: "No se sabe", eu: "Ez dakigu", icon: "duda" },
};

/** Waits until the page says so in its headline, its title and its icon. */
async function says(page, which, seconds = 15) {
  const { icon, ...words } = HEADLINES[which];
  const word = words[page.look.language];
  await page.waitForFunction(([text, name]) => document.getElementById("respuesta").textContent === text &&
    document.title.startsWith(text) && document.getElementById("icono").href.endsWith(`icono-${name}.svg`),
  [word, icon], { polling: 100, timeout: seconds * 1000 * SLOW }); // not at each frame, which would then be drawn
}

/** All the looks at once; each is looked at with axe. */
async function all_say(pages, which) {
  await Promise.all(pages.map((page) => says(page, which)));
  for (const page of pages) assert.deepEqual(await look_at(page), [], which);
}

export const cases = {
  async "five headlines, each from a real fault, in each look"(house) {
    const { sim, box } = house;
    const pages = [];
    for (const look of LOOKS) pages.push(await enter(house, look));
    await all_say(pages, "good");
    for (const page of pages.filter((one) => one.look.width === 360)) {
      const end = await page.evaluate(() => document.querySelector(".verdict-acts").getBoundingClientRect().bottom);
      assert.ok(end <= 640, `verdict, need and buttons within the first 640 px: ${end}`);
    }
    await sim.ask({ cmd: "deliver", from: "22770", text: "Su saldo es inferior a 2 EUR. Recargue." });
    await all_say(pages, "but");
    await box.ctl("buzon", "leido");
    await Promise.all(pages.map((page) => says(page, "good", 60)));
    await sim.fault("silent:60000");
    const follows = box.ctl("modem", "prueba", "600123123").catch(() => {}); // it waits for the outcome
    await all_say(pages, "wait");
    await sim.ask({ cmd: "clear-faults" });
    await Promise.all(pages.map((page) => says(page, "good", 60)));
    await sim.program.stop();
    await all_say(pages, "bad");
    await sim.start();
    await Promise.all(pages.map((page) => says(page, "good", 30)));
    await box.program.stop("SIGKILL");
    await all_say(pages, "unknown");
    await box.start();
    await Promise.all([follows, ...pages.map((page) => leave(page))]);
  },

  async "unplugged: told within 2 s; back: within 2 s of its registration"(house) {
    const page = await enter(house, LOOKS[0]);
    await says(page, "good");
    await house.box.ctl("modem", "prueba", "600123123");
    const took = page.locator("#cifras div", { hasText: "De la petición al módem" }).filter({ hasText: "9 de cada 10" });
    assert.doesNotMatch(await took.textContent(), /0,0 s/, "nothing takes less than no time");
    await house.sim.ask({ cmd: "vanish", ms: 4000 });
    await page.waitForSelector(".verdict-bad, .verdict-care", { timeout: 2000 * SLOW });
    await eventually(() => fetch(`${house.box.url}/readyz`).then((answer) => answer.ok, () => false), 0, "registered again");
    await page.waitForSelector(".verdict-good", { timeout: 2000 * SLOW });
    for (const text of ["se ha desenchufado", "vuelve a poder enviar"])
      await page.locator("#sucesos li", { hasText: text }).first().waitFor();
    await page.locator("#sucesos").scrollIntoViewIfNeeded();
    await page.locator("#sucesos li", { hasText: "Arranca el servicio" }).first().waitFor();
    await leave(page);
  },

  async "the boxes that share a registry"(house) {
    const page = await enter(house, LOOKS[0], "/sesiones");
    const one = (nombre, ausente, puede_enviar, modems, frase) => ({ nombre, ausente, puede_enviar, modems, listos: modems, tareas: false, frase });
    const boxes = [one("alfa", false, true, 1, "«alfa» puede enviar."), one("beta", true, false, 1, "«beta» no da señales."),
      one("gamma", false, false, 1, "«gamma» no puede enviar."), one("delta", false, false, 0, "«delta» está en marcha, sin módem.")];
    await page.route("**/v1/estado?*", async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...(await answer.json()), equipos: boxes } });
    });
    await page.route("**/v1/estado/eventos?*", (route) => route.abort()); // they tell of this box alone
    await page.goto("/estado?idioma=es");
    for (const [n, tone] of ["good", "bad", "care", "good"].entries())
      await page.locator("#equipo li", { hasText: boxes[n].frase, has: page.locator(`.is-${tone}`) }).waitFor();
    assert.deepEqual(await look_at(page), []);
    await leave(page);
  },

  async "the list of the box looks as the verdict finds, by no threshold or clock of the page"(house) {
    const page = await enter(house, LOOKS[0], "/sesiones");
    const day_ms = 86400000;
    const told = { equipo: { copia: new Date(Date.now() - 7.5 * day_ms), certificado: { caduca: new Date(Date.now() + 9 * day_ms) } } };
    await page.route("**/v1/estado?*", async (route) => {
      const status = await (await route.fetch()).json();
      const otras = [{ causa: "copia_antigua", frase: "La última copia es de hace 7 días.", que_hacer: "", necesita: "desde_aqui", desde: null, hasta: null, modem: null }];
      await route.fulfill({ json: { ...status, veredicto: { ...status.veredicto, otras }, equipo: { ...status.equipo, ...told.equipo } } });
    });
    await page.route("**/v1/estado/eventos?*", (route) => route.abort());
    await page.goto("/estado?idioma=es");
    await page.locator("#equipo li", { hasText: "copia", has: page.locator(".is-care") }).waitFor();
    await page.locator("#equipo li", { hasText: "certificado", has: page.locator(".is-good") }).waitFor();
    await leave(page);
  },

  async "the first view is at most 40 KiB"(house) {
    const page = await enter(house, LOOKS[0], "/sesiones");
    await page.context().clearCookies({ name: "idioma" });
    const cdp = await page.context().newCDPSession(page);
    const bytes = await count_bytes(cdp);
    await cdp.send("Network.setCacheDisabled", { cacheDisabled: true });
    await page.goto("/estado?idioma=es");
    await says(page, "good");
    const whole = bytes(true); // what the stream begins with depends on what happens meanwhile: see budgets.mjs
    console.log(`        first view of /estado: ${(whole / 1024).toFixed(1)} KiB with headers`);
    assert.ok(whole > 10000 && whole <= 40 * 1024, whole);
    await cdp.detach();
    await leave(page);
  },

  async "at one o'clock a sentence says «la»"(house) {
    const page = await enter(house, LOOKS[0], "/sesiones");
    for (const [language, one, other] of [["es", "desde la 01:38:00,", "desde las 13:38:00,"], ["ca", "des de la 01:38:00,", "des de les 13:38:00,"],
      ["gl", "desde a 01:38:00,", "desde as 13:38:00,"], ["eu", "jasotzen 01:38:00 ordutik", "jasotzen 13:38:00 ordutik"], ["en", "since 01:38:00,", "since 13:38:00,"]]) {
      await page.goto(`/estado?idioma=${language}`);
      const told = await page.evaluate(async () => {
        const { say } = await import(document.querySelector("[href$='base.js']").href);
        return ["01:38:00", "13:38:00"].map((time) => say("unknown.since", { time, age: "1 s" }));
      });
      assert.ok(told[0].includes(one) && told[1].includes(other), told);
    }
    await leave(page);
  },

  async "the charts draw under the page's own policy"(house) {
    insert_box_samples(house.box, 6);
    const page = await enter(house, LOOKS[0], "/graficas");
    await page.locator("#graficas h2", { hasText: "De la petición al móvil" }).waitFor();
    const chart_of = (title) => page.locator("#graficas > section", { hasText: title });
    assert.match(await chart_of("Cola").locator("figcaption p").textContent(), /Entre 0 y 5, de media/);
    const latency = chart_of("De la petición al móvil").locator("figcaption p");
    assert.match(await latency.first().textContent(), /Entre \d+ y 50 s/);
    assert.match(await latency.last().textContent(), /mediana.*9 de cada 10/, "which line is which");
    for (const title of ["Señal", "Cola", "De la petición al móvil"]) await chart_of(title).locator(".chart canvas").first().waitFor();
    assert.deepEqual(await look_at(page), []);
    await leave(page);
  },

  async "a dead daemon: not known within 5 s, and by itself again"(house) {
    const { box } = house;
    const page = await enter(house, LOOKS[2]);
    await says(page, "good");
    await box.program.stop("SIGKILL");
    await says(page, "unknown", 5);
    assert.deepEqual(await look_at(page), []);
    await page.click("#reintentar");
    await says(page, "unknown", 5);
    await box.start();
    await says(page, "good", 30);
    assert.ok(await page.isHidden("#viejo"));
    await leave(page);
  },

  async "a silent network: not known within 20 s, also of a page that comes to the front; by itself again"(house) {
    const { child } = house.box.program;
    const pages = [await enter(house, LOOKS[0]), await enter(house, LOOKS[0])];
    const desk = await enter(house, LOOKS[0], "/registro");
    const desk_says = (tone) => desk.locator(`#salen.chip-${tone}`).waitFor({ timeout: 60000 * SLOW });
    await desk_says("good");
    for (const page of pages) await says(page, "good");
    const show = (is_hidden) => pages[1].evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
      document.dispatchEvent(new Event("visibilitychange"));
    }, is_hidden);
    await show(true);
    await says(pages[1], "good");
    let refused = 0; // by a proxy, once: a browser gives up a stream for good after that
    child.kill("SIGSTOP"); // as if no packet came through: nothing is closed, nothing is answered
    try {
      await show(false);
      await Promise.all([desk_says("mute"), ...pages.map((page) => says(page, "unknown", 20))]);
      await pages[0].route("**/v1/estado/eventos?*", (route) => (refused++ ? route.continue() : route.fulfill({ status: 502 })));
    } finally {
      child.kill("SIGCONT");
    }
    await Promise.all([desk_says("good"), ...pages.map((page) => says(page, "good", 60))]);
    assert.ok(refused > 0);
    for (const page of [desk, ...pages]) await leave(page);
  },
};
