# SPDX-License-Identifier: EUPL-1.2
"""Connections to a box with and without TLS."""

import hashlib
import http.client
import re
import ssl

from box import SLOW

HELLO = bytes.fromhex("1603010200010001fc0303") + bytes(64)  # the beginning of a handshake, without its end


def print_of(der):
    return ":".join(re.findall("..", hashlib.sha256(der).hexdigest().upper()))


def trusting(path=None, **versions):
    """A client's context: it trusts that PEM file alone, or anything."""
    context = ssl.create_default_context(cafile=path) if path else ssl._create_unverified_context()
    for name, value in versions.items():
        setattr(context, name, value)
    return context


class Secure(http.client.HTTPConnection):
    """One connection by TLS, which stays open; `name` is what the certificate must be for."""

    def __init__(self, box, context=None, name="127.0.0.1"):
        super().__init__("127.0.0.1", box.tls_port, timeout=20 * SLOW)
        self.context, self.name = context or trusting(), name

    def connect(self):
        super().connect()
        self.sock = self.context.wrap_socket(self.sock, server_hostname=self.name)

    def ask(self, path="/healthz", method="GET", body=None, headers=None):
        self.request(method, path, body, headers or {})
        response = self.getresponse()
        response.text = response.read().decode()
        return response

    def fingerprint(self):
        if self.sock is None:
            self.connect()
        return print_of(self.sock.getpeercert(True))


class Plain(http.client.HTTPConnection):
    """One connection without TLS, from an address of the loopback."""

    def __init__(self, box, source="127.0.0.1"):
        super().__init__("127.0.0.1", box.port, timeout=20 * SLOW, source_address=(source, 0))

    ask = Secure.ask
