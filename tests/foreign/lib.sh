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

# has_received NUMBER TEXT: exactly one message for the number, with this text.
has_received() {
    python3 - "$FOREIGN_DIR/control" "$1" "$2" <<'EOF'
import json, socket, sys

path, number, text = sys.argv[1:]
with socket.socket(socket.AF_UNIX) as control:
    control.connect(path)
    stream = control.makefile("rw", encoding="utf-8")
    stream.write(json.dumps({"cmd": "inbox", "number": number}) + "\n")
    stream.flush()
    texts = json.loads(stream.readline())["texts"]
sys.exit(0 if [t["text"] for t in texts] == [text] else 1)
EOF
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
