// SPDX-License-Identifier: EUPL-1.2
// What the service did each month: a plot of one figure, the table of all of them, and the table as CSV.
import { $, call, lang, make, make_svg, open_page, say, say_word, set_text, tell_number } from "./base.js";
import { csv_line, CSV_MARK, save_file } from "./files.js";
import { follow_sending, show_to_check } from "./people.js";

const FIELDS = ["altas_presencial", "altas_en_linea", "altas_certificado", "altas_telefono", "altas_identidad", "bajas", "peticiones",
  "sms_enviados", "sms_fallidos", "entradas", "entradas_rechazadas", "personas", "activas"];
const PLOTTED = 24; // months
const WIDE = { width: 960, height: 270, left: 64, right: 954, top: 14, base: 232, each: 2 };
const NARROW = { width: 328, height: 232, left: 48, right: 322, top: 14, base: 200, each: 6 };
const LINES = 4;

const tell_month = (month, style) => new Intl.DateTimeFormat(lang, { month: style, year: "numeric", timeZone: "UTC" }).format(new Date(`${month}-01`));
const tell_figure = (value) => (value === null ? "–" : tell_number(value));
const tell_field = (field) => say_word("figures.f", field);

// ---- the plot ---------------------------------------------------------------------------------

/** The least of 1, 2 and 5 by powers of ten that LINES of it reach the value. */
function step_of(most) {
  const power = 10 ** Math.floor(Math.log10(Math.max(most / LINES, 1)));
  return [1, 2, 5, 10].map((times) => times * power).find((step) => step * LINES >= most);
}

function draw(months, field) {
  const shape = matchMedia("(max-width: 40rem)").matches ? NARROW : WIDE;
  const step = step_of(Math.max(...months.map((month) => month[field] ?? 0)));
  const width = (shape.right - shape.left) / PLOTTED;
  const y_of = (value) => shape.base - ((shape.base - shape.top) * value) / (step * LINES);
  const lines = Array.from({ length: LINES + 1 }, (_, i) => i * step).flatMap((value) => [
    make_svg("path", { class: value ? "grid" : "axis", d: `M${shape.left} ${y_of(value)}H${shape.right}` }),
    make_svg("text", { x: shape.left - 6, y: y_of(value) + 4, "text-anchor": "end" }, tell_number(value))]);
  const bars = months.flatMap((month, i) => {
    const x = shape.right - (months.length - i) * width;
    const value = Math.max(0, month[field] ?? 0);
    const bar = make_svg("rect", { class: "bar", x: x + 1, y: y_of(value), width: width - 2, height: shape.base - y_of(value) });
    const is_named = (months.length - 1 - i) % shape.each === 0;
    const place = i === months.length - 1 ? { x: shape.right, "text-anchor": "end" } : { x: x + width / 2, "text-anchor": "middle" };
    return is_named ? [bar, make_svg("text", { ...place, y: shape.base + 18 }, `${month.mes.slice(5)}/${month.mes.slice(2, 4)}`)] : [bar];
  });
  $("g-dibujo").setAttribute("viewBox", `0 0 ${shape.width} ${shape.height}`);
  $("g-dibujo").replaceChildren(...lines, ...bars);
}

function show_plot(all) {
  const field = $("g-cual").value;
  const months = all.slice(-PLOTTED);
  const told = months.filter((month) => month[field] !== null);
  draw(months, field);
  const best = told.reduce((most, month) => (month[field] >= most[field] ? month : most), told[0]);
  set_text($("g-frase"), best ? say("figures.sentence", { field: tell_field(field), last: tell_figure(months.at(-1)[field]),
    most: tell_figure(best[field]), month: tell_month(best.mes, "long") }) : say("figures.none"));
}

// ---- the table --------------------------------------------------------------------------------

function show_table(months) {
  $("t-nombres").replaceChildren(make("tr", {}, make("th", { scope: "col" }, say("figures.month")),
    ...FIELDS.map((field) => make("th", { scope: "col", class: "right" }, tell_field(field)))));
  $("t-meses").replaceChildren(...[...months].reverse().map((month) => make("tr", {}, make("th", { scope: "row", class: "nowrap" }, tell_month(month.mes, "short")),
    ...FIELDS.map((field) => make("td", { class: "right", "data-label": tell_field(field) }, tell_figure(month[field]))))));
}

await import(`./desk.${lang}.js`);
await open_page();
follow_sending();
show_to_check();
const { meses, al_dia } = await call("GET", "/v1/cifras");
$("atraso").hidden = al_dia;
$("g-cual").replaceChildren(...FIELDS.map((field) => make("option", { value: field, selected: field === "entradas" }, tell_field(field))));
$("g-cual").onchange = () => show_plot(meses);
matchMedia("(max-width: 40rem)").addEventListener("change", () => show_plot(meses));
$("csv").onclick = () => save_file("cifras.csv", "text/csv",
  [CSV_MARK, csv_line(["mes", ...FIELDS]), ...meses.map((month) => csv_line(["mes", ...FIELDS].map((field) => month[field])))]);
show_table(meses);
show_plot(meses);
