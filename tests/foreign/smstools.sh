#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# smstools' smsd drains twenty messages through the simulated modem and moves each to sent/.
set -u
# shellcheck source=tests/foreign/lib.sh
. "$(dirname "$0")/lib.sh"

number=34600123123

# Sets $smsd: the machine's own if there is one, else Debian's.
find_smsd() {
    smsd=/usr/sbin/smsd
    [ -x "$smsd" ] && return
    unpack smstools libmm14 || return 1
    smsd=$unpacked/usr/sbin/smsd
    export LD_LIBRARY_PATH="$unpacked/usr/lib"
}

were_sent() {
    [ "$(find "$FOREIGN_DIR/sent" -type f | wc -l)" = 20 ]
}

find_smsd || fail "no smsd, and it could not be fetched"
start_modem || fail "simmodem does not start"
for folder in outgoing checked incoming failed sent stats; do
    mkdir "$FOREIGN_DIR/$folder"
done
cat >"$FOREIGN_DIR/smsd.conf" <<END
devices = SIM
outgoing = $FOREIGN_DIR/outgoing
checked = $FOREIGN_DIR/checked
incoming = $FOREIGN_DIR/incoming
failed = $FOREIGN_DIR/failed
sent = $FOREIGN_DIR/sent
logfile = $FOREIGN_DIR/out.smsd.log
infofile = $FOREIGN_DIR/smsd.running
pidfile = $FOREIGN_DIR/smsd.pid
loglevel = 7
delaytime = 1
autosplit = 3

[SIM]
device = $FOREIGN_DIR/modem
incoming = no
baudrate = 115200
END
twenty_texts | while read -r text; do
    printf 'To: %s\n\n%s' "$number" "$text" >"$FOREIGN_DIR/outgoing/${text##* }"
done
# -t: stays in the foreground, so that it can be ended by its process id
start "$smsd" -t -c "$FOREIGN_DIR/smsd.conf"
wait_for 60 were_sent || fail "smsd has not filed all as sent"
has_all_twenty "+$number" || fail "the handset does not have the twenty texts, once each"
pass
