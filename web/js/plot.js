// SPDX-License-Identifier: EUPL-1.2
// The strip of 24 hours of a modem: signal and messages as SVG in the page's colours, with the
// sentence and the table that say the same.
import { make, make_svg, say, tell_number, tell_time } from "./base.js";

const DAY_S = 86400;
const WEAK_DBM = -105;
const POOR_DBM = -95;
const TOP_DBM = -60;
const LOW_DBM = -115;
const BARS = 48;

const WIDE = { width: 960, height: 270, left: 44, right: 954, top: 12, low: 178, base: 246, bars: 52, hours: 2 };
const NARROW = { width: 328, height: 232, left: 34, right: 322, top: 10, low: 150, base: 208, bars: 46, hours: 4 };

/** Turns the rows of numbers of /historia into objects. */
export const read_rows = (history) =>
  history.filas.map((row) => Object.fromEntries(history.campos.map((name, i) => [name, row[i]])));

const minus = (value) => String(value).replace("-", "−");

export const tell_dbm = (value) => (value == null ? "–" : `${minus(value)} dBm`);

export const word_of_signal = (dbm) =>
  dbm == null ? "none" : dbm >= POOR_DBM ? "good" : dbm >= WEAK_DBM ? "care" : "bad";

/** Draws into the figure of a modem's card what its last day was. */
export function draw_day(figure, history, now_ms) {
  const rows = read_rows(history);
  const from_s = now_ms / 1000 - DAY_S;
  figure.hidden = rows.length === 0;
  if (figure.hidden) return;
  const shape = matchMedia("(max-width: 40rem)").matches ? NARROW : WIDE;
  const svg = figure.querySelector("svg");
  svg.setAttribute("viewBox", `0 0 ${shape.width} ${shape.height}`);
  svg.replaceChildren(
    ...draw_frame(shape),
    make_svg("path", { class: "line", d: path_of(rows, shape, from_s, history.segundos_por_fila) }),
    ...draw_bars(rows, shape, from_s),
    ...draw_hours(shape, from_s),
  );
  figure.querySelector("[data-f=frase]").textContent = sentence_of(rows, history.segundos_por_fila);
  figure.querySelector("tbody").replaceChildren(...table_of(rows));
}

const x_of = (shape, from_s, at_s) =>
  shape.left + ((shape.right - shape.left) * Math.max(0, at_s - from_s)) / DAY_S;

function y_of(shape, dbm) {
  const inside = Math.min(TOP_DBM, Math.max(LOW_DBM, dbm));
  return shape.top + ((shape.low - shape.top) * (TOP_DBM - inside)) / (TOP_DBM - LOW_DBM);
}

function draw_frame(shape) {
  const band = (name, high, low) => make_svg("rect", { class: name, x: shape.left, y: y_of(shape, high),
    width: shape.right - shape.left, height: y_of(shape, low) - y_of(shape, high) });
  const lines = [-65, -80, POOR_DBM, WEAK_DBM].flatMap((dbm) => [
    make_svg("path", { class: "grid", d: `M${shape.left} ${y_of(shape, dbm)}H${shape.right}` }),
    make_svg("text", { x: shape.left - 6, y: y_of(shape, dbm) + 4, "text-anchor": "end" }, minus(dbm)),
  ]);
  const words = [[-66, "good"], [-100, "care"], [-110, "bad"]].map(([dbm, word]) =>
    make_svg("text", { x: shape.left + 6, y: y_of(shape, dbm) + 4 }, say(`signal.${word}`)));
  return [band("band-care", POOR_DBM, WEAK_DBM), band("band-bad", WEAK_DBM, LOW_DBM), ...lines, ...words];
}

/** The line of the signal; a gap in time or an unknown value is a gap in the line. */
function path_of(rows, shape, from_s, step_s) {
  let path = "";
  let last_s = 0;
  for (const row of rows) {
    if (row.senal_dbm == null || row.hora_s < from_s) continue;
    const joined = path !== "" && row.hora_s - last_s <= 2 * step_s;
    path += `${joined ? "L" : "M"}${x_of(shape, from_s, row.hora_s).toFixed(1)} ${y_of(shape, row.senal_dbm).toFixed(1)}`;
    last_s = row.hora_s;
  }
  return path;
}

function draw_bars(rows, shape, from_s) {
  const sums = new Array(BARS).fill(0);
  for (const row of rows) {
    const at = Math.floor(((row.hora_s - from_s) * BARS) / DAY_S);
    if (at >= 0 && at < BARS) sums[at] += row.enviados ?? 0;
  }
  const most = Math.max(1, ...sums);
  const width = (shape.right - shape.left) / BARS;
  const bars = sums.map((sum, i) => sum > 0 && make_svg("rect", { class: "bar", x: shape.left + i * width + 1,
    y: shape.base - (shape.bars * sum) / most, width: width - 2, height: (shape.bars * sum) / most }));
  return [...bars.filter(Boolean), make_svg("path", { class: "axis", d: `M${shape.left} ${shape.base}H${shape.right}` }),
    make_svg("text", { x: shape.left - 6, y: shape.base - 3, "text-anchor": "end" }, "SMS")];
}

function draw_hours(shape, from_s) {
  const marks = [];
  for (let at_s = Math.ceil(from_s / 3600) * 3600; at_s < from_s + DAY_S; at_s += 3600) {
    const hour = Number(tell_time(at_s * 1000).slice(0, 2));
    if (hour % shape.hours === 0)
      marks.push(make_svg("text", { x: x_of(shape, from_s, at_s), y: shape.base + 17, "text-anchor": "middle" },
        String(hour).padStart(2, "0")));
  }
  return marks;
}

function sentence_of(rows, step_s) {
  const told = rows.filter((row) => row.senal_dbm != null);
  const out_s = rows.reduce((sum, row) => sum + (row.muestras ? step_s * (1 - row.con_red / row.muestras) : 0), 0);
  const sent = rows.reduce((sum, row) => sum + (row.enviados ?? 0), 0);
  const parts = [];
  if (told.length > 0) {
    const values = told.map((row) => row.senal_dbm);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    parts.push(say("plot.signal", { word: say(`signal.${word_of_signal(mean)}`),
      high: minus(Math.max(...values)), low: minus(Math.min(...told.map((row) => row.senal_minima_dbm ?? row.senal_dbm))) }));
  } else parts.push(say("plot.no_signal"));
  if (out_s >= 60) parts.push(say("plot.out", { min: tell_number(Math.round(out_s / 60)) }));
  parts.push(say("plot.sent", { n: tell_number(sent) }));
  return parts.join(" ");
}

function table_of(rows) {
  const hours = new Map();
  for (const row of rows) {
    const key = Math.floor(row.hora_s / 3600);
    const hour = hours.get(key) ?? { values: [], sent: 0 };
    if (row.senal_dbm != null) hour.values.push(row.senal_dbm);
    hour.sent += row.enviados ?? 0;
    hours.set(key, hour);
  }
  return [...hours].map(([key, { values, sent }]) => make("tr", {},
    make("th", { scope: "row" }, tell_time(key * 3600000)),
    make("td", { class: "right" }, values.length ? minus(`${Math.min(...values)} / ${Math.max(...values)}`).replaceAll("-", "−") : "–"),
    make("td", { class: "right" }, tell_number(sent))));
}
