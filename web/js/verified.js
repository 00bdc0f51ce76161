// SPDX-License-Identifier: EUPL-1.2
// How a clerk has verified who a person is, for the history: the document that was seen, or the control questions that were answered
// right on the telephone. An answer has no field: the clerk compares it, and it is kept nowhere.
import { make, Problem, say, say_word } from "./base.js";

export const DOCUMENTS = ["dni", "nie", "pasaporte", "permiso_conducir", "otro"];
const OWN_QUESTIONS = 4; // of the catalogue, where the town has none
const LEAST_RIGHT = 2;

const questions_of = (town) =>
  (town ? town.split(",").map((one) => one.trim()) : Array.from({ length: OWN_QUESTIONS }, (unused, n) => say(`desk.question.${n + 1}`)));

export const make_documents = (attributes) =>
  make("select", attributes, make("option", { value: "" }, say("pending.document")), ...DOCUMENTS.map((one) => make("option", { value: one }, say_word("pending.seen", one))));

const make_labelled = (input, text) => make("div", { class: "field" }, make("label", { for: input.id }, text), input);

const make_tick = (text, n) => make("div", { class: "choice" }, make("input", { id: `v-${n}`, type: "checkbox", value: text }), make("label", { for: `v-${n}` }, text));

/** The fields, and what reads them: the reason that is kept, and the way where it is one. town: its own questions, commas between. */
export function make_verification(town, ways = ["presencial", "telefono"]) {
  const way = make("select", { id: "v-via", name: "via" }, ...ways.map((one) => make("option", { value: one }, say_word("desk.verified_by", one))));
  const seen = make_documents({ id: "v-documento", name: "documento" });
  const questions = questions_of(town);
  const parts = { presencial: make_labelled(seen, say("desk.verified_document")), telefono: make("div", { class: "pile" }, make("p", {}, say("desk.script")), ...questions.map(make_tick)) };
  const show = () => Object.entries(parts).forEach(([name, part]) => (part.hidden = name !== way.value));
  way.onchange = show;
  show();
  function read() {
    if (way.value === "presencial") {
      if (!seen.value) throw new Problem(422, { title: say("desk.needs_document"), campo: "documento" });
      return { via: way.value, motivo: say("desk.verified_seen", { document: say_word("pending.seen", seen.value) }) };
    }
    if (way.value !== "telefono") return { motivo: say(`desk.verified_${way.value}`) };
    const right = [...parts.telefono.querySelectorAll("input:checked")].map((tick) => tick.value);
    const least = Math.min(LEAST_RIGHT, questions.length);
    if (right.length < least) throw new Problem(422, { title: say("desk.needs_questions", { n: least }) });
    return { via: way.value, motivo: say("desk.verified_asked", { list: right.join("; ") }) };
  }
  return { root: make("div", { class: "pile" }, make_labelled(way, say("desk.verified")), parts.presencial, parts.telefono), read };
}
