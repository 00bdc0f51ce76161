// SPDX-License-Identifier: EUPL-1.2
// Chromium, and what every page of ours must not do: complain on its console, break its own policy,
// ask anything of another host, or have a fault that axe-core finds.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { chromium } from "playwright-core";

import { patience } from "./box.mjs";

const require = createRequire(import.meta.url);
const axe_source = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
// The shell draws nothing for a screen: half of the work. It is a part of Chromium.
const programs = ["/usr/lib/chromium/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export const LOOKS = [
  { name: "1280 light es", width: 1280, height: 800, scheme: "light", language: "es" },
  { name: "768 dark eu", width: 768, height: 1024, scheme: "dark", language: "eu" },
  { name: "360 light eu", width: 360, height: 640, scheme: "light", language: "eu" },
  { name: "360 dark es", width: 360, height: 640, scheme: "dark", language: "es" },
];

export async function open_browser() {
  const executablePath = programs.find(existsSync);
  // The sandbox of Chromium does not start as root.
  return chromium.launch({ executablePath, args: process.getuid() === 0 ? ["--no-sandbox"] : [] });
}

const empty = new Map(); // pages whose person has left, by what cannot be changed in a context: the start of a renderer costs more than a view

async function make_page(browser, box, language, troubles, more) {
  const context = await browser.newContext({ baseURL: box.url, locale: language, timezoneId: "America/Lima", ignoreHTTPSErrors: box.url.startsWith("https:"), ...more });
  const page = await context.newPage();
  page.on("console", (message) => {
    // What is refused or cut by the daemon is told by Chromium itself; the page tells it to the person.
    if (["error", "warning"].includes(message.type()) && !/Failed to load resource|net::ERR_/.test(message.text()))
      troubles.push(`${page.look.name}: console: ${message.text()}`);
  });
  page.on("pageerror", (error) => troubles.push(`${page.look.name}: ${error.name}: ${error.message} ${error.stack}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(box.url) && !/^(blob|data):/.test(request.url())) troubles.push(`${page.look.name}: asks ${request.url()}`);
  });
  return page;
}

/** A browser of one person: its own cookies, size, looks and language. */
export async function open_person(browser, box, look, troubles, more = {}) {
  const kind = JSON.stringify([box.url, look.language, more]);
  const page = empty.get(kind)?.pop() ?? await make_page(browser, box, look.language, troubles, more);
  Object.assign(page, { look, kind });
  page.context().setDefaultTimeout(patience() * 1000);
  await page.setViewportSize({ width: look.width, height: look.height });
  await page.emulateMedia({ colorScheme: look.scheme });
  return page;
}

/** The person goes, and takes along all that the browser has kept; the next one finds it as new. A case that fails keeps its page. */
export async function leave(page) {
  await page.unrouteAll();
  // A document without scripts, of the same box: what is of no box, or of another, would be shown by a process of its own.
  await page.goto(await page.evaluate(() => document.querySelector("link[rel=icon]").href));
  await page.evaluate(() => [localStorage, sessionStorage].forEach((store) => store.clear()));
  await page.context().clearCookies();
  if (!empty.has(page.kind)) empty.set(page.kind, []);
  empty.get(page.kind).push(page);
}

/** Counts what is received from now on, with headers; returns the function that tells the sum, or that of what has ended. */
export async function count_bytes(cdp) {
  const received = new Map(); // of each request: what has come; when it ends, all of it
  const add = (id, bytes) => received.set(id, (received.get(id) ?? 0) + bytes);
  await cdp.send("Network.enable");
  cdp.on("Network.responseReceived", ({ requestId, response }) => add(requestId, response.encodedDataLength));
  cdp.on("Network.dataReceived", ({ requestId, encodedDataLength }) => add(requestId, encodedDataLength));
  const ended = new Set();
  cdp.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    ended.add(requestId);
    received.set(requestId, encodedDataLength);
  });
  return (has_ended = false) => [...received].reduce((sum, [id, bytes]) => sum + (!has_ended || ended.has(id) ? bytes : 0), 0);
}

/** What axe-core and the width of the window say of the page as it is. Only what it complains of comes out of the page. */
export async function look_at(page) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe_source);
  const told = await page.evaluate(async () => {
    const { violations } = await window.axe.run({ resultTypes: ["violations"] });
    const wide = document.documentElement.scrollWidth - window.innerWidth;
    return [...violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).slice(0, 3).join(", ")}`),
      ...(wide > 0 ? [`${wide} px wider than the window`] : [])];
  });
  return told.map((each) => `${page.look.name}: ${each}`);
}
