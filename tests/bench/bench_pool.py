# SPDX-License-Identifier: EUPL-1.2
"""How well the lines are used when the network takes a second a message: the share of the time in which one modem's line
is busy, from its first AT+CMGS to its last OK, and the throughput of four modems against one."""

import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

from box import eventually  # noqa: E402
from figures import tell  # noqa: E402
from town import ask, modems, pool, queue  # noqa: E402

EACH = 40  # messages a modem
BUSY_WANTED, RATIO_WANTED = 0.999, 3.95


def sends(sim):
    """(first byte of AT+CMGS, final result) of each message, in microseconds."""
    pairs, first, begun = [], 0, None
    for event in sim.events():
        if event["event"] == "rx_first":
            first = event["at_us"]
        elif event["event"] == "command":
            begun = first if event["name"] == "+CMGS" else None
        elif event["event"] == "reply" and begun is not None:
            pairs.append((begun, event["at_us"]))
            begun = None
    return pairs


def run(count):
    """Messages per second over all lines, and how busy each was, with a queue that is full from the start."""
    with pool(count, ("--cmgs-latency", "1.0", "--register-delay", "2"), citizens=EACH * count, ready=False) as (box, sims):
        ask(box, range(EACH * count))
        assert not any(m["listo"] for m in modems(box).values()), "the queue was not full before the modems came"
        eventually(lambda: queue(box)["enviado"] + queue(box)["entregado"] == EACH * count, EACH * 3, 0.2)
        lines = [sends(sim) for sim in sims]
    gaps = sorted((b[0] - a[1]) / 1000 for line in lines for a, b in zip(line, line[1:]))
    tell(f"pool: {count} modem(s), from OK to the next AT+CMGS, median", statistics.median(gaps), "ms")
    tell(f"pool: {count} modem(s), from OK to the next AT+CMGS, longest", gaps[-1], "ms")
    spans = [(line[0][0], line[-1][1]) for line in lines]
    busy = [sum(end - begin for begin, end in line) / (last - first) for line, (first, last) in zip(lines, spans)]
    seconds = (max(last for _, last in spans) - min(first for first, _ in spans)) / 1e6
    return EACH * count / seconds, min(busy), [len(line) for line in lines]


def main():
    one, busy, _ = run(1)
    four, busy_of_four, shares = run(4)
    print(f"pool: shares of four modems {shares}")
    results = [
        tell("pool: one line busy", 100 * busy, "%", least=100 * BUSY_WANTED),
        tell("pool: each of four lines busy at least", 100 * busy_of_four, "%"),
        tell("pool: four modems to one", four / one, "times", least=RATIO_WANTED),
    ]
    return 0 if all(results) else 1


sys.exit(main())
