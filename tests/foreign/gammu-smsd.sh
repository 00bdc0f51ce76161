#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# gammu-smsd, with its queue in files, drains twenty messages through the simulated modem.
set -u
# shellcheck source=tests/foreign/lib.sh
. "$(dirname "$0")/lib.sh"

number=+34600123123

# Sets $folder: where gammu-smsd and gammu-smsd-inject are.
find_smsd() {
    folder=/usr/bin
    [ -x "$folder/gammu-smsd" ] && return
    unpack gammu-smsd libgsmsd8 libgammu8 libdbi1 libmariadb3 libodbc2 libpq5 libltdl7 || return 1
    folder=$unpacked/usr/bin
    LD_LIBRARY_PATH=$unpacked/usr/lib:$(echo "$unpacked"/usr/lib/*-linux-gnu*)
    export LD_LIBRARY_PATH
}

were_sent() {
    [ -z "$(ls "$FOREIGN_DIR/outbox")" ] && [ "$(find "$FOREIGN_DIR/sent" -type f | wc -l)" = 20 ]
}

inject() {
    "$folder/gammu-smsd-inject" -c "$FOREIGN_DIR/smsdrc" TEXT "$number" -text "$1" \
        >>"$FOREIGN_DIR/out.inject" 2>&1
}

find_smsd || fail "no gammu-smsd, and it could not be fetched"
start_modem || fail "simmodem does not start"
for name in inbox outbox sent error; do
    mkdir "$FOREIGN_DIR/$name"
done
# No status is asked for between messages, and no round waits longer than it must.
cat >"$FOREIGN_DIR/smsdrc" <<END
[gammu]
device = $FOREIGN_DIR/modem
connection = at115200

[smsd]
service = files
inboxpath = $FOREIGN_DIR/inbox/
outboxpath = $FOREIGN_DIR/outbox/
sentsmspath = $FOREIGN_DIR/sent/
errorsmspath = $FOREIGN_DIR/error/
logfile = $FOREIGN_DIR/out.smsd.log
debuglevel = 1
loopsleep = 1
commtimeout = 1
sendtimeout = 10
receivefrequency = 60
statusfrequency = 0
checksecurity = 0
checkbattery = 0
checksignal = 0
checknetwork = 0
END
twenty_texts >"$FOREIGN_DIR/texts"
while read -r text; do
    inject "$text" || fail "gammu-smsd-inject does not take a message"
done <"$FOREIGN_DIR/texts"
start "$folder/gammu-smsd" -c "$FOREIGN_DIR/smsdrc"
wait_for 80 were_sent || fail "gammu-smsd has not filed all as sent"
has_all_twenty "$number" || fail "the handset does not have the twenty texts, once each"
pass
