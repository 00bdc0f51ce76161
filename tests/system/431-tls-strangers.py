# SPDX-License-Identifier: EUPL-1.2
"""Clients that misuse the TLS port: handshakes that never end, too many of them, plain text."""

import contextlib
import socket

from box import SLOW, eventually, running
from tls import HELLO, Secure


def is_ended(s):
    try:
        return s.recv(4096) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def test_a_handshake_that_never_ends_is_closed():
    with running(tls=True, enrolled=False, clock=True, extra_http="plazo_cabecera_s = 60 conexiones_por_direccion = 0") as (box, _), \
            contextlib.ExitStack() as stack:
        sockets = []
        for index in range(200):
            s = stack.enter_context(contextlib.closing(socket.create_connection(("127.0.0.1", box.tls_port), 20 * SLOW)))
            s.sendall(HELLO if index % 2 else HELLO[:3])
            s.setblocking(False)
            sockets.append(s)
        with contextlib.closing(Secure(box)) as connection:
            assert connection.ask().status == 200
        assert box.get("/healthz", token=None).status == 200
        assert not any(map(is_ended, sockets))
        box.pass_time(60_000)
        eventually(lambda: all(map(is_ended, sockets)), 20)


def said(port, data):
    """What comes until the box ends the connection, and it must end it at once."""
    with contextlib.closing(socket.create_connection(("127.0.0.1", port), 20 * SLOW)) as s:
        s.sendall(data)
        got = b""
        while piece := s.recv(4096):
            got += piece
        return got


def test_the_wrong_protocol_is_told_at_once():
    with running(tls=True, enrolled=False, extra_http="plazo_cabecera_s = 60 plazo_inactiva_s = 60") as (box, _):
        for request in (b"GET / HTTP/1.1\r\nHost: caja\r\n\r\n", b"G", b"POST /v1/solicitudes HTTP/1.1\r\n" + bytes(3000)):
            head, _, body = said(box.tls_port, request).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 400 ") and b"https://" in body, (request, head, body)
            assert f"Content-Length: {len(body)}".encode() in head, head
        assert said(box.port, HELLO) == b"" == said(box.port, HELLO[:1])
        with contextlib.closing(Secure(box)) as connection:
            assert connection.ask().status == 200
        assert box.get("/healthz", token=None).status == 200
        # who says nothing is no handshake, and one that comes byte by byte is one
        with contextlib.ExitStack() as stack:
            for _ in range(14):
                stack.enter_context(contextlib.closing(socket.create_connection(("127.0.0.1", box.port), 20 * SLOW)))
            slow = stack.enter_context(contextlib.closing(socket.create_connection(("127.0.0.1", box.port), 20 * SLOW)))
            for byte in b"GET /healthz HTTP/1.0\r\n\r\n":
                slow.sendall(bytes([byte]))
            assert slow.recv(4096).startswith(b"HTTP/1.1 200")


def half_handshake(box, stack):
    """A connection of another address that has said hello, and says no more; it lasts as long as the stack."""
    s = stack.enter_context(contextlib.closing(socket.create_connection(("127.0.0.1", box.tls_port), 20 * SLOW,
                                                                        source_address=("127.0.0.9", 0))))
    with contextlib.suppress(OSError):
        s.sendall(HELLO)
    s.setblocking(False)
    return s


def test_one_address_gets_its_share_of_the_tls_port():
    with running(tls=True, enrolled=False, extra_http='proxies = "127.0.0.1" conexiones_por_direccion = 8') as (box, _), \
            contextlib.ExitStack() as stack:
        sockets = [half_handshake(box, stack) for _ in range(200)]
        with contextlib.closing(Secure(box)) as connection:
            assert connection.ask().status == 200
            eventually(lambda: sum(not is_ended(s) for s in sockets) <= 8)
            assert connection.ask().status == 200


def test_handshakes_of_one_address_are_few_at_a_time():
    with running(tls=True, enrolled=False) as (box, _), contextlib.ExitStack() as stack:
        sockets = [half_handshake(box, stack) for _ in range(100)]
        assert box.get("/healthz", token=None).status == 200
        eventually(lambda: sum(not is_ended(s) for s in sockets) <= 16)
        # connections that have brought a request are none of them
        busy = [stack.enter_context(contextlib.closing(Secure(box))) for _ in range(30)]
        assert all(connection.ask().status == 200 for connection in busy)
        assert all(connection.ask().status == 200 for connection in busy)


def test_messages_go_out_while_handshakes_rain():
    with running(tls=True) as (box, sim), contextlib.ExitStack() as stack:
        before = len(sim.inbox())
        connections = []
        for index in range(300):
            if index % 3 == 0:
                with contextlib.closing(Secure(box)) as connection:
                    connection.connect()
            else:
                s = stack.enter_context(contextlib.closing(socket.create_connection(("127.0.0.1", box.tls_port), 20 * SLOW)))
                with contextlib.suppress(OSError):
                    s.sendall(HELLO if index % 2 else b"GET / HTTP/1.1\r\n\r\n")
                connections.append(s)
            if index == 150:
                box.ask_pin()
        eventually(lambda: len(sim.inbox()) > before)
        assert box.get("/healthz", token=None).status == 200
