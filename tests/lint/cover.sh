#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
# Coverage by room, behind `make cover`: cover.sh BUILD-FOLDER, after its tests have run. Lines that
# the system tests reach in the daemon count as well as the unit tests'.
set -eu
cd "$(dirname "$0")/../.."
export LC_ALL=C.UTF-8
build=${1:?the build folder}
summary=$build/coverage.json

gcovr --root . --object-directory "$build" --filter '(src|drivers)/' \
    --json-summary "$summary" --html-details "$build/coverage.html" "$build" >/dev/null
python3 - "$summary" src/domain src/gsm src/at <<'PYTHON'
import collections
import json
import sys

WANTED = 95.0
strict = sys.argv[2:]
rooms = collections.defaultdict(lambda: [0, 0, 0, 0])
with open(sys.argv[1], encoding="utf-8") as file:
    for row in json.load(file)["files"]:
        totals = rooms["/".join(row["filename"].split("/")[:-1])]
        for i, key in enumerate(("line_covered", "line_total", "branch_covered", "branch_total")):
            totals[i] += row[key]


def percent(covered, total):
    return 100.0 * covered / total if total else 100.0


failed = [room for room in strict if room not in rooms]
print(f"  {'room':<14} {'lines':>14} {'branches':>18}")
for room, (lines, line_total, branches, branch_total) in sorted(rooms.items()):
    short = room in strict and percent(lines, line_total) < WANTED
    failed += [room] if short else []
    print(f"  {room:<14} {percent(lines, line_total):6.1f} % of {line_total:<5}"
          f"{percent(branches, branch_total):6.1f} % of {branch_total:<5}"
          f"{f'  under {WANTED:.0f} %' if short else ''}")
sys.exit(f"cover: too little in {', '.join(failed)}" if failed else 0)
PYTHON
