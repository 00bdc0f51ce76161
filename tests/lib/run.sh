#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
# The runner behind `make check`: cmocka programs of $BUILD/tests, the fuzz targets on the inputs kept
# in tests/fuzz/corpus (each input is a case), the scripts of tests/foreign, the system tests and the
# pages in a browser (tests/web). One line per program, then the output of those that failed (at the end,
# where a log that CI shortens keeps it), then "N passed, N failed" over all test cases.
# ENGINE=pg: what meets the store, and only that, with the database on a PostgreSQL server, which this
# starts (pg.sh); a test that looks into a file of SQLite's says so and is skipped. ON_SERVER=WORDS: of
# the system tests those that run.py finds by these words, and of the unit tests those of the store.
# AT="2027-03-28 01:55": each program begins at that instant in Madrid (at.sh), as far as it asks a wall clock.
# $CC_WRAP (valgrind) goes in front of each unit test and fuzz program, and the system tests put it
# in front of the daemon.
set -u
cd "$(dirname "$0")/../.." || exit 1
export BUILD=${BUILD:-build} CC_WRAP=${CC_WRAP:-} LC_ALL=C.UTF-8

# Nothing of a run has to outlast it: its files are in memory where there is room, and no test waits for a disk.
if [ -z "${TMPDIR:-}" ] && [ "$(stat -f -c %T /dev/shm)" = tmpfs ] && [ -w /dev/shm ] &&
    [ "$(df -k --output=avail /dev/shm | tail -n 1)" -gt 4000000 ] &&
    [ "$(sed -nE 's/^MemAvailable: +([0-9]+) kB/\1/p' /proc/meminfo)" -gt 6000000 ]; then
    export TMPDIR=/dev/shm
fi
slow=1
if [ -n "$CC_WRAP" ]; then slow=10; elif [[ $BUILD == *asan* ]]; then slow=3; fi
passed=0
failed=0
scratch=$(mktemp -d)
output=$scratch/output
failures=$scratch/failures
server=
end() {
    if [ -n "$server" ]; then tests/lib/pg.sh stop "$server"; fi
    rm -rf "$scratch"
}
trap end EXIT
if [ "${ENGINE:-}" = pg ]; then
    server=${TMPDIR:-/tmp}/cc-pg-$$
    CC_SERVER=$(tests/lib/pg.sh start "$server")
    export CC_SERVER
fi

# run_timed LIMIT_S COMMAND...: leaves the output in $output, the time in $took_ms.
run_timed() {
    local limit=$1 start=${EPOCHREALTIME/[.,]/} status
    shift
    # The braces catch what the shell itself says of a program that crashed.
    { timeout -k 10 "$((limit * slow))" ${AT:+tests/lib/at.sh "$AT"} "$@" >"$output" 2>&1 </dev/null; } 2>>"$output"
    status=$?
    took_ms=$(((${EPOCHREALTIME/[.,]/} - start) / 1000))
    if [ "$status" = 124 ]; then echo "timed out after $((limit * slow)) s" >>"$output"; fi
    return "$status"
}

# report NAME STATUS PASSED FAILED: one that failed, or ended, without a word on its cases counts one.
report() {
    local name=$1 status=$2 good=$3 bad=$4 word=ok
    if [ "$bad" = 0 ] && { [ "$status" != 0 ] || [ "$good" = 0 ]; }; then bad=1; fi
    if [ "$bad" != 0 ]; then word=FAIL; fi
    passed=$((passed + good))
    failed=$((failed + bad))
    printf '  %-4s  %-36s %6d.%03d s\n' "$word" "$name" "$((took_ms / 1000))" "$((took_ms % 1000))"
    if [ "$word" = FAIL ]; then
        { echo "what $name says of the cases that failed:" && grep -v '^  ok ' "$output"; } >>"$failures"
    fi
}

# last_number PATTERN: the number that PATTERN (sed) finds last in the output, or 0.
last_number() {
    local number
    number=$(sed -nE "s/$1/\1/p" "$output" | tail -n 1)
    echo "${number:-0}"
}

# meets_engine TEST: whether the program has another database on a server than in a file. In test_house_* days
# pass, with a heartbeat to the server every three seconds of them: what they ask is in the others too. The
# others named here count or time what the program does with a file, or have a server of their own.
meets_engine() {
    if [ -z "$server" ]; then return 0; fi
    case $1 in
    test_store_pg | test_store_pg_pipeline | test_store_pg_back | test_house_* | test_store_speed | test_service_same_work | test_service_attack | test_application_kill) return 1 ;;
    esac
    if grep -q 'fixture_use_files();' "tests/unit/$1.c"; then return 1; fi
    case $1 in test_store_*) return 0 ;; esac
    [ -z "${ON_SERVER:-}" ] && grep -qE '_fixture\.h"|store/store\.h"' "tests/unit/$1.c"
}

run_units() {
    local program name status good
    for program in "$BUILD"/tests/test_*; do
        name=${program##*/}
        # A program whose source is gone is a left-over of an older build.
        if [ ! -f "tests/unit/$name.c" ] || ! meets_engine "$name"; then continue; fi
        # CC_WRAP is a command with its options: the words are meant to split.
        # shellcheck disable=SC2086
        run_timed 300 $CC_WRAP "$program"
        status=$?
        good=$(last_number '^\[ +PASSED +\] ([0-9]+) test.*')
        report "$name" "$status" "$good" "$(last_number '^\[ +FAILED +\] ([0-9]+) test.*')"
    done
}

run_fuzz() {
    local source name status
    for source in tests/fuzz/fuzz_*.c; do
        name=$(basename "$source" .c)
        # shellcheck disable=SC2086 # CC_WRAP, as above
        run_timed 60 $CC_WRAP "$BUILD/tests/$name" "tests/fuzz/corpus/${name#fuzz_}"
        status=$?
        report "$name" "$status" "$(last_number '^([0-9]+) inputs passed$')" 0
    done
}

# run_beside NAME LIMIT_S COMMAND...: runs it while others run; report_beside waits for it.
run_beside() {
    local name=$1
    shift
    (
        output=$scratch/$name
        run_timed "$@"
        echo "$? $took_ms" >"$scratch/$name-status"
    ) &
    beside[$name]=$!
}

# report_counted NAME STATUS: what ends with a line "N passed, N failed".
report_counted() {
    report "$1" "$2" "$(last_number '^([0-9]+) passed, [0-9]+ failed$')" \
        "$(last_number '^[0-9]+ passed, ([0-9]+) failed$')"
}

# Waits for all that runs beside, and reports it.
report_beside() {
    local name status
    for name in "${!beside[@]}"; do
        wait "${beside[$name]}"
        output=$scratch/$name
        read -r status took_ms <"$scratch/$name-status"
        case $name in
        *.sh) report "foreign/$name" "$status" "$((status == 0))" 0 ;;
        *) report_counted "$name" "$status" ;;
        esac
    done
    beside=()
    output=$scratch/output
}

# The system tests have the processors for themselves, but for what is short: they have deadlines, and the time that
# they drive must not outrun a server. Then a browser keeps one processor busy, the unit tests another. What
# measures a time of the machine comes last (run.py).
declare -A beside
# shellcheck disable=SC2086 # words
run_beside system 1200 python3 tests/system/run.py --together ${server:+${ON_SERVER:-}}
if [ -z "$server" ]; then # the pages are the same
    for script in tests/foreign/*.sh; do
        if [ -x "$script" ]; then run_beside "${script##*/}" 300 "$script"; fi
    done
    run_fuzz
    report_beside
    if [ -d tests/web/node_modules ]; then
        run_beside web 400 node tests/web/run.mjs
    else
        echo '  skip  web: make check installs Chromium and tests/web/node_modules'
    fi
fi
run_units
report_beside
if [ -z "$server" ]; then
    run_timed 300 python3 tests/system/run.py --alone
    report_counted 'system, alone' $?
fi
if [ -f "$failures" ]; then sed 's/^/      | /' "$failures"; fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
