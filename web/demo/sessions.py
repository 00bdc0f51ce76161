# SPDX-License-Identifier: EUPL-1.2
"""What the sede remembers of each browser, in memory alone."""

import collections
import datetime
import secrets
import threading

SESSIONS_MAX, TALK_MAX = 1000, 8
LONGEST = datetime.timedelta(hours=27)  # of an entry by password, which has no end of its own


class Session:
    """One browser. Nothing of it reaches a disk, and the clave is not kept at all."""

    def __init__(self, nif="", said="", person=None, talk=()):
        self.nif, self.said, self.person = nif, said, person  # person: what a verification told
        self.request = self.application = self.entry = None  # their ids
        self.reto, self.waiting = None, "waiting"  # as the box made it; what is said of an alta that waits
        self.talk = collections.deque(talk, TALK_MAX)

    def is_in(self):
        if self.person is None:
            return False
        begun, ends = (datetime.datetime.fromisoformat(self.person[name] or "9999-12-31T00:00:00Z") for name in ("auth_time", "caduca"))
        return datetime.datetime.now(datetime.UTC) < min(ends, begun + LONGEST)


class Sessions:
    """Bounded: the oldest goes first."""

    def __init__(self):
        self._rows, self._lock = collections.OrderedDict(), threading.Lock()

    def find(self, key):
        with self._lock:
            return self._rows.get(key)

    def add(self, session):
        key = secrets.token_urlsafe(32)
        with self._lock:
            self._rows[key] = session
            while len(self._rows) > SESSIONS_MAX:
                self._rows.popitem(last=False)
        return key

    def end(self, key):
        with self._lock:
            self._rows.pop(key, None)
