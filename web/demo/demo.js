// SPDX-License-Identifier: EUPL-1.2
// Shows each SMS as it arrives. Without JavaScript the page shows them when it is loaded again.
const POLL_MS = 1000;
const CODE = /\b\d{4,8}\b/;
const list = document.getElementById("sms");

function make_message({ number, text }) {
  const row = document.createElement("p");
  const from = document.createElement("span");
  const found = CODE.exec(text);
  from.textContent = number;
  row.append(from);
  if (found) {
    const mark = document.createElement("mark");
    mark.textContent = found[0];
    row.append(text.slice(0, found.index), mark, text.slice(found.index + found[0].length));
  } else {
    row.append(text);
  }
  return row;
}

let shown = "";
setInterval(async () => {
  const answer = await fetch("/movil.json").catch(() => null);
  const told = answer?.ok ? await answer.text() : shown;
  if (told === shown) return;
  shown = told;
  list.replaceChildren(...JSON.parse(told).map(make_message));
}, POLL_MS);
