#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
# The house rules, behind `make lint`. Each check prints what is wrong and nothing else. Words on the
# command line name the checks to run; without any, all run.
# shellcheck disable=SC2317 # the checks are called by name
set -u
cd "$(dirname "$0")/../.." || exit 1
export LC_ALL=C.UTF-8
build=${BUILD:-build}

max_file_lines=500
max_header_lines=150
max_function_lines=60
max_complexity=12
max_fields=24
# Shares at which the names of one word (in 1000 functions) and the comments that begin with a pronoun (in 100) fail.
max_short_names=7
max_pronouns=2
banned='strcpy strcat sprintf vsprintf strtok atoi atol gets localtime gmtime system popen strncpy
        mktime sleep usleep nanosleep clock_nanosleep alloca'
clocks='clock_gettime time gettimeofday timespec_get adjtimex ntp_adjtime ntp_gettime clock_adjtime'

# A checkout knows its files; an unpacked tarball has no others.
tracked=$(git -c safe.directory='*' ls-files 2>/dev/null)
if [ -z "$tracked" ]; then tracked=$(find . -path "./$build" -prune -o -type f -printf '%P\n'); fi

# files PATTERN: the tracked files whose path matches (extended regular expression) and that exist.
files() {
    local path
    grep -E "$1" <<<"$tracked" | while read -r path; do
        if [ -f "$path" ]; then echo "$path"; fi
    done
}

# one_of WORDS: the words as a regular expression.
one_of() {
    # shellcheck disable=SC2086 # the words are meant to split
    printf '%s\n' $1 | paste -sd '|'
}

c_files() { files '^(src|drivers|tests)/.*\.[ch]$'; }
product_files() { files '^(src|drivers)/.*\.[ch]$'; }
scripts() { files '(\.sh|^\.ci/run)$'; }

check_layers() {
    product_files | xargs awk -f tests/lint/layers.awk tests/lint/layers.txt tests/lint/headers.txt
}

check_file_lengths() {
    files '\.([ch]|sh|py|m?js|awk|css)$' | xargs wc -l |
        awk -v file_max="$max_file_lines" -v header_max="$max_header_lines" '
            { max = $2 ~ /^(src|drivers).*\.h$/ ? header_max : file_max }
            $2 != "total" && $1 > max { print $2 ": " $1 " lines, over " max }'
}

check_functions() {
    product_files | grep '\.c$' | xargs pmccabe | awk -v lines="$max_function_lines" \
        -v complexity="$max_complexity" -F '\t' '
        $5 > lines { print $6 ": " $5 " lines, over " lines }
        $1 > complexity { print $6 ": cyclomatic complexity " $1 ", over " complexity }'
}

check_structs() {
    product_files | xargs awk -v max="$max_fields" -f tests/lint/structs.awk
}

check_comments() {
    c_files | xargs awk -v percent="$max_pronouns" -f tests/lint/comments.awk
}

check_names() {
    product_files | xargs awk -v permille="$max_short_names" -f tests/lint/names.awk
}

# Calls as the source writes them (the compiler turns some into others), comments taken out.
check_banned_in_source() {
    local path
    product_files | while read -r path; do
        gcc -fpreprocessed -dD -E -P "$path" 2>/dev/null |
            grep -E "(^|[^A-Za-z0-9_.>])($(one_of "$banned"))[[:space:]]*\(" | sed "s|^|$path: |"
    done
}

# code PATTERN: "path: line" of what is code, comments taken out, in the product files that match.
code() {
    local path
    product_files | grep -E "$1" | while read -r path; do
        gcc -fpreprocessed -dD -E -P "$path" 2>/dev/null | sed "s|^|$path: |"
    done
}

# gsm and domain are rules: what they are given decides, so they neither allocate nor look around.
check_pure_rooms() {
    code '^src/(gsm|domain)/' | grep -E '(^|[^A-Za-z0-9_.>])(malloc|calloc|realloc|reallocarray|strdup|getenv)[[:space:]]*\('
}

# What only one maker does is a row in drivers/.
check_makers() {
    code '^src/(at|link|modem|gsm|service|store|domain)/' |
        grep -iE 'quectel|simcom|huawei|[^a-z]zte|telit|u-?blox|sierra|cinterion|wavecom'
}

# The resources call services: what is behind these is not theirs to touch.
check_api() {
    code '^src/api/' | grep -E -- '->(store|db|turn)([^A-Za-z0-9_]|$)'
}

# Words that one engine alone knows (DESIGN 7): types, functions and forms of SQLite and PostgreSQL.
check_sql() {
    local types='integer|blob|bytea|bigint|serial|strict|without rowid|autoincrement'
    local words='_?rowid_?|oid|glob|ifnull|strftime|julianday|datetime|unixepoch|insert or|replace into|pragma|for update'
    words+='|group_concat|string_agg|typeof|randomblob|last_insert_rowid|json_[a-z_]*|regexp|ilike'
    code '^src/store/' | grep -vE '^src/store/[a-z]+/[a-z]*\.[ch]: ' |
        grep -iE "\"[^\"]*(([^a-z_]|^)($types|$words)([^a-z_}]|\$)|::|\\?[0-9]|[^a-z]x'[0-9a-f]|limit [\$0-9]+ ?,)"
}

# The rest of the store reaches an engine, each in a folder of its own, by its struct (store/engine.h).
check_engine() {
    product_files | grep -vE '^src/store/([a-z]+/|engines\.c$)' | xargs grep -nE '#include "store/[a-z]+/'
}

# undefined_symbols: "path/of/source.c symbol" of each product object; fortified forms by plain name.
undefined_symbols() {
    local path
    product_files | grep '\.c$' | while read -r path; do
        # Of a source for another processor there is no object here; `make all` has made the others.
        [ -e "$build/obj/${path%.c}.o" ] || [ "$path" != src/cert/time32.c ] || continue
        nm -u "$build/obj/${path%.c}.o" | sed -nE "s/_chk\$//; s|^ *U (__)?(.*)|$path \2|p"
    done
}

check_banned_in_objects() {
    undefined_symbols | grep -E " ($(one_of "$banned"))$"
}

check_clock() {
    undefined_symbols | grep -E " ($(one_of "$clocks"))$" | grep -v '^src/base/clock\.c ' |
        sed 's/$/: only base\/clock reads a clock/'
    code '^(src/(at|modem|pool|service|http|api|sim)|drivers)/' |
        grep -E '[^a-z_]clock_(mono_us|wall_ms|boot_ms)\(' |
        sed 's/$/: the time comes from the loop (base\/loop.h)/'
}

check_format() {
    c_files | xargs -P 2 -n 16 clang-format --dry-run -Werror 2>&1 |
        sed -n 's/:.* error: .*/: not in the house format: make format/p' | sort -u
}

check_license() {
    local path
    c_files | while read -r path; do
        if [ "$(head -n 1 "$path")" != '/* SPDX-License-Identifier: EUPL-1.2 */' ]; then
            echo "$path: the first line is not the SPDX line"
        fi
    done
    files '(\.(sh|py|awk)|^\.ci/run|^Makefile|^web/words/.*\.txt)$' | while read -r path; do
        if ! head -n 2 "$path" | grep -q '^# SPDX-License-Identifier: EUPL-1.2$'; then
            echo "$path: no SPDX line at the top"
        fi
    done
    files '\.(js|mjs|css|html)$' | while read -r path; do
        head -n 4 "$path" | grep -q 'SPDX-License-Identifier: EUPL-1.2' || echo "$path: no SPDX line at the top"
    done
}

check_scripts() { scripts | xargs shellcheck; }

check_words() {
    files . | grep -v '^tests/lint/' | xargs -d '\n' grep -nwIE 'TODO|FIXME|XXX|HACK'
    check_sentences
}

# err_text() ends with a full stop: no other sign follows the value at the end of its format.
check_sentences() {
    files '^(src|drivers)/.*\.c$' | while read -r path; do
        awk '{ sub(/^ +/, ""); all = all $0 } /[;{}]$/ { gsub(/"[ \t]*"/, "", all); print all; all = "" }' "$path" |
            grep -E '"[^"]*%s *[.,;)][^%"]*".*[^_]err_text\(' | sed "s|^|$path: a sign after a whole sentence: |"
    done
}

check_paths() {
    files . | grep -v '^tests/lint/' | xargs -d '\n' grep -nIE '/home/|/root/|/tmp/h-'
}

# The pages show what strangers write: text goes in as text, and the policy has no exceptions.
check_web() {
    files '^web/.*\.(js|html)$' | xargs -r grep -HnE 'innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|setHTML|createContextualFragment|[^a-zA-Z]eval\(|new Function|srcdoc|javascript:|\.style\b|cssText' |
        sed 's/$/  (the pages put text in as text)/'
    files '^web/.*\.html$' | xargs -r grep -HnE '<style|[[:space:]](style|on[a-z]+)=|<script[^>]*>[^<]|https?://' |
        sed 's/$/  (no inline script or style, nothing from elsewhere)/'
    check_words_of_web
    files '^web/.*\.(js|html|py)$' | xargs -r grep -HnoE 'class(=|: )"[^"{}]+"' |
        awk -F '"' '{ count = split($2, names, " "); for (i = 1; i <= count; i++) print names[i], $0 }' | while read -r name use; do
        grep -qE "\.$name\b" web/contraclaved.css web/demo/demo.css || echo "$use  (no rule for .$name)"
    done
}

# values_of FILE: "NAME {value}" for each value in the texts of a catalogue, and each NAME alone.
values_of() {
    awk '/ = / { print $1; rest = $0
        while (match(rest, /\{[a-z]+\}/)) { print $1, substr(rest, RSTART, RLENGTH); rest = substr(rest, RSTART + RLENGTH) } }' "$1" | sort
}

# Each language has the same texts with the same values; each text is used, and each that is used is there.
check_words_of_web() {
    local path name group sources
    files '^web/words/.*\.txt$' | while read -r path; do
        diff <(values_of web/words/es.txt) <(values_of "$path") | sed -n "s|^[<>] |$path, against es: |p"
    done
    sources=$(files '^web/.*\.(js|html)$' | xargs -r cat)
    values_of web/words/es.txt | grep -v '{' | sed 's/^js\.//' | while read -r name; do
        group=${name%.*}
        grep -qF -e "\"$name\"" -e "\"${name%_t*}\"" -e "\`$group.\${" -e "\"$group\"" -e "{{$name}}" -e "{{$group.*}}" \
            <<<"$sources" || echo "web/words: nothing uses $name"
    done
    grep -oE 'say\("[a-z_.0-9]+"' <<<"$sources" | cut -d '"' -f 2 | sort -u | while read -r name; do
        grep -qF "js.$name = " web/words/es.txt || echo "web/words: no text for js.$name"
    done
}

# A tape says of what modem it is and where it is from, and has its expectation beside it.
check_tapes() {
    local path key
    files '^tests/tape/.*\.tape$' | while read -r path; do
        for key in modelo firmware fuente fecha origen; do
            grep -qE "^$key: [^ ]" "$path" || echo "$path: its header says no '$key'"
        done
        grep -qE '^origen: (documentado: no es una captura|captura )' "$path" ||
            echo "$path: origen is 'documentado: no es una captura' or 'captura …'"
        [ -f "${path%.tape}.expect" ] || echo "$path: no .expect beside it"
    done
}

# quoted FILE PATTERN: the names in quotes at the ends of what matches, line ends taken for blanks.
quoted() { tr '\n' ' ' <"$1" | grep -oE "$2\"[a-z0-9_-]+\"" | grep -oE '"[^"]+"$' | tr -d '"'; }

# What people read names all there is: each key of the configuration, each page, each driver.
check_documents() {
    local name path
    quoted src/app/config_keys.c '((TEXT|KEY|FLAG|PERIOD)\("[a-z]+", |(LIMIT|MODEM|DAYS|HTTP|ALERT|MINUTES)\( *)' | while read -r name; do
        grep -qE "^ *#?$name = " conf/contraclaved.conf || echo "conf/contraclaved.conf: no word of $name"
    done
    files '^hw/.*\.md$' | grep -v '^hw/README\.md$' | while read -r path; do
        grep -qF "(${path#hw/})" hw/README.md || echo "hw/README.md: no link to ${path#hw/}"
    done
    files '^drivers/.*\.c$' | while read -r path; do
        quoted "$path" '\.name = ' | while read -r name; do
            grep -qF "\`$name\`" hw/*.md || echo "$path: no page of hw/ names \`$name\`"
            grep -qF "\`$name\`" README.md || echo "README.md: no word of the driver \`$name\`"
        done
    done
}

# sections PAPER FILE HEADING: what cites PAPER with a number after it must find HEADING with that number in FILE.
sections() {
    files '\.([ch]|py|mjs|js|inc)$' | xargs -d '\n' grep -HowE "$1( decision)? [0-9]+(\.[0-9]+)*" | sort -u | while read -r cited; do
        grep -qE "^$3${cited##* }\. " "$2" || echo "${cited%%:*}: $2 has no ${cited##* }"
    done
}

# A paper that is cited is in the repository, with the section that is named.
check_papers() {
    files . | grep -vE '^tests/lint/|package-lock\.json$' | xargs -d '\n' grep -nowIE '(STYLE|PAGES|HOUSE) [0-9.]+|[Ii]ssue [0-9]+'
    sections DESIGN src/README.md ''
    sections DOMAIN src/domain/README.md '## '
    sections MODEMS hw/MODEMS.md '## '
}

# The exposure that systemd computes for the unit, in tenths.
check_unit() {
    local said
    said=$(systemd-analyze security --offline=true --threshold=13 conf/contraclaved.service 2>&1) ||
        echo "conf/contraclaved.service: $(tail -n 1 <<<"$said")"
}

# Each rule that can be planted against is: a check that finds nothing must not look like a clean house.
check_itself() { tests/lint/selftest.sh; }

# V=1 for silence: only what the compiler has to say is of interest.
check_clang() { make -s -k -j 2 V=1 CC=clang-14 BUILD="$build/clang" objects; }

failed=0
wanted=" $* "

run() {
    local said
    if [ "$wanted" != '  ' ] && [[ "$wanted" != *" $1 "* ]]; then return; fi
    said=$("$2" 2>&1)
    if [ -z "$said" ]; then return; fi
    printf 'lint: %s\n%s\n' "$1" "$said"
    failed=1
}

run layers check_layers
run lengths check_file_lengths
run functions check_functions
run structs check_structs
run comments check_comments
run names check_names
run banned-calls check_banned_in_source
run banned-symbols check_banned_in_objects
run clock check_clock
run pure-rooms check_pure_rooms
run makers check_makers
run api check_api
run sql check_sql
run engine check_engine
run format check_format
run license check_license
run shellcheck check_scripts
run words check_words
run paths check_paths
run web check_web
run tapes check_tapes
run documents check_documents
run papers check_papers
run unit check_unit
run selftest check_itself
run clang check_clang
if [ "$failed" = 0 ]; then echo 'lint: ok'; fi
exit "$failed"
