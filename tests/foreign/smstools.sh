#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# smstools' smsd sends one message through the simulated modem and moves it to sent/. The package is
# unpacked, not installed: installing it starts a service on the machine.
set -u
# shellcheck source=tests/foreign/lib.sh
. "$(dirname "$0")/lib.sh"

number=34600123123
text="Su contraclave es 0481"

fetch() { apt-get download -qq smstools libmm14; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

# Sets $smsd: the machine's own if there is one, else Debian's, unpacked under $BUILD/foreign.
find_smsd() {
    smsd=/usr/sbin/smsd
    [ -x "$smsd" ] && return
    unpacked=$(mkdir -p "$BUILD/foreign" && cd "$BUILD/foreign" && pwd) || return 1
    smsd=$unpacked/usr/sbin/smsd
    export LD_LIBRARY_PATH="$unpacked/usr/lib"
    [ -x "$smsd" ] && return
    (
        cd "$unpacked" || exit 1
        fetch || { as_root apt-get update -qq && fetch; } # a machine may have no package lists
        for package in ./*.deb; do
            dpkg -x "$package" .
        done
    ) >"$FOREIGN_DIR/out.apt" 2>&1
    [ -x "$smsd" ]
}

was_sent() {
    [ -n "$(ls "$FOREIGN_DIR/sent")" ]
}

find_smsd || fail "no smsd, and it could not be fetched"
start_modem || fail "simmodem does not start"
for folder in outgoing checked incoming failed sent stats; do
    mkdir "$FOREIGN_DIR/$folder"
done
cat >"$FOREIGN_DIR/smsd.conf" <<EOF
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
EOF
printf 'To: %s\n\n%s' "$number" "$text" >"$FOREIGN_DIR/message"
mv "$FOREIGN_DIR/message" "$FOREIGN_DIR/outgoing/message"
# -t: stays in the foreground, so that it can be ended by its process id
start "$smsd" -t -c "$FOREIGN_DIR/smsd.conf"
wait_for 30 was_sent || fail "smsd has not filed it as sent"
has_received "+$number" "$text" || fail "the handset does not have the text, once"
pass
