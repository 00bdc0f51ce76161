# SPDX-License-Identifier: EUPL-1.2
# shellcheck shell=sh
# For the scripts of this folder: a simmodem behind a pty in a folder of its own, and what its
# handset has received. Everything started here ends with the script, by its process id.

BUILD=${BUILD:-build}
FOREIGN_DIR=$(mktemp -d)
FOREIGN_PIDS=
export BUILD

foreign_end() {
    for pid in $FOREIGN_PIDS; do
        kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
    done
    rm -rf "$FOREIGN_DIR"
}
trap foreign_end EXIT
trap 'exit 1' INT TERM

# start COMMAND...: in the background, ended with the script.
start() {
    "$@" >"$FOREIGN_DIR/out.$(basename "$1")" 2>&1 &
    FOREIGN_PIDS="$! $FOREIGN_PIDS"
}

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for() {
    tenths=$(($1 * 10))
    shift
    until "$@"; do
        tenths=$((tenths - 1))
        [ "$tenths" -gt 0 ] || return 1
        sleep 0.1
    done
}

# start_modem: the simulated modem as $FOREIGN_DIR/modem.
start_modem() {
    start "$BUILD/simmodem" --link "$FOREIGN_DIR/modem" --control "$FOREIGN_DIR/control" \
        --log "$FOREIGN_DIR/modem.log"
    wait_for 5 test -S "$FOREIGN_DIR/control" -a -L "$FOREIGN_DIR/modem"
}

# texts_of NUMBER: what the telephone shows, one text a line.
texts_of() {
    "$BUILD/simmodem" --ask "$FOREIGN_DIR/control" "{\"cmd\":\"inbox\",\"number\":\"$1\"}" |
        python3 -c 'import json, sys; [print(t["text"]) for t in json.load(sys.stdin)["texts"]]'
}

# has_received NUMBER TEXT: exactly one message for the number, with this text.
has_received() {
    [ "$(texts_of "$1")" = "$2" ]
}

# twenty_texts: what a client has to send, one text a line.
twenty_texts() {
    for i in $(seq 1 20); do
        echo "Su contraclave es 04$((10 + i))"
    done
}

# has_all_twenty NUMBER: each of them, once, and nothing else.
has_all_twenty() {
    [ "$(texts_of "$1" | sort)" = "$(twenty_texts | sort)" ]
}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

# unpack PACKAGE...: Debian's packages under $BUILD/foreign/PACKAGE (of the first), not installed:
# installing them would start a service on the machine. Sets $unpacked.
unpack() {
    unpacked=$(mkdir -p "$BUILD/foreign/$1" && cd "$BUILD/foreign/$1" && pwd) || return 1
    [ -e "$unpacked/complete" ] && return
    (
        cd "$unpacked" || exit 1
        # a machine may have no package lists
        apt-get download -qq "$@" || { as_root apt-get update -qq && apt-get download -qq "$@"; } || exit 1
        for package in ./*.deb; do
            dpkg -x "$package" . || exit 1
        done
        touch complete
    ) >"$FOREIGN_DIR/out.apt" 2>&1
}

# fail WHAT: the reason, and what the client and the modem had to say.
fail() {
    echo "FAIL $(basename "$0"): $1" >&2
    tail -n 40 "$FOREIGN_DIR"/out.* "$FOREIGN_DIR/modem.log" >&2
    exit 1
}

pass() {
    echo "ok   $(basename "$0")"
}
