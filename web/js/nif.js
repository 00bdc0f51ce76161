// SPDX-License-Identifier: EUPL-1.2
// NIF, NIE and CIF as src/domain/nif.c reads them; both are held to tests/vectors/nif.txt. The box decides: this tells while typing.

const LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE";
const KINDS = [["0123456789", "dni", "letter"], ["XYZ", "nie", "letter"], ["KLM", "nif_klm", "letter"], ["ABEH", "persona_juridica", "digit"],
  ["PQRSW", "persona_juridica", "letter"], ["CDFGJNUV", "persona_juridica", "either"]];
const SEPARATORS = /[ \t\r\n./_\u00a0\u202f\u2010-\u2015-]/g;

const unfold = (char) => (char === "\u3000" ? " " : String.fromCharCode(char.charCodeAt(0) - 0xfee0));
const fold = (text) => text.replace(/[\uff01-\uff5e\u3000]/g, unfold).replace(/[a-z]/g, (char) => char.toUpperCase()).replace(SEPARATORS, "");

/** Undoes the three ways of writing a NIF with other than nine characters. */
function restore_length(text) {
  const short = text.length === 11 && text.startsWith("ES") ? text.slice(2) : text;
  const nie = /^X0\d{7}[A-Z]$/.test(short) ? `X${short.slice(2)}` : short;
  return /^\d{1,7}[A-Z]$/.test(nie) ? nie.padStart(9, "0") : nie;
}

/** The letter of a person: DNI by all its digits, NIE with X Y Z as 0 1 2, KLM by its seven. */
function person_control(text) {
  const first = "XYZ".indexOf(text[0]);
  const digits = first >= 0 ? first + text.slice(1, 8) : text.slice(0, 8).replace(/^[KLM]/, "");
  return LETTERS[Number(digits) % 23];
}

function legal_control(text) {
  let sum = 0;
  for (let i = 1; i <= 7; i++) {
    const value = i % 2 === 1 ? 2 * Number(text[i]) : Number(text[i]);
    sum += Math.floor(value / 10) + (value % 10);
  }
  return (10 - (sum % 10)) % 10;
}

function judge_control(text, kind, control) {
  const given = text[8];
  const is_digit = /\d/.test(given);
  const is_free = control === "either" || (control === "digit" && text.slice(1, 3) === "00");
  if (!is_free && is_digit !== (control === "digit")) return "nif_kind";
  const right = kind !== "persona_juridica" ? person_control(text) : is_digit ? String(legal_control(text)) : "JABCDEFGHI"[legal_control(text)];
  return given === right ? null : "nif_checksum";
}

/** { nif, kind } of a text as people write it, or { error } with the token of the API. */
export function read_nif(typed) {
  const folded = fold(typed);
  if (!/^[0-9A-Z]*$/.test(folded)) return { error: "nif_format" };
  const text = restore_length(folded);
  if (text.length !== 9) return { error: "nif_length" };
  const row = KINDS.find(([prefixes]) => prefixes.includes(text[0]));
  if (!row) return { error: "nif_prefix" };
  if (!/^.\d{7}/.test(text)) return { error: text[0] === "M" ? "nif_m_alnum" : "nif_format" };
  const error = judge_control(text, row[1], row[2]);
  return error ? { error } : { nif: text, kind: row[1] };
}
