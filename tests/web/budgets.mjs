// SPDX-License-Identifier: EUPL-1.2
// What the pages may cost (`make bench`): the first view over a slow network, the memory of a tab that
// stays open for eight hours, the daemon with many pages open, and what a log-in delays.
import { openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { Agent, get, request } from "node:http";
import { join } from "node:path";

import { NAME, PASSWORD, cases as access, enter } from "./access.mjs";
import { BUILD, eventually, insert_samples, open_box } from "./box.mjs";
import { LOOKS, count_bytes, open_browser } from "./browser.mjs";

const MODEMS = 4;
const KIB = 1024;
let failed = 0;

/** A figure beside its bound, as tests/bench/run.sh gathers them. */
function tell(what, value, unit, bound) {
  const is_kept = bound === undefined || value <= bound;
  if (!is_kept) failed++;
  console.log(`  ${is_kept ? "ok  " : "FAIL"} pages: ${what} | ${value.toFixed(value < 10 ? 2 : 1)} ${unit} | ${bound === undefined ? "" : `at most ${bound}`}`);
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const at_share = (values, share) => values.sort((a, b) => a - b)[Math.floor((values.length - 1) * share)];

const usage = (pid) => {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  const resident = Number(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8").match(/Pss_Anon:\s+(\d+)/)[1]);
  return { cpu_s: (Number(stat[11]) + Number(stat[12])) / 100, resident_kib: resident };
};

// ---- the first view -----------------------------------------------------------------------------

/**
 * Milliseconds from the click until the page shows the verdict and the cards, and all bytes of the first
 * view: with the strips of the cards that are seen and what the stream begins with.
 */
async function view(page, network, has_cache, is_settled = false) {
  const cdp = await page.context().newCDPSession(page);
  await page.goto("about:blank");
  await cdp.send("Network.enable");
  await cdp.send("Network.setCacheDisabled", { cacheDisabled: !has_cache });
  await cdp.send("Network.emulateNetworkConditions", { offline: false, ...network });
  const bytes = await count_bytes(cdp);
  const start = Date.now();
  await page.goto("/estado?idioma=es", { waitUntil: "commit" });
  await page.waitForFunction((count) => document.querySelector(".verdict-good") && document.querySelectorAll("#modems > *").length === count, MODEMS,
    { polling: 20 });
  const took_ms = Date.now() - start;
  if (is_settled)
    await page.waitForFunction(() => document.querySelectorAll("#sucesos li").length > 0
      && [...document.querySelectorAll("#modems > *")].filter((card) => card.getBoundingClientRect().top < innerHeight)
        .every((card) => card.querySelector("[data-plot] path.line")));
  const all = bytes();
  await cdp.detach();
  return { took_ms, bytes: all };
}

async function measure_first_view(house) {
  const page = await enter(house, LOOKS[0]);
  const shapes = [
    ["400 ms, 400 kbit/s (WebPageTest's Slow 3G)", { latency: 400, downloadThroughput: 50 * KIB, uploadThroughput: 50 * KIB }, 3000, 1000],
    ["2000 ms a request, 400 kbit/s (DevTools' Slow 3G)", { latency: 2000, downloadThroughput: 50 * KIB, uploadThroughput: 50 * KIB }],
  ];
  const { bytes } = await view(page, { latency: 0, downloadThroughput: -1, uploadThroughput: -1 }, false, true);
  tell(`first view with strips and stream, a year of samples and ${MODEMS} modems`, bytes / KIB, "KiB", 40);
  for (const [name, network, cold_ms, warm_ms] of shapes) {
    tell(`usable, cold: ${name}`, (await view(page, network, false)).took_ms, "ms", cold_ms);
    await view(page, network, true);
    tell(`usable, with cache: ${name}`, (await view(page, network, true)).took_ms, "ms", warm_ms);
  }
  await page.context().close();
}

// ---- eight hours -----------------------------------------------------------------------------

/** Drives the daemon's clocks; see preload_clock.c. */
class Clock {
  constructor(path) {
    this.file = openSync(path, "w");
    this.passed_ms = 0;
    this.pass(0);
  }

  pass(ms) {
    this.passed_ms += ms;
    const clocks = Buffer.alloc(32);
    clocks.writeBigInt64LE(BigInt(this.passed_ms), 0);
    clocks.writeBigInt64LE(BigInt(this.passed_ms), 16);
    writeSync(this.file, clocks, 0, 32, 0);
  }
}

async function measure_eight_hours(house, clock) {
  const page = await enter(house, LOOKS[0]);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Performance.enable");
  const measure = async () => {
    await cdp.send("HeapProfiler.collectGarbage");
    const { metrics } = await cdp.send("Performance.getMetrics");
    const value = (name) => metrics.find((metric) => metric.name === name).value;
    return { heap: value("JSHeapUsedSize"), nodes: value("Nodes"), listeners: value("JSEventListeners") };
  };
  let events = 0;
  await cdp.send("Network.enable");
  cdp.on("Network.eventSourceMessageReceived", () => events++);
  await page.reload(); // a stream that was open before is not told
  await page.waitForSelector(".verdict-good");
  // The daemon counts ticks of a second: one at a time.
  const live_for = async (hours) => {
    for (let second = 0; second < hours * 3600; second++) {
      clock.pass(1000);
      if (second % 600 === 0) await house.sim.set({ csq: 10 + (second / 600) % 15 });
      await pause(5);
    }
  };
  await live_for(1);
  const before = await measure();
  events = 0;
  await live_for(8);
  const after = await measure();
  tell("beats and changes that did not reach a tab of eight hours, of 5760", Math.max(0, 5760 - events), "", 576);
  tell(`a tab of eight hours (${events} events): JavaScript heap grows by`, (after.heap - before.heap) / KIB, "KiB", 200);
  tell("… and by", after.nodes - before.nodes, "nodes", 50);
  tell("… and by", after.listeners - before.listeners, "listeners", 5);
  await page.context().close();
}

// ---- many pages, log-ins -------------------------------------------------------------------------

function ask(box, method, path, body, headers = {}, agent = undefined) {
  return new Promise((done, fail) => {
    const data = body === undefined ? null : JSON.stringify(body);
    const sent = { ...headers, ...(data === null ? {} : { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(data) }) };
    const call = request(`${box.url}${path}`, { method, headers: sent, agent }, (answer) => {
      let text = "";
      answer.on("data", (part) => (text += part));
      answer.on("end", () => done({ status: answer.statusCode, headers: answer.headers, text }));
    });
    call.on("error", fail);
    call.end(data);
  });
}

async function log_in(box) {
  const headers = { Origin: box.url, "X-Contraclaved": "1" };
  return ask(box, "POST", "/v1/sesion", { nombre: NAME, contrasena: PASSWORD }, headers);
}

/** Streams as pages hold them; each counts what it hears. */
async function open_streams(box, count) {
  const { headers } = await log_in(box);
  const cookie = headers["set-cookie"][0].split(";")[0];
  const streams = [];
  for (let i = 0; i < count; i++) {
    const stream = { heard: 0, status: 0 };
    stream.call = get(`${box.url}/v1/estado/eventos?idioma=es`, { headers: { Cookie: cookie }, agent: false }, (answer) => {
      stream.status = answer.statusCode;
      answer.on("data", () => stream.heard++);
      answer.on("error", () => {});
    });
    stream.call.on("error", () => {});
    streams.push(stream);
  }
  await eventually(() => streams.every((stream) => stream.status !== 0), 20, "each stream is answered");
  return streams;
}

async function measure_many_pages(house, count, seconds) {
  const { box, sim } = house;
  const pid = box.program.child.pid;
  await pause(1000);
  const alone = usage(pid);
  await pause(seconds * 1000);
  const before = usage(pid);
  const streams = await open_streams(box, count);
  await eventually(() => streams.filter((s) => s.status === 200).every((s) => s.heard > 0), 20, "each stream has its snapshot");
  const opened = usage(pid);
  for (let i = 0; i < seconds; i++) {
    await sim.set({ csq: 10 + (i % 15) });
    await pause(1000);
  }
  const after = usage(pid);
  const served = streams.filter((s) => s.status === 200).length;
  const share = (100 * (after.cpu_s - opened.cpu_s - (before.cpu_s - alone.cpu_s))) / seconds;
  tell(`${served} of ${count} pages open: share of a core`, share, "%", count === 50 ? 3 : undefined);
  tell(`${served} of ${count} pages open: memory`, (after.resident_kib - before.resident_kib) / KIB, "MiB", count === 50 ? 4 : undefined);
  streams.forEach((stream) => stream.call.destroy());
}

async function measure_log_in(house) {
  const { box } = house;
  const token = JSON.parse(await box.ctl("--json", "cliente", "crear", "--nombre", "banco", "--ambitos", "verificar")).token;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const verify = () => ask(box, "POST", "/v1/verificaciones", { nif: "12345678Z", clave: "4821", contraclave: "0000" }, { Authorization: `Bearer ${token}` }, agent);
  const measure = async (ms) => {
    const times = [];
    for (const end = Date.now() + ms; Date.now() < end; await pause(2)) {
      const start = performance.now();
      await verify();
      times.push(performance.now() - start);
    }
    return times;
  };
  await measure(500);
  const quiet = await measure(6000);
  let is_over = false;
  const logging_in = (async () => {
    let count = 0;
    for (; !is_over; count++) await log_in(box);
    return count;
  })();
  const busy = await measure(6000);
  is_over = true;
  tell(`verification, median: ${at_share(quiet, 0.5).toFixed(2)} ms alone; beside ${await logging_in} log-ins later by`, at_share(busy, 0.5) - at_share(quiet, 0.5), "ms", 5);
  tell(`verification, 99 of 100: ${at_share(quiet, 0.99).toFixed(2)} ms alone; later by`, at_share(busy, 0.99) - at_share(quiet, 0.99), "ms", 5);
  agent.destroy();
}

// ---- all of it -----------------------------------------------------------------------------

async function open_house(browser, others = [], env = {}) {
  const limits = "limites { cliente_por_segundo = 0 ip_por_segundo = 0 }";
  const house = await open_box(limits, "", env, others);
  Object.assign(house, { browser, troubles: [] });
  await access["the set-up link makes the first account, once"](house);
  return house;
}

const browser = await open_browser();
const wanted = process.argv.slice(2);
const is_wanted = (name) => wanted.length === 0 || wanted.includes(name);
try {
  if (is_wanted("view")) {
    const house = await open_house(browser, ["reserva", "tercero", "cuarto"]);
    insert_samples(house.box, 365);
    await measure_first_view(house);
    await house.leave();
  }
  if (is_wanted("pages")) {
    const house = await open_house(browser);
    await measure_many_pages(house, 50, 20);
    await measure_many_pages(house, 100, 10);
    await measure_log_in(house);
    await house.leave();
  }
  if (is_wanted("hours")) {
    const path = join(BUILD, `budgets-clock-${process.pid}`);
    const clock = new Clock(path);
    const house = await open_house(browser, [], { CC_CLOCK_FILE: path, LD_PRELOAD: join(BUILD, "tests/preload_clock.so") });
    await measure_eight_hours(house, clock);
    await house.leave();
    rmSync(path);
  }
} finally {
  await browser.close();
}
process.exitCode = failed ? 1 : 0;
