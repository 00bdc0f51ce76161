// SPDX-License-Identifier: EUPL-1.2
// The real daemon on the simulated modem, for the tests of the pages. Each program is a child, ended
// by its process id.
import { execFile, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as create_web } from "node:http";
import { createConnection, createServer } from "node:net";
import { cpus, loadavg, tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { promisify } from "node:util";

export const ROOT = resolve(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "../..");
export const BUILD = resolve(ROOT, process.env.BUILD ?? "build");
const WRAP = (process.env.CC_WRAP ?? "").split(" ").filter(Boolean);
export const SLOW = WRAP.length ? 10 : /asan/.test(basename(BUILD)) ? 3 : 1;

/** Seconds until a test gives up what was promised for no time: as patience() of tests/lib/box.py. */
export const patience = () => 30 * Math.min(8, Math.max(1, loadavg()[0] / cpus().length)) * SLOW;

/** Waits until check() is truthy and returns it: a deadline, never a fixed sleep. `seconds`: what somebody was promised. */
export async function eventually(check, seconds = 0, what = check.toString()) {
  const began = Date.now();
  for (;;) {
    const value = await check();
    if (value) return value;
    const waited = (Date.now() - began) / 1000;
    if (waited > (seconds * SLOW || patience())) throw new Error(`not within ${waited.toFixed()} s: ${what}`);
    await new Promise((done) => setTimeout(done, 25));
  }
}

let next_port = 10_000 + ((process.pid * 97) % 20_000);

/** Below the kernel's own ports: one of those could be given to a client's connection before the daemon listens. */
export function free_port() {
  return new Promise((done) => {
    const server = createServer();
    server.on("listening", () => server.close(() => done(next_port++)));
    server.on("error", () => server.listen(++next_port, "127.0.0.1"));
    server.listen(next_port, "127.0.0.1");
  });
}

export const PRELOADS = process.env.LD_PRELOAD ? [process.env.LD_PRELOAD] : [];

class Program {
  constructor(args, log, env = {}) {
    this.log = log;
    this.child = spawn(args[0], args.slice(1), { stdio: ["ignore", "pipe", openSync(log, "a")], env: { ...process.env, LD_PRELOAD: PRELOADS.join(":"), ...env } });
    this.ended = new Promise((done) => this.child.on("exit", (code, signal) => done(signal ?? code)));
  }

  first_line() {
    return new Promise((done) => this.child.stdout.once("data", (data) => done(String(data).split("\n")[0])));
  }

  async stop(signal = "SIGTERM") {
    this.child.kill(signal);
    return this.ended;
  }
}

/** A webhook: keeps the alerts that it gets, and answers with `status`. */
export function open_hook() {
  const hook = { alerts: [], status: 200 };
  hook.server = create_web((request, answer) => {
    let body = "";
    request.on("data", (data) => (body += data));
    request.on("end", () => {
      hook.alerts.push(JSON.parse(body));
      answer.writeHead(hook.status).end();
    });
  });
  return new Promise((done) => hook.server.listen(0, "127.0.0.1", () => {
    hook.url = `http://127.0.0.1:${hook.server.address().port}/ficha`;
    done(hook);
  }));
}

export class Sim {
  constructor(folder, name = "modem") {
    this.folder = folder;
    this.name = name;
    this.control = join(folder, `${name}.sock`);
  }

  async start() {
    this.program = new Program([join(BUILD, "simmodem"), "--link", join(this.folder, this.name), "--control", this.control,
      "--report-latency", "0.2"], join(this.folder, `${this.name}.err`));
    const line = await this.program.first_line();
    if (!line.startsWith("listening ")) throw new Error(line + readFileSync(this.program.log));
    this.device = line.split(" ")[1];
  }

  ask(command) {
    return new Promise((done, fail) => {
      let answer = "";
      const socket = createConnection(this.control, () => socket.write(JSON.stringify(command) + "\n"));
      socket.on("error", fail);
      socket.on("data", (data) => {
        answer += data;
        if (!answer.endsWith("\n")) return;
        socket.destroy();
        done(JSON.parse(answer));
      });
    });
  }

  set = (settings) => this.ask({ cmd: "set", ...settings });
  fault = (fault) => this.ask({ cmd: "fault", fault });
  inbox = async () => (await this.ask({ cmd: "inbox" })).messages;
}

export class Box {
  constructor(folder, device) {
    this.folder = folder;
    this.conf = join(folder, "contraclaved.conf");
    this.device = device;
  }

  async start(extra = this.extra ?? "", modem = this.modem ?? "") {
    Object.assign(this, { extra, modem });
    this.port ??= await free_port();
    this.url = `http://127.0.0.1:${this.port}`;
    if (this.has_tls) this.tls_url ??= `https://127.0.0.1:${await free_port()}`;
    const listen = `{ "127.0.0.1:${this.port}"${this.has_tls ? `, "${this.tls_url}"` : ""} }`;
    writeFileSync(this.conf, `entidad = "Ayuntamiento de Villaejemplo"
nombre_sms = "Ayto. de Villaejemplo"
base_datos = "${join(this.folder, "contraclaved.db")}"
clave_maestra = "${join(this.folder, "clave-maestra")}"
${extra}
http { escucha = ${listen} control = "${join(this.folder, "control.sock")}" }
modem principal { dispositivo = "${this.device}" ritmo_por_minuto = 0 ${modem} }
${(this.others ?? []).map((sim) => `modem ${sim.name} { dispositivo = "${sim.device}" }`).join("\n")}
`);
    this.program = new Program([...WRAP, join(BUILD, "contraclaved"), "-c", this.conf], join(this.folder, "daemon.err"), this.env);
    await eventually(() => fetch(`${this.url}/readyz`).then((answer) => answer.ok, () => false), 0, "/readyz");
  }

  async ctl(...words) {
    return (await promisify(execFile)(join(BUILD, "contraclavectl"), ["-c", this.conf, ...words])).stdout;
  }

  log = () => readFileSync(join(this.folder, "daemon.err"), "utf8");
}

/** Puts so many days into the history of each modem, as the thinning leaves them: a day of minutes, then quarters. */
export function insert_samples(box, days) {
  const script = `
import math, sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], 10)
columns = "grade start_ms modem count registered rat signal_sum signal_count signal_min rsrp_sum rsrp_count rsrq_sum rsrq_count temperature_max supply_min storage_max storage_total sent refused unknown".split()
insert = (f"INSERT OR IGNORE INTO samples (box, {', '.join(columns)})"
          f" SELECT CAST(bytes AS TEXT), {', '.join('?' * len(columns))} FROM meta WHERE name = 'box'")
for grade, step, n, count in ((0, 60_000, 1, 1440), (1, 900_000, 15, int(sys.argv[2]) * 96)):
    last = int(time.time() * 1000) // step * step - step
    signal = lambda i: -78 + round(6 * math.sin(i * n / 140)) - i % 4
    db.executemany(insert, ((grade, last - i * step, m, n, n, 7, n * signal(i), n, signal(i) - 2, -1400, n, -150, n, 40 + i % 9, 3800, 3, 50,
        int(i * n % 35 < n), 0, 0) for m in sys.argv[3:] for i in range(count)))
db.commit()`;
  const names = ["principal", ...box.others.map((sim) => sim.name)];
  execFileSync("python3", ["-c", script, join(box.folder, "contraclaved.db"), String(days), ...names]);
}

/** Puts so many hours into the history of the box: up to five wait, messages take 50 s, longer than any that a case sends. */
export function insert_box_samples(box, hours) {
  const script = `
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], 10)
name = "(SELECT CAST(bytes AS TEXT) FROM meta WHERE name = 'box')"
for grade, step, count in ((0, 60_000, int(sys.argv[2]) * 60), (1, 900_000, int(sys.argv[2]) * 4)):
    last = int(time.time() * 1000) // step * step
    for i in range(2, count):
        row = (grade, last - i * step)
        db.execute(f"INSERT OR IGNORE INTO box_samples (grade, start_ms, box, count, queued_max) VALUES (?, ?, {name}, 1, ?)", (*row, i % 6))
        db.execute(f"INSERT OR IGNORE INTO deliveries (grade, start_ms, box, seconds, count) VALUES (?, ?, {name}, 50, 2)", row)
db.commit()`;
  execFileSync("python3", ["-c", script, join(box.folder, "contraclaved.db"), String(hours)]);
}

/** A ready box on a folder of its own, and other modems of these names; leave() ends all of it. With TLS: on a second port. */
export async function open_box(extra, modem, env = {}, names = [], has_tls = false) {
  const folder = mkdtempSync(join(tmpdir(), "contraclaved-web-"));
  const sim = new Sim(folder);
  const others = names.map((name) => new Sim(folder, name));
  for (const each of [sim, ...others]) await each.start();
  const box = Object.assign(new Box(folder, sim.device), { env, others, has_tls });
  await box.start(extra, modem);
  const leave = async () => {
    await Promise.all([box, sim, ...others].map((each) => each.program.stop("SIGKILL")));
    rmSync(folder, { recursive: true, force: true });
  };
  return { box, sim, leave };
}
