#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
# The demo behind `make run`: one contraclave, live, on the simulated modem; then the daemon serves
# until Ctrl-C, which ends both programs. Their files are under $BUILD/demo; a second run uses them again.
set -euo pipefail
umask 077
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
port=${PORT:-8024}
demo=$build/demo # the place that README.md names
if [ "$port" != 8024 ]; then demo=$build/demo-$port; fi
url=http://127.0.0.1:$port
nif=12345678Z
nombre='María del Carmen Núñez'
movil=600123123
clave=2468
pid=
modem_pid=

ctl() { "$build/contraclavectl" -c "$demo/contraclaved.conf" "$@"; }

# The limits on requests are off, so that the demo can be run again at once.
write_config() {
    mkdir -p "$demo"
    cat >"$demo/contraclaved.conf" <<EOF
entidad = "Ayuntamiento de Alpedrete"
nombre_sms = "Ayto. de Alpedrete"
base_datos = "$demo/contraclaved.db"
clave_maestra = "$demo/clave-maestra"
nivel_registro = "aviso"
http {
    escucha = "127.0.0.1:$port"
    control = "$demo/control.sock"
}
limites {
    vivas_por_nif = 0
    segundos_entre_peticiones = 0
    peticiones_nif_hora = 0
    peticiones_nif_dia = 0
    sms_movil_dia = 0
}
modem demo {
    dispositivo = "unix:$demo/modem.sock"
}
EOF
}

# The daemon first: it may still have a message to finish.
stop_both() {
    local each
    for each in $pid $modem_pid; do
        kill "$each" 2>/dev/null || true
        wait "$each" 2>/dev/null || true
    done
    pid=
    modem_pid=
}

# wait_for PID WHAT COMMAND...: tries for 5 s, as long as that process lives.
wait_for() {
    local waited_for=$1 what=$2 i
    shift 2
    for ((i = 0; i < 250; i++)); do
        if "$@"; then return 0; fi
        kill -0 "$waited_for" 2>/dev/null || break
        sleep 0.02
    done
    echo "demo: $what" >&2
    exit 1
}

is_ready() { curl -sf -o /dev/null "$url/readyz" 2>/dev/null; }

start_both() {
    if curl -s -o /dev/null "$url/healthz"; then
        echo "demo: ya hay algo que atiende en $url; si es otra demo, ciérrela; si no, make run PORT=8025" >&2
        exit 1
    fi
    rm -f "$demo/modem.sock" # left behind by a crash
    "$build/simmodem" --unix "$demo/modem.sock" --control "$demo/movil.sock" >/dev/null &
    modem_pid=$!
    wait_for "$modem_pid" "el módem simulado no arranca" test -S "$demo/modem.sock"
    "$build/contraclaved" -c "$demo/contraclaved.conf" &
    pid=$!
    wait_for "$pid" "contraclaved no ha llegado a estar listo" is_ready
}

token_works() {
    [ -s "$demo/token" ] && curl -sf -o /dev/null -H "Authorization: Bearer $(cat "$demo/token")" "$url/v1/estado"
}

# A token is shown once: without its file, the client is made anew.
need_token() {
    if token_works; then return; fi
    ctl cliente revocar --nombre demo >/dev/null 2>&1 || true
    ctl cliente crear --nombre demo --ambitos registro,solicitar,verificar,tecnico |
        tail -n 1 >"$demo/token"
}

need_citizen() {
    printf '%s\n' "$nif" | ctl ciudadano ver --nif - 2>/dev/null ||
        printf '%s\n' "$nif" | ctl ciudadano alta --nif - --nombre "$nombre" --movil "$movil"
}

# Shows the command as it can be typed, and what it answers.
post() {
    local path=$1 body=$2
    # shellcheck disable=SC2016 # shown, not run
    printf '\n  $ curl -H "Authorization: Bearer $(cat %s/token)" \\\n' "$demo"
    printf "        -H 'Content-Type: application/json' \\\\\n        -d '%s' %s%s\n    " "$body" "$url" "$path"
    curl -sS -H "Authorization: Bearer $(cat "$demo/token")" -H 'Content-Type: application/json' \
        -d "$body" "$url$path"
    echo
}

# The text of the newest SMS on the handset; fails while there is none.
newest_sms() {
    "$build/simmodem" --ask "$demo/movil.sock" '{"cmd":"inbox"}' |
        grep -o '"text":"[^"]*"' | tail -n 1 | cut -d '"' -f 4
}

has_sms() { [ -n "$(newest_sms || true)" ]; }

show_path() {
    echo "1. La persona, de alta en persona en el Registro:"
    need_citizen | sed 's/^/     /'
    printf '\n2. En la sede pide un PIN, con su NIF y una clave que elige (%s):\n' "$clave"
    post /v1/solicitudes "{\"nif\":\"$nif\",\"clave\":\"$clave\"}"
    wait_for "$pid" "el SMS no ha llegado al móvil" has_sms
    local sms contraclave
    sms=$(newest_sms)
    contraclave=$(grep -oE '\b[0-9]{4}\b' <<<"$sms" | head -n 1)
    printf '\n3. En su móvil (+34%s) recibe, por el módem simulado:\n\n     %s\n' "$movil" "$sms"
    printf '\n4. En la sede entra con NIF, clave y contraclave:\n'
    post /v1/verificaciones "{\"nif\":\"$nif\",\"clave\":\"$clave\",\"contraclave\":\"$contraclave\"}"
}

trap stop_both EXIT
trap 'stop_both; exit 0' INT TERM
write_config
start_both
need_token
show_path
show_page() {
    printf '\n5. La página del técnico: %s/estado\n' "$url"
    ctl operador alta-inicial | sed 's/^/     /'
    printf '\n   Para ver cómo lo cuenta, tire del cable diez segundos, en otra terminal:\n'
    # shellcheck disable=SC2016 # shown, not run
    printf "     %s --ask %s '{\"cmd\":\"vanish\",\"ms\":10000}'\n" "$build/simmodem" "$demo/movil.sock"
}

show_page
printf '\ncontraclaved sigue atendiendo en %s; pruebe los ejemplos de README.md en otra terminal.\n' "$url"
echo "Ctrl-C para terminar."
wait "$pid"
