#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
# at.sh "2027-03-28 01:55" COMMAND...: runs it, and all that it starts, as if it were that instant in Madrid.
set -eu
BUILD=$(realpath "${BUILD:-build}")
CC_HOUR_S=$(($(TZ=Europe/Madrid date -d "$1" +%s) - $(date +%s)))
export BUILD CC_HOUR_S LD_PRELOAD="$BUILD/tests/preload_hour.so"
exec "${@:2}"
