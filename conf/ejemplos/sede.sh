#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Cliente de la sede para contraclaved, solo con sh y curl.
#
#     CONTRACLAVE_TOKEN=... sede.sh pedir  NIF CLAVE [CONTRASTE]
#     CONTRACLAVE_TOKEN=... sede.sh entrar NIF CLAVE CONTRACLAVE [CONTRASTE]
#
# Escribe lo que se muestra a la persona. Sale con 0 si ha ido bien, 1 si la persona debe corregir algo y 2 si falla el servicio.
set -eu
# Una dirección, o dos separadas por un espacio si hay dos equipos: cualquiera contesta lo mismo.
urls=${CONTRACLAVE_URL:-http://127.0.0.1:8024}
case $urls in *' '*) ;; *) urls="$urls $urls" ;; esac

# Un texto de JSON: lo que escribe la persona, con sus comillas y barras.
texto() {
    printf '"%s"' "$(printf %s "$1" | tr '[:cntrl:]' ' ' | sed 's/["\\]/\\&/g')"
}

# miembro NOMBRE: el valor de un miembro de la respuesta; nada si no está.
miembro() {
    printf '%s\n' "$cuerpo" | sed -nE 's/.*"'"$1"'":("(([^"\\]|\\.)*)"|([^",}]*)).*/\2\4/p' | sed -E 's/\\(.)/\1/g'
}

# llamar RUTA JSON: deja estado, cuerpo y espera. El token y los datos van por la entrada, no en la lista de procesos. Sin
# respuesta, o con un 503, se pide a la otra dirección, con la misma Idempotency-Key: no saldrá otro SMS. Lo que no es JSON no es
# del equipo, sino de un proxy que no llega a él.
llamar() {
    opciones=$(printf 'data-raw = %s\n' "$(texto "$2")" && printf 'header = "Authorization: Bearer %s"\n' "$CONTRACLAVE_TOKEN" &&
        printf 'header = "Idempotency-Key: %s"\n' "$(od -An -tx1 -N16 /dev/urandom | tr -d ' \n')")
    estado='' respuesta=''
    for url in $urls; do
        contestado=$(printf '%s\n' "$opciones" | curl --silent --max-time 15 --config - --dump-header - \
            --header 'Content-Type: application/json' "$url$1" | tr -d '\r')
        case $(printf '%s\n' "$contestado" | tail -n 1) in '{'*) ;; *) continue ;; esac
        respuesta=$contestado
        estado=$(printf '%s\n' "$respuesta" | sed -n '1s/^HTTP[^ ]* \([0-9]*\).*/\1/p')
        [ "$estado" = 503 ] || break
    done
    espera=$(printf '%s\n' "$respuesta" | sed -n 's/^[Rr]etry-[Aa]fter: //p')
    cuerpo=$(printf '%s\n' "$respuesta" | tail -n 1)
}

# Se decide por el estado; el registro de la sede guarda el tipo, nunca los datos.
problema() {
    frase='No se ha podido atender su petición. Inténtelo más tarde.'
    case ${estado:-503} in
    422) echo "$(miembro campo): $(miembro title)" && exit 1 ;;
    403) [ "$(miembro type)" = method_closed ] && miembro detail && exit 1 ;;
    429) echo "Demasiados intentos desde su conexión. Espere $espera segundos." && exit 1 ;;
    503) frase='El servicio de PIN no está disponible en este momento. Inténtelo más tarde.' ;;
    esac
    echo "contraclaved: ${estado:-503} $(miembro type)" >&2
    echo "$frase" && exit 2
}

if [ $# -lt 3 ] || [ "$1" = entrar ] && [ $# -lt 4 ] || [ -z "${CONTRACLAVE_TOKEN:-}" ]; then
    sed -n '3,8s/^# *//p' "$0" >&2
    exit 64
fi
orden=$1 nif=$2 clave=$3
datos="{\"nif\":$(texto "$nif"),\"clave\":$(texto "$clave")"
if [ -n "${REMOTE_ADDR:-}" ]; then datos="$datos,\"ip_usuario\":$(texto "$REMOTE_ADDR")"; fi # la dirección de la persona
case $orden in
pedir)
    llamar /v1/solicitudes "$datos,\"contraste\":$(texto "${4:-}")}"
    [ "$estado" = 202 ] || problema
    caduca=$(miembro caduca_local | sed -E 's|^(....)-(..)-(..)T(.....).*|\3/\2/\1, \4 h|')
    echo "Si está de alta, recibirá un SMS en su móvil. Vale hasta el $caduca.$(
        if [ "$(miembro pide_contraste)" = true ]; then
            echo ' Escriba también la fecha de validez de su DNI o el número de soporte de su NIE.'
        fi)"
    ;;
entrar)
    llamar /v1/verificaciones "$datos,\"contraclave\":$(texto "$4"),\"contraste\":$(texto "${5:-}")}"
    [ "$estado" = 200 ] || problema
    if [ "$(miembro resultado)" != correcto ]; then # por lo que sea: no se dice por qué
        echo 'NIF, clave o contraclave no son correctos. Puede pedir otro PIN.' && exit 1
    fi
    echo "Ha entrado $(printf '%s %s %s' "$(miembro nombre)" "$(miembro apellido1)" "$(miembro apellido2)" | sed 's/ *$//')."
    ;;
esac
