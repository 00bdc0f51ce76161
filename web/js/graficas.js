// SPDX-License-Identifier: EUPL-1.2
// The series of a modem and of the box, from an hour to a year, by dygraphs (Debian's, without its Legend plug-in,
// which writes styles that the page's policy forbids). Each chart has its sentence and its table.
import { $, call, copy_template, lang, make, make_icon, open_page, say, say_word, set_text, tell_day, tell_number, tell_time,
  tell_when } from "./base.js";
import "./dygraph.min.js"; // sets window.Dygraph
import { read_rows } from "./plot.js";

const HOUR_MS = 3600000;
const TABLE_ROWS = 200;
const CHARTS = [
  { key: "signal", fields: ["senal_dbm", "senal_minima_dbm"], unit: "dBm" },
  { key: "queue", of_box: true, fields: ["en_cola"], unit: "" },
  { key: "messages", fields: ["enviados", "rechazados", "inciertos"], unit: "" },
  { key: "latency", of_box: true, fields: ["entrega_p50_s", "entrega_p90_s"], unit: "s" },
  { key: "temperature", fields: ["temperatura_c"], unit: "°C" },
  { key: "supply", fields: ["alimentacion_mv"], unit: "mV" },
];
const TONES = ["accent", "care", "bad"];
let charts = [];

const color_of = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** A gap in time becomes a row without values, so that the line is broken there. */
function points_of(rows, fields, step_ms) {
  const points = [];
  for (const row of rows) {
    const at = row.hora_s * 1000;
    const last = points.at(-1)?.[0].getTime();
    if (last && at - last > 2 * step_ms) points.push([new Date(last + step_ms), ...fields.map(() => null)]);
    points.push([new Date(at), ...fields.map((field) => row[field] ?? null)]);
  }
  return points;
}

function sentence_of(points, chart) {
  const told = points.map((point) => point[1]).filter((value) => value !== null);
  const last = told.at(-1);
  const mean = told.reduce((a, b) => a + b, 0) / told.length;
  return say("chart.sentence", { low: tell_number(Math.min(...told)), high: tell_number(Math.max(...told)),
    mean: tell_number(mean, 1), last: tell_number(last), unit: chart.unit }).replace(/ +(?=[ ,])/g, ""); // what has no unit
}

function show_table(section, points, chart) {
  const names = chart.fields.map((field) => say(`field.${field}`));
  const step = Math.ceil(points.length / TABLE_ROWS);
  section.querySelector("thead").replaceChildren(make("tr", {}, make("th", { scope: "col" }, say("chart.time")),
    ...names.map((name) => make("th", { scope: "col", class: "right" }, name))));
  section.querySelector("tbody").replaceChildren(...points.filter((_, i) => i % step === 0).map(([at, ...values]) =>
    make("tr", {}, make("th", { scope: "row" }, `${tell_day(at)} ${tell_time(at)}`),
      ...values.map((value) => make("td", { class: "right" }, value === null ? "–" : tell_number(value))))));
}

function show_chart(chart, history, rungs) {
  const { fields } = chart;
  const rows = read_rows(history);
  const points = points_of(rows, fields, history.segundos_por_fila * 1000);
  if (!points.some((point) => point[1] !== null)) return;
  const section = copy_template("grafica");
  set_text(section.querySelector("h2"), say(`chart.${chart.key}`));
  set_text(section.querySelector("figcaption p"), sentence_of(points, chart));
  if (fields.length > 1)
    section.querySelector("figcaption").append(make("p", { class: "row fine" }, ...fields.map((field, i) =>
      make("span", {}, make("span", { class: `is-${TONES[i]}`, "aria-hidden": "true" }, "━ "), say(`field.${field}`)))));
  section.querySelector(".scroll").setAttribute("aria-label", say(`chart.${chart.key}`));
  show_table(section, points, chart);
  $("graficas").append(section);
  charts.push(new Dygraph(section.querySelector(".chart"), points, options_of(chart, rungs)));
}

function options_of(chart, rungs) {
  const axis = color_of("--edge");
  return {
    labels: [say("chart.time"), ...chart.fields.map((field) => say(`field.${field}`))],
    colors: TONES.map((tone) => color_of(`--${tone}`)), axisLineColor: axis, gridLineColor: color_of("--rule"), strokeWidth: 2,
    connectSeparatedPoints: false, axisLabelFontSize: 13, highlightCircleSize: 3, includeZero: chart.key === "messages" || chart.of_box,
    axes: { x: { axisLabelFormatter: (at, granularity) => (granularity >= Dygraph.DAILY ? tell_day(at).slice(0, 5) : tell_time(at)) } },
    underlayCallback(canvas, area, graph) {
      canvas.fillStyle = color_of("--bad");
      for (const at of rungs) if (at >= graph.xAxisRange()[0]) canvas.fillRect(graph.toDomXCoord(at), area.y, 2, area.h);
    },
  };
}

function show_recoveries(recoveries) {
  $("recuperaciones").hidden = recoveries.length === 0;
  $("recuperaciones").querySelector("ul").replaceChildren(...recoveries.map((rung) => {
    const tone = rung.funciono ? "good" : rung.funciono === false ? "bad" : "mute";
    return make("li", {}, make("time", { datetime: rung.hora }, tell_when(rung.hora)),
      make_icon(tone === "mute" ? "again" : tone, tone, say(`level.${tone}`)), make("p", {}, `${say_word("step", rung.peldano)} ${rung.motivo}`));
  }));
}

async function show_all() {
  const since = new Date(Date.now() - Number($("periodo").value) * HOUR_MS).toISOString().replace(/\.\d+/, "");
  const [history, of_box] = await Promise.all([`/v1/modems/${encodeURIComponent($("modem").value)}/historia`, "/v1/historia"].map(
    (path) => call("GET", `${path}?desde=${since}`)));
  for (const chart of charts) chart.destroy();
  charts = [];
  $("graficas").replaceChildren();
  const rungs = history.recuperaciones.map((rung) => Date.parse(rung.hora));
  for (const chart of CHARTS) show_chart(chart, chart.of_box ? of_box : history, rungs);
  $("vacio").hidden = charts.length > 0;
  show_recoveries(history.recuperaciones);
}

Dygraph.PLUGINS = Dygraph.PLUGINS.filter((plugin) => plugin !== Dygraph.Plugins.Legend);
await open_page();
const { modems } = await call("GET", `/v1/estado?idioma=${lang}`);
$("modem").replaceChildren(...modems.map((modem) => make("option", {}, modem.nombre)));
$("elige").onchange = show_all;
await show_all();
