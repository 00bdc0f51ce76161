# SPDX-License-Identifier: EUPL-1.2
"""What answers about registered and unknown NIFs differ in: for the benches of the oracle. The figure for a duration is the
AUC: the chance that a guess by it alone is right (0.5 = a coin)."""

import http.client
import json
import re
import select
import time

from figures import tell

BOUND = 0.55
LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def nif(n):
    return f"{n:08d}{LETTERS[n % 23]}"


def face_of(response, text):
    """What an answer shows, but for what is drawn or told by the clock."""
    headers = sorted((name, value) for name, value in response.getheaders() if name != "Date")
    text = re.sub(r"\b[0-9a-f]{32}\b", "ID", text)
    return response.status, tuple(headers), re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)", "TIME", text)


class Client:
    """One keep-alive connection of one API client."""

    def __init__(self, box, name, scopes):
        self.connection = http.client.HTTPConnection("127.0.0.1", box.port)
        self.connection.connect()
        self.headers = {"Authorization": f"Bearer {box.client(scopes, name)}", "Content-Type": "application/json"}

    def ask(self, path, body, method="POST", kind=None):
        """The duration of the call in µs, and what the answer shows; its text is kept."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body)
        headers = self.headers | ({"Content-Type": kind} if kind else {})
        if select.select([self.connection.sock], [], [], 0)[0]:  # the daemon has closed what was idle
            self.connection.close()
            self.connection.connect()
        start = time.perf_counter_ns()
        self.connection.request(method, path, data, headers)
        response = self.connection.getresponse()
        text = response.read()
        took = (time.perf_counter_ns() - start) / 1000
        self.text = text.decode()
        return took, face_of(response, self.text)


class Samples:
    """Of each kind of call: (durations, faces) for unknown NIFs, and for registered ones."""

    def __init__(self):
        self.kinds = {}

    def add(self, kind, is_registered, sample):
        durations, faces = self.kinds.setdefault(kind, (([], set()), ([], set())))[is_registered]
        durations.append(sample[0])
        faces.add(sample[1])

    def tell(self):
        """The figures; whether all are within their bounds."""
        is_good = True
        for kind, ((unknown, its_faces), (registered, their_faces)) in self.kinds.items():
            value = auc(unknown, registered)
            same = its_faces == their_faces
            is_good = tell(f"oracle: {kind}, {len(unknown)} against {len(registered)}", value, "AUC", BOUND) and same and is_good
            if not same:
                print(f"  FAIL oracle: what is shown of {kind} | {len(its_faces ^ their_faces)} differences | at most 0")
                print(sorted(its_faces ^ their_faces)[:4])
        return is_good


def auc(unknown, registered):
    """Mann-Whitney: how often a duration of the second is the longer one; 0.5 or more whichever way it leans."""
    ranked = sorted([(d, 0) for d in unknown] + [(d, 1) for d in registered])
    ranks = sum(rank for rank, (_, is_registered) in enumerate(ranked, 1) if is_registered)
    area = (ranks - len(registered) * (len(registered) + 1) / 2) / (len(unknown) * len(registered))
    return max(area, 1 - area)
