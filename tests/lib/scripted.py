# SPDX-License-Identifier: EUPL-1.2
"""A modem that may misbehave as the strict simulator cannot: a good one, and a hook that answers otherwise."""

import contextlib
import re
import select
import socket
import threading
import time

PROMPT = "> "
PDU = "<PDU>"  # what the hook is asked in place of a command when a PDU has come
CTRL_Z, ESC = b"\x1a", b"\x1b"


class Modem:
    """
    One client at a time over TCP. hook(modem, command) gives the lines to answer ([] = none at all), or None for what a
    good modem says. What it is in the middle of (a prompt, its SIM) outlives a connection, as behind a serial server.
    """

    def __init__(self, hook=None, **state):
        self.hook = hook
        self.sim, self.creg, self.delay_s, self.prompt = "READY", 1, 0, False
        self.pin, self.pin_left = "", 3
        self.__dict__.update(state)
        self.commands, self.pdus, self.connections, self.answered = [], [], 0, 0
        self.port, self.client, self.is_busy = 0, None, True
        self.listen()

    def listen(self):
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self.listener.getsockname()[1]
        self.device = f"tcp:127.0.0.1:{self.port}"
        threading.Thread(target=self.serve, args=(self.listener,), daemon=True).start()

    def serve(self, listener):
        with listener, contextlib.suppress(OSError):
            while self.idle_until(listener):
                self.client = listener.accept()[0]
                self.client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.connections += 1
                with self.client, contextlib.suppress(OSError):
                    self.talk()

    def idle_until(self, source):
        """Has done all that it was asked, until there is more to read."""
        self.is_busy = False
        select.select([source], [], [])
        self.is_busy = True
        return True

    def said(self):
        """What it has been told so far; None while it has yet to read or to answer (Box.wait_at_rest)."""
        sources = [s for s in (self.listener, self.client) if s and s.fileno() >= 0]
        is_idle = not (sources and select.select(sources, [], [], 0)[0]) and not self.is_busy
        return (self.connections, len(self.commands), len(self.pdus)) if is_idle else None

    def talk(self):
        rest = b""
        while self.idle_until(self.client) and (chunk := self.client.recv(4096)):
            rest += chunk
            while found := re.search(rb"[\x1a\x1b]" if self.prompt else rb"\r", rest):
                word, rest = rest[:found.start()], rest[found.end():]
                if not self.prompt:
                    self.on_command(word.strip(ESC + CTRL_Z + b" \n").decode())
                    continue
                self.prompt = False
                if found.group() == CTRL_Z:
                    self.pdus.append(word.decode())
                    self.answer(PDU)
                else:
                    self.say("OK")

    def on_command(self, command):
        if command:
            self.commands.append(command)
            time.sleep(self.delay_s)
            self.answer(command)
            self.answered += 1

    def answer(self, command):
        lines = self.hook(self, command) if self.hook else None
        self.say(*(self.good_answer(command) if lines is None else lines))

    def good_answer(self, command):
        told = {"AT+CPIN?": f"+CPIN: {self.sim}", "AT+CPINR": f"+CPINR: SIM PIN,{self.pin_left},3",
                "AT+CRSM=176,12258,0,0,10": '+CRSM: 144,0,"98431000000000000010"', "AT+CREG?": f"+CREG: 1,{self.creg}",
                "AT+CGREG?": "+CGREG: 1,0", "AT+CEREG?": "+CEREG: 1,0", "AT+C5GREG?": "+C5GREG: 1,0", "AT+CSQ": "+CSQ: 20,99",
                "AT+CGMI": "Fabricante", "AT+CGMM": "Modelo", "AT+CGMR": "1.0", PDU: f"+CMGS: {len(self.pdus)}"}
        if command.startswith("AT+CMGS="):
            return [PROMPT]
        if command.startswith("AT+CPIN="):
            return self.take_pin(command.split('"')[1])
        return [told[command], "OK"] if command in told else ["OK"]

    def take_pin(self, pin):
        if pin == self.pin:
            self.sim, self.pin_left = "READY", 3
            return ["OK"]
        self.pin_left -= 1
        return ["+CME ERROR: 16"]

    def say(self, *lines):
        """All in one piece; a client that is gone hears nothing."""
        self.prompt = self.prompt or PROMPT in lines
        text = "".join("\r\n> " if line == PROMPT else f"\r\n{line}\r\n" for line in lines)
        with contextlib.suppress(OSError, AttributeError):
            self.client.sendall(text.encode())

    def report(self, reference, status=0, number="34600123123", kind=0x91):
        """A +CDS: for a message of that reference (23.040 9.2.2.3)."""
        even = number + "F" * (len(number) % 2)
        swapped = "".join(even[n + 1] + even[n] for n in range(0, len(even), 2))
        tpdu = f"06{reference:02X}{len(number):02X}{kind:02X}{swapped}{'62112221000000' * 2}{status:02X}"
        self.say(f"+CDS: {len(tpdu) // 2}\r\n00{tpdu}")

    def drop(self):
        """The line breaks; the next client is welcome."""
        with contextlib.suppress(OSError, AttributeError):
            self.client.shutdown(socket.SHUT_RDWR)

    def leave(self):
        """Nobody is there any more, until listen()."""
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.drop()

    def count(self, start):
        return sum(c.startswith(start) for c in self.commands)
