#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
# Plants an offence against each rule of lint.sh in a copy of the tree, and says which go unseen.
# shellcheck disable=SC2016 # what is planted must not be expanded here
set -u
cd "$(dirname "$0")/../.." || exit 1

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

# plant CHECK FILE TEXT: a tree of FILE alone, with TEXT at its end, must fail CHECK, which names FILE.
plant() {
    local check=$1 file=$2 text=$3
    rm -rf "${copy:?}"
    mkdir -p "$copy/$(dirname "$file")" "$copy/src/app" "$copy/hw" "$copy/conf"
    cp -r --parents tests/lint .clang-format hw/README.md hw/MODEMS.md src/app/config_keys.c conf/contraclaved.conf "$copy"
    cp "$file" "$copy/$file" 2>/dev/null
    printf '%s\n' "$text" >>"$copy/$file"
    if ! "$copy/tests/lint/lint.sh" "$check" 2>&1 | grep -qF "${file##*/}"; then
        echo "lint $check does not see in $file: $text"
    fi
}

# plant_object CHECK TEXT: the object of a source of TEXT must fail CHECK, also where a macro hides the name from the source.
plant_object() {
    local check=$1 text=$2
    rm -rf "${copy:?}"
    mkdir -p "$copy/src/domain" "$copy/build/obj/src/domain"
    cp -r --parents tests/lint "$copy"
    printf '%s\n' "$text" >"$copy/src/domain/planted.c"
    gcc -c -o "$copy/build/obj/src/domain/planted.o" "$copy/src/domain/planted.c"
    BUILD=build "$copy/tests/lint/lint.sh" "$check" 2>&1 | grep -qF planted.c || echo "lint $check does not see in an object: $text"
}

# Three files with a static function of the same one-word name: named together with their word.
plant_shared_name() {
    rm -rf "${copy:?}"
    mkdir -p "$copy/src/domain"
    cp -r --parents tests/lint "$copy"
    printf 'static int work(void)\n' | tee "$copy"/src/domain/{a,b,c}.c >/dev/null
    "$copy/tests/lint/lint.sh" names 2>&1 | grep -qF 'work() is a static function of' ||
        echo 'lint names does not see a name that three files share'
}

long=$(seq -f 'int line_%g;' 501)
plant layers src/base/buf.c '#include "store/store.h"'
plant layers src/http/gate.c '#include "modem/core.h"'
plant layers src/http/gate.c '#include "store/outbox_row.h"'
plant layers src/http/retry.c '#include "store/idempotency.h"'
plant layers src/modem/job/ussd.c '#include "modem/start/private.h"'
plant layers src/modem/modem.c '#include "modem/find/private.h"'
plant layers src/modem/recover/rungs.c '#include "modem/start/start.h"'
plant layers src/modem/core.c '#include "modem/find/open.h"'
plant layers src/modem/tell/flap.c '#include "modem/core.h"'
plant layers src/service/turn.c '#include <sqlite3.h>'
plant layers src/service/turn.c '#include <jansson.h>'
plant layers src/domain/nif.c '#include "base/log.h"'
plant layers src/gsm/dcs.c '#include "base/clock.h"'
plant lengths src/domain/nif.c "$long"
plant lengths src/domain/nif.h "$(seq -f 'int line_%g;' 150)"
plant functions src/domain/nif.c "int planted(void) { $(seq -f 'int v_%g;' 61) return 0; }"
plant structs src/domain/nif.h "struct planted { $(seq -f 'int f_%g;' 25) };"
plant structs src/domain/nif.h $'struct planted\n{\n    int (*f)(int a, int b), '"$(seq -f 'f_%g, ' 23)"$'\n last[2];\n};'
plant structs src/domain/nif.c "struct { struct planted { $(seq -f 'int f_%g; /* { */' 25) } in; } out;"
plant comments src/domain/nif.c '/* It counts. */'
plant comments src/domain/nif.c $'/*\n * What counts.\n */'
plant names src/domain/nif.c 'void is_planted(void)'
plant names src/domain/nif.c 'static enum cc_err planted_has_rows(void)'
plant names src/domain/nif.c $'static int work(void)\nstatic int touch(void)'
plant_shared_name
plant banned-calls src/domain/nif.c 'void planted(char *a) { strcpy(a, "b"); }'
plant_object banned-symbols 'void usleep(unsigned); void planted(void) { usleep(1); }'
plant_object clock 'long time(long *); long planted(void) { return time(0); }'
plant pure-rooms src/gsm/dcs.c 'void *planted(void) { return malloc(1); }'
plant clock src/service/turn.c 'int64_t planted(void) { return clock_wall_ms(); }'
plant makers src/modem/start/rows.c 'int planted(const char *m) { return strcmp(m, "huawei") == 0; }'
plant layers src/api/cola.c '#include "store/outbox.h"'
plant layers src/http/gate.c '#include "api/routes.h"'
plant api src/api/cola.c 'bool planted(struct service *s) { return s->store->db != NULL; }'
plant sql src/store/outbox.c 'const char *planted = "SELECT rowid FROM outbox";'
plant sql src/store/outbox.c 'const char *planted = "INSERT OR REPLACE INTO outbox";'
plant sql src/store/schema.c 'const char *planted = "CREATE TABLE t (id INTEGER PRIMARY KEY)";'
plant sql src/store/schema.c 'const char *planted = "CREATE TABLE t (raw BLOB)";'
plant sql src/store/clock.c 'const char *planted = "SELECT id::text FROM outbox";'
plant sql src/store/clock.c 'const char *planted = "SELECT id FROM outbox LIMIT 5, 10";'
plant engine src/store/store.c '#include "store/sqlite/engine.h"'
plant engine src/store/store.c '#include "store/pg/private.h"'
plant web web/js/base.js 'node.innerHTML = name;'
plant web web/js/base.js 'node.insertAdjacentHTML("beforeend", name);'
plant web web/js/base.js 'document.write(name);'
plant web web/js/base.js 'node.style.color = "red";'
plant web web/pages/estado.html '<p style="color: red">'
plant web web/pages/estado.html '<button onclick="go()">'
plant web web/pages/estado.html '<script>go()</script>'
plant web web/pages/estado.html '<img src="https://example.org/x.png">'
plant web web/pages/estado.html '<p class="planted">'
plant web web/words/eu.txt 'js.planted = landatua'
plant format src/domain/nif.c 'int   planted ;'
plant license src/domain/planted.c 'int planted;'
plant shellcheck tests/lib/demo.sh 'cd $planted'
plant words src/domain/nif.c '/* TODO */'
plant words src/service/purge.c 'void planted(int e) { log_error("a %s: %s. Se" "b", "", err_text(e)); }'
plant paths src/domain/nif.c '/* /home/somebody */'
plant tapes tests/tape/planted/x.tape 'modelo: x'
plant documents hw/planted.md 'A page that nothing names.'
plant papers src/domain/nif.c '/* STYLE 1.1 */'
plant papers src/domain/README.md 'As issue 8 says.'
plant papers src/modem/core.h '/* MODEMS 99 */'
plant unit conf/contraclaved.service $'[Service]\nPrivateMounts=no'
