# SPDX-License-Identifier: EUPL-1.2
"""What a client can tell from the time of other answers: nothing of whether a NIF is registered (DOMAIN 5)."""

import http.client
import statistics
import time

from box import BUILD, CLAVE, SLOW, needs_file, running

SLOW_PACE = ("test_a_slow_disk_does_not_tell_whose_sms_went_out",)

LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
FSYNC_S = 0.12
WATCH_S = 1.1


def nif(n):
    return f"{n:08d}{LETTERS[n % 23]}"


def stalls(box):
    """When, in the next while, other clients' answers had to wait for the disk: seconds from now."""
    found, start = [], time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", box.port, timeout=20 * SLOW)
    while (asked := time.monotonic()) < start + WATCH_S:
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        if time.monotonic() - asked > FSYNC_S / 2:
            found.append(time.monotonic() - start)
        time.sleep(0.005)
    connection.close()
    return found


def test_a_slow_disk_does_not_tell_whose_sms_went_out():
    needs_file()
    preload = {"LD_PRELOAD": str(BUILD / "tests/preload_disk.so"), "CC_FSYNC_MS": str(int(FSYNC_S * 1000)),
               "ASAN_OPTIONS": "verify_asan_link_order=0"}
    with running(options=("--cmgs-latency", "0.3", "--report-latency", "0.5"), enrolled=False, env=preload) as (box, _):
        for n in range(6):
            box.enrol(nif(1000 + n), f"Persona {n}", f"+3460012310{n}")
        seen = {True: [], False: []}
        for n in range(2):  # from these the daemon knows how long an outcome takes
            box.ask_pin(nif(1000 + n))
            stalls(box)
        for n in range(2, 6):
            box.ask_pin(nif(1000 + n))
            seen[True].append(stalls(box))
            box.ask_pin(nif(70000000 + n))
            seen[False].append(stalls(box))
        counts = {known: [len(found) for found in each] for known, each in seen.items()}
        assert sum(counts[True]) >= 2 * len(seen[True]), f"an outcome and a report are to be felt: {seen}"
        assert abs(sum(counts[True]) - sum(counts[False])) <= 2, seen
        for place in (0, -1):
            known, unknown = (statistics.median(found[place] for found in seen[who] if found) for who in (True, False))
            assert abs(known - unknown) < 2 * FSYNC_S * SLOW, seen
