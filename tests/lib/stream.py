# SPDX-License-Identifier: EUPL-1.2
"""Reads the stream of the status as an open page does."""

import json
import socket
import time

from box import SLOW


class Stream:
    """An open page on the control socket; it reads only when it is asked to."""

    def __init__(self, box, query="?idioma=es", headers=None):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20 * SLOW)
        self.socket.connect(str(box.control))
        lines = [f"GET /v1/estado/eventos{query} HTTP/1.1", "Host: localhost"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.socket.sendall("".join(line + "\r\n" for line in [*lines, ""]).encode())
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        self.headers = {}
        while line := self.file.readline().strip().decode():
            name, value = line.split(": ", 1)
            self.headers[name] = value
        self.rest = b""

    def next(self):
        """The next event: its name, its data, its id."""
        while b"\n\n" not in self.rest:
            size = int(self.file.readline(), 16)
            if size == 0:
                return None
            self.rest += self.file.read(size)
            self.file.readline()
        text, self.rest = self.rest.split(b"\n\n", 1)
        fields = dict(line.split(": ", 1) for line in text.decode().split("\n"))
        return fields["event"], json.loads(fields["data"]), fields.get("id")

    def next_named(self, wanted, seconds=10):
        """The next event of that name."""
        end = time.monotonic() + seconds * SLOW
        while time.monotonic() < end:
            event = self.next()
            if event[0] == wanted:
                return event
        raise AssertionError(f"no {wanted} within {seconds} s")

    def until(self, check, seconds=10):
        """The first status whose changes pass the check."""
        end = time.monotonic() + seconds * SLOW
        while time.monotonic() < end:
            name, data, _ = self.next()
            if name == "estado" and check(data):
                return data
        raise AssertionError(f"not within {seconds} s")

    def close(self):
        self.file.close()
        self.socket.close()
