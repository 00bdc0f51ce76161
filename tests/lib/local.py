# SPDX-License-Identifier: EUPL-1.2
"""What the tests read of HTTP, with less work than http.client does by itself; whoever imports this changes that."""

import http.client
import socket


class Headers:
    """Those of an answer, asked for in any case. http.client reads them as those of a mail, which was a fifth of all
    that the tests themselves did."""

    def __init__(self, file):
        self.rows = []
        for line in iter(file.readline, b""):
            if line in (b"\r\n", b"\n"):
                break
            name, _, value = line.decode("iso-8859-1").partition(":")
            self.rows.append((name, value.strip()))
        self.found = {name.lower(): value for name, value in reversed(self.rows)}  # the first of two is given

    def get(self, name, default=None):
        return self.found.get(name.lower(), default)

    def get_all(self, name, default=None):
        return [value for key, value in self.rows if key.lower() == name.lower()] or default

    def __getitem__(self, name):
        return self.get(name)

    def __contains__(self, name):
        return name.lower() in self.found

    def keys(self):
        return [name for name, _ in self.rows]

    def items(self):
        return self.rows

    def __str__(self):
        return "".join(f"{name}: {value}\n" for name, value in self.rows)


parse_mail_headers = http.client.parse_headers


def parse_headers(file, _class=None):
    """A server of http.server names the class that it needs."""
    return parse_mail_headers(file, _class) if _class else Headers(file)


http.client.parse_headers = parse_headers


class LocalConnection(http.client.HTTPConnection):
    """To a port of this machine, without asking for the address of its name."""

    def connect(self):
        self.sock = socket.socket()
        self.sock.settimeout(self.timeout)
        self.sock.connect((self.host, self.port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
