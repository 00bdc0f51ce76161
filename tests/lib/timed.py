# SPDX-License-Identifier: EUPL-1.2
"""What the benches of sending share: a sede's connection, when each command left, and a line of the result. Both programs
stamp their events with the same monotonic clock."""

import http.client
import json
import time


def now_us():
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000


class Sede:
    """One keep-alive connection, as a sede has; each answer with the time at which its first byte was there."""

    def __init__(self, box):
        self.connection = http.client.HTTPConnection("127.0.0.1", box.port)
        self.headers = {"Authorization": f"Bearer {box.token}", "Content-Type": "application/json"}

    def post(self, path, body):
        self.connection.request("POST", path, json.dumps(body), self.headers)
        response = self.connection.getresponse()
        at = now_us()
        text = response.read()
        assert response.status in (201, 202), text
        return at


def sending(sim):
    """From the first AT+CMGS on: the times of the first bytes, the names, the times of the final results."""
    begun, names, replies, first = [], [], [], 0
    for event in sim.events():
        if event["event"] == "rx_first":
            first = event["at_us"]
        elif event["event"] == "command" and (names or event["name"] == "+CMGS"):
            begun.append(first)
            names.append(event["name"])
        elif event["event"] == "reply" and names:
            replies.append(event["at_us"])
    return begun, names, replies


def at_share(values, share):
    return sorted(values)[int(len(values) * share)]


def p95(values):
    return at_share(values, 0.95)
