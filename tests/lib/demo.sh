#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
# The demo behind `make run`: the daemon on the simulated modem, and a sede (web/demo) to see it from, until Ctrl-C, which
# ends all three programs. Their files are under $BUILD/demo; a second run uses them again.
set -euo pipefail
umask 077
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
port=${PORT:-8024}
demo=$build/demo # the place that README.md names
if [ "$port" != 8024 ]; then demo=$build/demo-$port; fi
url=http://127.0.0.1:$port
sede_port=$((port + 1))
sede_url=http://127.0.0.1:$sede_port
nif=12345678Z
pids=() # in the order in which they are ended

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
telefono_ayuntamiento = "918 57 15 40"
numero_sms = "600 00 00 09"
altas {
    formulario = si
    certificado = si
}
certificados_confianza = "$demo/confianza"
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

# The sede, then the daemon, which may still have a message to finish, then its modem.
stop_all() {
    local each
    for each in "${pids[@]}"; do
        kill "$each" 2>/dev/null || true
        wait "$each" 2>/dev/null || true
    done
    pids=()
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


start_box() {
    if curl -s -o /dev/null "$url/healthz"; then
        echo "demo: ya hay algo que atiende en $url; si es otra demo, ciérrela; si no, make run PORT=8034" >&2
        exit 1
    fi
    rm -f "$demo/modem.sock" # left behind by a crash
    "$build/simmodem" --unix "$demo/modem.sock" --control "$demo/movil.sock" >/dev/null &
    pids=($!)
    wait_for "${pids[0]}" "el módem simulado no arranca" test -S "$demo/modem.sock"
    "$build/contraclaved" -c "$demo/contraclaved.conf" &
    pids=($! "${pids[@]}")
    wait_for "${pids[0]}" "contraclaved no ha llegado a estar listo" is_ready
}

token_works() {
    [ -s "$1" ] && curl -sf -o /dev/null -H "Authorization: Bearer $(cat "$1")" "$url/v1/estado"
}

# need_token CLIENT SCOPES FILE: a token is shown once; without its file, the client is made anew.
need_token() {
    if token_works "$3"; then return; fi
    ctl cliente revocar --nombre "$1" >/dev/null 2>&1 || true
    ctl cliente crear --nombre "$1" --ambitos "$2" | tail -n 1 >"$3"
}

need_citizen() {
    printf '%s\n' "$nif" | ctl ciudadano ver --nif - >/dev/null 2>&1 ||
        printf '%s\n' "$nif" | ctl ciudadano alta --nif - --nombre 'María del Carmen' --apellido1 Núñez --movil 600123123 \
            --contraste 31/12/2030 >/dev/null
}

# make_certificate NAME SUBJECT EXTENSIONS: signed by the authority of the demo.
make_certificate() {
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -utf8 -subj "$2" \
        -keyout "$demo/$1.key" -out "$demo/$1.csr" 2>/dev/null
    openssl x509 -req -in "$demo/$1.csr" -CA "$demo/confianza/ac.pem" -CAkey "$demo/ac.key" -CAcreateserial -days 365 \
        -extfile <(printf '%s\n' "$3") -out "$demo/$1.pem" 2>/dev/null
}

# An authority that the box trusts, the sede's own certificate, and that of a person, to be imported by a browser.
need_certificates() {
    if openssl x509 -checkend 86400 -noout -in "$demo/persona.pem" >/dev/null 2>&1; then return; fi
    mkdir -p "$demo/confianza"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -utf8 -subj "/C=ES/O=Demo/CN=AC de la demo" \
        -addext keyUsage=critical,keyCertSign,cRLSign -keyout "$demo/ac.key" -out "$demo/confianza/ac.pem" 2>/dev/null
    make_certificate sede /CN=localhost 'subjectAltName=DNS:localhost,IP:127.0.0.1'
    make_certificate persona '/C=ES/serialNumber=IDCES-87654321X/GN=JUAN/SN=ESPAÑOL PRUEBA/CN=JUAN ESPAÑOL PRUEBA' \
        $'keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth'
    openssl pkcs12 -export -in "$demo/persona.pem" -inkey "$demo/persona.key" -name 'Demo: JUAN ESPAÑOL PRUEBA' -passout pass:demo \
        -out "$demo/persona.p12"
}

start_sede() {
    CONTRACLAVE_TOKEN=$(cat "$demo/token-sede") python3 web/demo/sede.py --equipo "$url" --movil "$demo/movil.sock" \
        --nombre Alpedrete --puerto "$sede_port" --tls "$demo/sede.pem" "$demo/sede.key" "$demo/confianza/ac.pem" \
        --tls-puerto "$((port + 2))" >/dev/null &
    pids=($! "${pids[@]}")
    wait_for "${pids[0]}" "la sede no arranca" curl -sf -o /dev/null "$sede_url/"
}

tell() {
    cat <<EOF

La sede de demostración, con un móvil al lado:

    $sede_url/

  1. «Quiero un pin»: NIF $nif y la clave de 4 cifras que quiera, dos veces.
  2. El SMS llega al móvil de la derecha.
  3. «Ya tengo el pin»: NIF, su clave y las 4 cifras del SMS. Está dentro.

  «Alta con certificado» pide uno: importe en el navegador $demo/persona.p12 (contraseña: demo).

La página del técnico: $url/estado
EOF
    ctl operador alta-inicial | sed 's/^/  /'
    cat <<EOF

  Para ver cómo lo cuenta, tire del cable diez segundos, en otra terminal:
    $build/simmodem --ask $demo/movil.sock '{"cmd":"vanish","ms":10000}'

Ctrl-C para terminar.
EOF
}

trap stop_all EXIT
trap 'stop_all; exit 0' INT TERM
write_config
need_certificates
start_box
need_token demo registro,solicitar,verificar,tecnico "$demo/token"
need_token sede solicitar,verificar,alta,certificado,estado "$demo/token-sede"
need_citizen
start_sede
tell
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && command -v xdg-open >/dev/null; then
    xdg-open "$sede_url/" >/dev/null 2>&1 || true
fi
wait "${pids[1]}"
