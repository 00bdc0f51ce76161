#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Every benchmark, one after the other; fails if one does not reach its figure. What each says is a line
# "  ok   WHAT | VALUE UNIT | BOUND", FAIL in the place of ok, and the table of all of them is the end
# of the output, kept in $BUILD/bench.txt.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}
said=$build/bench.log
status=0
: >"$said"

# bench COMMAND…: one that fails for no figure, or says none, is in the table too.
bench() {
    local before is_good=true figures
    before=$(wc -l <"$said")
    "$@" | tee -a "$said" || is_good=false
    figures=$(tail -n "+$((before + 1))" "$said" | grep -E '^  (ok  |FAIL) ')
    if [ -z "$figures" ] || { ! $is_good && ! grep -q '^  FAIL' <<<"$figures"; }; then
        is_good=false
        echo "  FAIL ${*: -1} | did not end well |" | tee -a "$said"
    fi
    $is_good || status=1
}

# A quarter of an hour in which it waits: beside the others.
disk=tests/bench/bench_disk.py
python3 "$disk" >"$build/bench.disk" &
disk_pid=$!

for program in "$build"/tests/bench_*; do
    if [ -x "$program" ]; then bench "$program"; fi
done
for script in tests/bench/bench_*.py; do
    if [ "$script" != "$disk" ]; then bench python3 "$script"; fi
done
if [ -d tests/web/node_modules ]; then bench node tests/web/budgets.mjs; fi
wait "$disk_pid"
disk_status=$?
bench cat "$build/bench.disk"
[ "$disk_status" = 0 ] || status=1

{
    echo "$(date -u +%F) $(git -c safe.directory='*' rev-parse --short HEAD 2>/dev/null) $(nproc) cores, $(uname -m)"
    awk -F ' *[|] *' '/^  (ok  |FAIL) .*[|].*[|]/ {
        printf "%-4s %-78s %20s  %s\n", substr($1, 3, 4), substr($1, 8), $2, $3 }' "$said"
} | tee "$build/bench.txt"
exit $status
