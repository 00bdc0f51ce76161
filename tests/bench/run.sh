#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Every benchmark, one after the other; fails if one does not reach its figure.
set -u
cd "$(dirname "$0")/../.." || exit 1
status=0
for bench in "${BUILD:-build}"/tests/bench_*; do
    [ -x "$bench" ] || continue
    "$bench" || status=1
done
for bench in tests/bench/bench_*.py; do
    python3 "$bench" || status=1
done
if [ -d tests/web/node_modules ]; then node tests/web/budgets.mjs || status=1; fi
exit $status
