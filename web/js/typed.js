// SPDX-License-Identifier: EUPL-1.2
// What a clerk types, as it will be kept: it is written back into its field, so that it can be compared. The box decides: what is
// not read here stays as it is.

/** A mobile as it is read aloud, "600 000 001" or "+33 612345678"; null where it is no number. */
export function read_mobile(typed) {
  const number = typed.replace(/[\s.()\u2010-\u2015-]/g, "").replace(/^00/, "+");
  const spanish = /^(?:\+34)?([67]\d\d)(\d{3})(\d{3})$/.exec(number);
  if (spanish) return { text: spanish.slice(1).join(" "), is_abroad: false };
  return /^\+(?!34)[1-9]\d{6,14}$/.test(number) ? { text: number, is_abroad: true } : null;
}

/** The support number of a NIE with its zeros, "E00123456"; null where it is none. */
export function read_support(typed) {
  const read = /^([A-Z])(\d{1,8})$/.exec(typed.toUpperCase().replace(/[\s-]/g, ""));
  return read && read[1] + read[2].padStart(8, "0");
}

/** Whether the date, written as on a document, is before today: then it is of issue, or the document has expired. */
export function is_past(typed, now = new Date()) {
  const read = /^(\d{1,4})[-/. ](\d{1,2})[-/. ](\d{1,4})$/.exec(typed.trim());
  if (!read) return false;
  const [year, month, day] = read[1].length === 4 ? read.slice(1) : read.slice(1).reverse();
  return new Date(Number(year), Number(month) - 1, Number(day) + 1) <= now;
}
