// SPDX-License-Identifier: EUPL-1.2
// Files that a page makes for a person: tables as CSV (RFC 4180), and the saving of them.
import { make } from "./base.js";

/** What a spreadsheet would take for a formula gets an apostrophe before it; also behind a semicolon, which begins a cell in Spanish ones. */
function tell_value(value) {
  const text = String(value ?? "");
  const safe = typeof value !== "number" ? text.replace(/(^|;)(?=[=+\-@\t\r])/g, "$1'") : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export const csv_line = (values) => `${values.map(tell_value).join(",")}\r\n`;

/** Spreadsheets take a file for UTF-8 by the mark at its beginning. */
export const CSV_MARK = "\ufeff";

export function save_file(name, type, parts) {
  const url = URL.createObjectURL(new Blob(parts, { type }));
  make("a", { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}
