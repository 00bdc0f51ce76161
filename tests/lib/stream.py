# SPDX-License-Identifier: EUPL-1.2
"""Reads the stream of the status as an open page does."""

import json
import select
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
        self.buffer = self.rest = b""
        self.status = int(self.line().split()[1])
        self.headers = {}
        while line := self.line().strip().decode():
            name, value = line.split(": ", 1)
            self.headers[name] = value

    def receive(self):
        data = self.socket.recv(1 << 16)
        if not data:
            raise ConnectionError("it ends in the middle")
        self.buffer += data

    def line(self):
        while b"\n" not in self.buffer:
            self.receive()
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line

    def has_come(self):
        """Something of the next event is there."""
        return bool(self.rest or self.buffer or select.select([self.socket], [], [], 0)[0])

    def next(self):
        """The next event: its name, its data, its id."""
        while b"\n\n" not in self.rest:
            size = int(self.line(), 16)
            if size == 0:
                return None
            while len(self.buffer) < size:
                self.receive()
            self.rest, self.buffer = self.rest + self.buffer[:size], self.buffer[size:]
            self.line()
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
        self.socket.close()
