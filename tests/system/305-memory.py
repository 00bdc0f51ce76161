# SPDX-License-Identifier: EUPL-1.2
"""What is secret leaves the memory of the daemon with the request that brought it, done or refused; and no core dump
takes the rest to the disk."""

import contextlib
import http.client
import itertools
import json
import os
import pathlib
import re
import resource
import socket

from box import CLAVE, NIF, SLOW, code_of, eventually, running

ROUND = 24
CLAVES = [f"{7003 + 41 * n}" for n in range(2 * ROUND)]


def memory_of(box):
    """All that the daemon may write to in its memory: heap, stack, and what libraries mapped, less the pages of zeros
    alone, of which the sanitizers' allocator has hundreds of MB: to search them keeps every other test from running."""
    pid = box.program.process.pid
    found = []
    with open(f"/proc/{pid}/mem", "rb") as memory:
        for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights, _, device, _, *path = line.split(maxsplit=5)
            if "w" not in rights or device != "00:00" and not path:
                continue
            start, end = (int(at, 16) for at in span.split("-"))
            if end - start > 1 << 32:
                continue  # the shadow of the sanitizers
            memory.seek(start)
            with contextlib.suppress(OSError):  # a guard page
                whole = memory.read(end - start)
                empty = bytes(resource.getpagesize())
                pages = (whole[at:at + len(empty)] for at in range(0, len(whole), len(empty)))
                found += [b"".join(run) for is_empty, run in itertools.groupby(pages, empty.__eq__) if not is_empty]
    return b"\0".join(found)


def appearances(memory, word):
    """The word by itself, not as part of a longer number: in a body, a text, a parsed value."""
    word, count, at = word.encode(), 0, -1
    while (at := memory.find(word, at + 1)) >= 0:  # many times faster than a pattern
        count += not (memory[at - 1:at] + memory[at + len(word):at + len(word) + 1]).isalnum()
    return count


def test_a_clave_leaves_memory_with_its_request():
    """Four digits stand in megabytes of ciphertext by chance too: what is left is left again, by another clave."""
    with running(enrolled=True) as (box, _):
        left = left_by(box, CLAVES[:ROUND])
        if left:
            left &= left_by(box, CLAVES[ROUND:])
        assert not left, f"still in memory: of the requests {left}"


def descriptors(box):
    return len(os.listdir(f"/proc/{box.program.process.pid}/fd"))


def left_by(box, round_of_claves):
    """The places, among the requests of a round, of those whose clave is still in memory."""
    before = memory_of(box)
    known = {clave: appearances(before, clave) for clave in round_of_claves}
    claves = iter(round_of_claves)
    sent = []

    connections = []

    def send(path, wanted, token=box.token, headers=None, raw=None, **fields):
        """On a connection that stays open: what belongs to it must be wiped all the same."""
        clave = next(claves)
        sent.append(clave)
        body = raw % clave.encode() if raw else json.dumps({"nif": NIF, "clave": clave, **fields}).encode()
        connections.append(http.client.HTTPConnection("127.0.0.1", box.port, timeout=20 * SLOW))
        connections[-1].request("POST", path, body, {"Authorization": f"Bearer {token}",
                                                     "Content-Type": "application/json", **(headers or {})})
        answer = connections[-1].getresponse()
        text = answer.read()
        assert answer.status == wanted, (path, fields, answer.status, text)

    send("/v1/solicitudes", 202)
    send("/v1/solicitudes", 202, nif="87654321X")
    send("/v1/solicitudes", 202, headers={"Idempotency-Key": f"una-{round_of_claves[0]}"})
    send("/v1/solicitudes", 422, nif="12345678A")
    send("/v1/solicitudes", 422, confirmacion="0000")
    send("/v1/solicitudes", 422, ip_usuario="x")
    send("/v1/solicitudes", 400, sobra="x")
    send("/v1/solicitudes", 400, raw=b'{"nif":"12345678Z","clave":"%s"')
    send("/v1/solicitudes", 202, raw=b'{"nif":"12345678Z","clave":"\\u00%s"}'.replace(b"\\u00%s", b"%s"))
    send("/v1/solicitudes", 401, token="cc_nadie")
    send("/v1/solicitudes", 415, headers={"Content-Type": "text/plain"})
    send("/v1/verificaciones", 200, contraclave="0000")
    send("/v1/verificaciones", 200, contraclave="0000", headers={"Idempotency-Key": f"dos-{round_of_claves[0]}"})
    send("/v1/verificaciones", 422, contraclave="00")
    send("/v1/nada", 404)
    # a longer value than what an allocator overwrites by itself in a block that is free
    long_values = [f"contraste-{n}-que-no-debe-quedar-en-memoria" for n in range(6)]
    for value in long_values:
        send("/v1/solicitudes", 422, contraste=value)
    kept = descriptors(box)
    for cut_short in (False, True):  # the body breaks off; and whole, but nobody waits for the answer
        clave = next(claves)
        sent.append(clave)
        body = json.dumps({"nif": NIF, "clave": clave}).encode()
        with socket.create_connection(("127.0.0.1", box.port)) as raw:
            raw.sendall(f"POST /v1/solicitudes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {box.token}\r\n"
                        "Content-Type: application/json\r\n"
                        f"Content-Length: {len(body) + 100 * cut_short}\r\n\r\n".encode() + body)
        box.get("/healthz")  # its connection is accepted behind that one, which has ended when it is closed
        eventually(lambda: descriptors(box) <= kept)
    after = memory_of(box)
    for connection in connections:
        connection.close()
    left = {place for place, clave in enumerate(sent) if appearances(after, clave) > known[clave]}
    assert not [value for value in long_values if value[24:].encode() in after], "a long value"
    return left


def packed(text):
    """The septets of the plain letters and digits of GSM 7 bit (23.038 6.1.2.1) as PDU mode writes them."""
    bits = "".join(f"{ord(c):07b}"[::-1] for c in text)
    return bytes(int(bits[i:i + 8][::-1], 2) for i in range(0, len(bits) // 8 * 8, 8)).hex().upper()


def test_a_contraclave_leaves_memory_when_it_is_sent():
    """Neither the text of the SMS nor its PDU stays: not in the queue, not in the AT engine, not in the link."""
    with running(options=("--report-latency", "0.05"), enrolled=True) as (box, sim):
        box.ask_pin()
        message = eventually(lambda: sim.inbox())[0]
        code = code_of(message)
        eventually(lambda: box.status()["cola"]["entregado"] == 1)
        memory = memory_of(box)
        assert message["text"].encode() not in memory and message["text"][:60].encode() not in memory
        end = message["text"].index(code) + len(code)
        assert packed(message["text"][:end])[-16:].encode() not in memory, "the PDU"
        assert f"es {code}".encode() not in memory
        assert box.verify(code, clave=CLAVE)["resultado"] == "correcto"


def test_no_core_dump():
    with running(enrolled=False) as (box, _):
        limits = pathlib.Path(f"/proc/{box.program.process.pid}/limits").read_text()
        assert re.search(r"^Max core file size +0 +0 ", limits, re.M), limits
