#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Debian's gammu sends one message through the simulated modem.
set -u
# shellcheck source=tests/foreign/lib.sh
. "$(dirname "$0")/lib.sh"

number=+34600123123
text="Su contraclave es 0481 [ñ] ¿vale?"

start_modem || fail "simmodem does not start"
cat >"$FOREIGN_DIR/gammurc" <<EOF
[gammu]
device = $FOREIGN_DIR/modem
connection = at115200
EOF
LC_ALL=C.UTF-8 timeout 30 gammu -c "$FOREIGN_DIR/gammurc" sendsms TEXT "$number" -text "$text" \
    >"$FOREIGN_DIR/out.gammu" 2>&1 || fail "gammu says it could not send"
has_received "$number" "$text" || fail "the handset does not have the text, once"
pass
