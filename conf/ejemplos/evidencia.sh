#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Comprueba una evidencia de contraclaved con openssl y la clave pública que dio «contraclavectl evidencia clave».
#
#     evidencia.sh EVIDENCIA CLAVE.pem
#
# La firma es la de los bytes del fichero sin su miembro «firma», que está entre «evidencia» y «formato»: en otro lugar
# no vale. Sale con 0 si es auténtica y con 1 si no vale.
set -eu
export LC_ALL=C
carpeta=$(mktemp -d)
trap 'rm -rf "$carpeta"' EXIT

forma='^(\{"alta":.*,"evidencia":"[0-9A-F]{32}",)"firma":"([0-9a-f]{128})",("formato":.*)$'
sed -nE "s/$forma/\2/p" "$1" | tr -d '\n' | tr a-f A-F | basenc --base16 -d >"$carpeta/firma"
sed -E "s/$forma/\1\3/" "$1" >"$carpeta/mensaje"
if [ "$(tail -c 1 "$1" | basenc --base16)" = 0A ]; then truncate -s -1 "$carpeta/mensaje"; fi # el fin de línea de un editor
openssl pkeyutl -verify -pubin -inkey "$2" -rawin -in "$carpeta/mensaje" -sigfile "$carpeta/firma" || exit 1
