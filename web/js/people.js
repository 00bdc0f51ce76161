// SPDX-License-Identifier: EUPL-1.2
// What the pages of the desk share.
import { set_text } from "./base.js";

export const full_name = (person) => [person.nombre, person.apellido1, person.apellido2].filter(Boolean).join(" ");

export function show_note(note, text) {
  note.hidden = !text;
  set_text(note.firstElementChild, text);
}
