// SPDX-License-Identifier: EUPL-1.2
// The papers of an alta: the town's texts, or those of the program, filled in and set for A4. How they are written:
// conf/plantillas/instancia.es.txt.
import { call, make, Problem } from "./base.js";

const BLANK = "______________________";
const TABLE = /^\| (.*?) \| (.*)$/;

/** The town's own text; where it has none, that of the program, beside this module. */
async function read_template(name, language) {
  try {
    return (await call("GET", `/v1/registro/plantillas/${name}/${language}`)).texto;
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.status !== 404) throw problem;
    return (await fetch(new URL(`./${name}.${language}.txt`, import.meta.url))).text();
  }
}

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] || BLANK);

/** The lines of a template as elements: those of a kind that follow one another make one list, table or row of boxes. */
function make_lines(text, values) {
  const made = [];
  const join = (tag, attributes, child) => {
    const last = made.at(-1);
    if (last?.localName === tag && last.className === (attributes.class ?? "")) last.append(child);
    else made.push(make(tag, attributes, child));
  };
  for (const line of text.split(/\r?\n/).filter((each) => each.trim() && !each.startsWith("//"))) {
    const cells = TABLE.exec(line);
    const rest = fill(line.replace(/^(==?|[-_!]) /, ""), values);
    if (cells) join("dl", { class: "paper-data" }, make("div", {}, make("dt", {}, fill(cells[1], values)), make("dd", {}, fill(cells[2], values))));
    else if (line.startsWith("- ")) join("ul", {}, make("li", {}, rest));
    else if (line.startsWith("_ ")) join("div", { class: "paper-sign" }, make("p", {}, rest));
    else if (line.startsWith("! ")) made.push(make("p", { class: "paper-box" }, make("strong", {}, rest)));
    else if (line.startsWith("== ")) made.push(make("h3", {}, rest));
    else made.push(make(line.startsWith("= ") ? "h2" : "p", {}, rest));
  }
  return made;
}

async function make_sheet(name, languages, values) {
  const columns = await Promise.all(languages.map(async (language) =>
    make("div", { lang: language }, ...make_lines(await read_template(name, language), values))));
  return make("section", { class: `paper${columns.length > 1 ? " paper-two" : ""}` }, ...columns);
}

/** The instancia in castellano and the person's language, and the receipt in that language: two pages. Without values, blank. */
export async function print_papers(place, language, values = {}) {
  const languages = language === "es" ? ["es"] : ["es", language];
  place.replaceChildren(await make_sheet("instancia", languages, values), await make_sheet("justificante", [language], values));
  document.documentElement.classList.add("prints-paper");
  window.print();
}

addEventListener("afterprint", () => document.documentElement.classList.remove("prints-paper"));
