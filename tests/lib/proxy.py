# SPDX-License-Identifier: EUPL-1.2
"""What lies between a box and its PostgreSQL server, by TCP: it can be slow, swallow all, or be cut at a COMMIT."""

import contextlib
import socket
import threading
import time

COMMIT = b"COMMIT\0"  # PostgreSQL manual 55.7, the text of Query and of Parse


class Proxy:
    def __init__(self, server):
        self.path = server.folder + "/.s.PGSQL.5432"
        self.folder = server.folder
        self.delay = 0  # seconds, each way
        self.frozen = False
        self.cut_at_commit = None  # "before" it reaches the server, or "after"
        self.replace = (b"", b"")  # in what the server says, of the same length
        self.pairs, self.muted = [], set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def address(self, address):
        """The same database by way of this."""
        return address.replace(f"host={self.folder}", f"host=127.0.0.1&port={self.port}")

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                server = socket.socket(socket.AF_UNIX)
                try:
                    server.connect(self.path)
                except OSError:
                    client.close()
                    continue
                self.pairs.append((client, server))
                for way in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self.pump, args=way, daemon=True).start()

    def pump(self, source, target, is_question):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if self.delay:
                    time.sleep(self.delay)
                while self.frozen:
                    time.sleep(0.01)
                if not is_question:
                    data = b"" if target in self.muted else data.replace(*self.replace) if self.replace[0] else data
                if is_question and COMMIT in data and self.cut_at_commit:
                    if self.cut_at_commit == "after":
                        self.muted.add(source)  # the answer of the server does not arrive
                        target.sendall(data)
                        time.sleep(0.2)
                    break
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def cut(self):
        for pair in self.pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        self.pairs.clear()

    def close(self):
        self.listener.close()
        self.cut()


@contextlib.contextmanager
def a_proxy(server):
    proxy = Proxy(server)
    try:
        yield proxy
    finally:
        proxy.close()
