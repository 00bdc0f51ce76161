#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
# A PostgreSQL server of a test's own: pg.sh start FOLDER prints its address for base_datos, pg.sh stop
# FOLDER ends it and removes the folder; down and up FOLDER are a restart in two parts, PG_OPTIONS more
# options of the server. replica FOLDER OF makes a server that follows the one in OF, which from then on
# waits for it in each COMMIT; promote FOLDER makes it one that takes writes and waits for nobody. On a
# socket in the folder, as a user without rights, and without a sync: the tests cut no power. initdb runs
# once a build: each server begins with a copy of what it made.
set -eu
cd "$(dirname "$0")/../.."
folder=$2
bin=$(find /usr/lib/postgresql -path '*/bin/postgres' | sort -V | tail -n 1)
bin=${bin%/postgres}
as=()
if [ "$(id -u)" = 0 ]; then as=(setpriv --reuid=nobody --regid=nogroup --clear-groups); fi
run() { "${as[@]}" env -u LC_ALL LC_MESSAGES=C "$@"; }

up() {
    run "$bin/pg_ctl" -D "$folder/data" -w -t 30 -l "$folder/log" start >/dev/null \
        -o "-k $folder -c listen_addresses= -c fsync=off -c full_page_writes=off -c shared_buffers=32MB -c max_connections=100 ${PG_OPTIONS:-}"
}
tell() { run "$bin/psql" -qAtX -h "$1" -U contraclaved -c "$2" postgres >/dev/null; }
down() { run "$bin/pg_ctl" -D "$folder/data" -w -m immediate stop >/dev/null; }

case $1 in
start)
    mkdir -p "$folder"
    if [ "$(id -u)" = 0 ]; then chown nobody:nogroup "$folder"; fi
    first=${BUILD:-build}/tests/pg-$("$bin/postgres" --version | awk '{ print $3 }')-$(id -u)
    mkdir -p "${first%/*}"
    exec 9>"$first.lock"
    flock 9
    if [ ! -d "$first" ]; then
        run "$bin/initdb" -D "$folder/data" -U contraclaved -A trust -E UTF8 --locale=C --no-sync \
            --no-instructions >/dev/null
        rm -rf "$first.new"
        cp -a "$folder/data" "$first.new"
        mv "$first.new" "$first"
    else
        cp -a "$first" "$folder/data"
    fi
    exec 9>&-
    up
    echo "postgresql:///postgres?host=$folder&user=contraclaved"
    ;;
replica)
    rm -rf "$folder"
    mkdir -p "$folder"
    if [ "$(id -u)" = 0 ]; then chown nobody:nogroup "$folder"; fi
    run "$bin/pg_basebackup" -h "$3" -U contraclaved -D "$folder/data" -R -X stream -c fast --no-sync
    up
    tell "$3" "ALTER SYSTEM SET synchronous_standby_names = '*'"
    tell "$3" "SELECT pg_reload_conf()"
    ;;
promote)
    run "$bin/pg_ctl" -D "$folder/data" -w promote >/dev/null
    tell "$folder" "ALTER SYSTEM RESET synchronous_standby_names"
    tell "$folder" "SELECT pg_reload_conf()"
    ;;
up) up ;;
down) down ;;
stop)
    down
    rm -rf "$folder"
    ;;
esac
