#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
# Static analysis, behind `make analyze`: analyze.sh COMPILER-FLAGS... -- SOURCES...
# gcc -fanalyzer, clang-tidy (.clang-tidy) and cppcheck; prints what they find and which was happy.
set -u
cd "$(dirname "$0")/../.." || exit 1
export LC_ALL=C.UTF-8

flags=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    flags+=("$1")
    shift
done
shift
sources=("$@")
if [ ${#sources[@]} = 0 ]; then
    echo 'analyze: no sources' >&2
    exit 1
fi

# What the other two understand: the language, the macros and the folders, no warnings of gcc's.
dialect=()
for flag in "${flags[@]}"; do
    case $flag in
    -D_FORTIFY_SOURCE*) ;;
    -std=* | -D* | -I* | -isystem*) dialect+=("$flag") ;;
    esac
done

analyze_gcc() {
    printf '%s\0' "${sources[@]}" |
        xargs -0 -P 2 -n 1 gcc "${flags[@]}" -fanalyzer -c -o /dev/null
}

analyze_tidy() {
    printf '%s\0' "${sources[@]}" |
        xargs -0 -P 2 -I '{}' clang-tidy --quiet '{}' -- "${dialect[@]}" 2>/dev/null
}

analyze_cppcheck() {
    # cppcheck 2.10 takes a pointer that a local struct holds for the struct itself; the compilers
    # and clang-tidy check that rule without its false alarms.
    local suppressions=(--suppress=missingIncludeSystem --suppress=returnDanglingLifetime
        --inline-suppr)
    cppcheck --quiet -j 2 --enable=warning,performance,portability --error-exitcode=1 \
        "${suppressions[@]}" "${dialect[@]/#-std=*/--std=c11}" "${sources[@]}"
}

failed=0
start=$SECONDS
# report ANALYZER STATUS
report() {
    local word=ok
    if [ "$2" != 0 ]; then
        word=FAIL
        failed=1
    fi
    echo "analyze: $1 $word ($((SECONDS - start)) s)"
    start=$SECONDS
}

analyze_gcc
report 'gcc -fanalyzer' $?
analyze_tidy
report clang-tidy $?
analyze_cppcheck
report cppcheck $?
exit "$failed"
