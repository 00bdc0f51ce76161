# SPDX-License-Identifier: EUPL-1.2
"""A modem that plays a tape: the written dialogue of one model. The format is told in drivers/README.md."""

import dataclasses
import json
import pathlib
import re
import threading
import time

from scripted import PDU as PDU_TOKEN
from scripted import Modem

TAPES = pathlib.Path(__file__).resolve().parents[1] / "tape"
HEADER = ("modelo", "firmware", "fuente", "fecha", "origen")
ORIGINS = ("documentado: no es una captura", "captura")
LINE_ENDS = {"crlf": ("\r\n", "\r\n"), "doble": ("\r\r\n", "\r\r\n"), "cr": ("\r", "\r")}
PROMPT_MARK = "{prompt}"
POWER_ON, PDU = "power-on", "{pdu}"


class TapeError(Exception):
    """What is wrong with a tape, with file and line."""


@dataclasses.dataclass
class Line:
    text: str
    delay_ms: int = 0
    quiet: bool = False  # not said: from here on the noise between command and answer is over


class Tape:
    """header: key to value; blocks: command to its answers, one after the other; noise before each answer."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.header = {}
        self.blocks = {}
        self.own = set()
        self.noise = []
        self.block = None
        for number, text in enumerate(self.path.read_text(encoding="utf-8").split("\n"), 1):
            try:
                self.read(text)
            except (ValueError, KeyError) as error:
                raise TapeError(f"{self.path}:{number}: {error}") from None

    def read(self, text):
        marks = {"#": lambda rest: None, ">": self.on_command, "<": self.on_answer, "!": self.on_noise, "~": self.on_always}
        if not text.strip():
            return
        if text[0] in marks:
            if text[1:2] not in ("", " ") and not re.match(r"!\d+ ", text):
                raise ValueError(f"a blank must follow '{text[0]}'")
            marks[text[0]](text[1:])
        elif self.block is None:
            key, colon, value = text.partition(":")
            if not colon:
                raise ValueError(f"neither a header nor a line of the dialogue: {text!r}")
            self.header[key.strip()] = value.strip()
            self.on_header(key.strip(), value.strip())
        else:
            raise ValueError(f"a header must stand before the dialogue: {text!r}")

    def on_header(self, key, value):
        if key == "base":
            self.blocks = dict(Tape(TAPES / f"{value}.base").blocks)
        elif key == "prompt":
            json.loads(value)
        elif key == "lineas" and value not in LINE_ENDS:
            raise ValueError(f"lineas: one of {', '.join(LINE_ENDS)}")
        elif key not in HEADER + ("eco", "error", "lineas"):
            raise ValueError(f"unknown header {key!r}")

    def on_command(self, rest):
        command = rest.strip()
        if command not in self.own:  # what the base says of it is gone
            self.own.add(command)
            self.blocks[command] = []
        self.block = []
        self.blocks[command].append(self.block)

    def on_answer(self, rest):
        if self.block is None:
            raise ValueError("an answer to nothing")
        self.block.append(Line(rest.strip()))

    def on_noise(self, rest):
        delay, text = re.match(r"(\d*) (.*)", rest).groups()
        if self.block is None:
            self.on_command(POWER_ON)
        self.block.append(Line(text.strip(), int(delay or 0)))

    def on_always(self, rest):
        if rest.strip():
            self.noise.append(rest.strip())
        elif self.block is not None:
            self.block.append(Line("", quiet=True))

    def check_header(self):
        """Who it is and where it is from: a tape must never pass for a capture."""
        for key in HEADER:
            if not self.header.get(key):
                raise TapeError(f"{self.path}: its header says no '{key}'")
        if not self.header["origen"].startswith(ORIGINS):
            raise TapeError(f"{self.path}: origen is '{ORIGINS[0]}' or '{ORIGINS[1]} …'")
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", self.header["fecha"]):
            raise TapeError(f"{self.path}: fecha is YYYY-MM-DD")
        if not any(PROMPT_MARK in line.text for block in self.blocks.get("AT+CMGS=*", []) for line in block):
            raise TapeError(f"{self.path}: no AT+CMGS=* with its prompt")

    def find(self, command):
        """The key of the block for a command: exact, or the longest that ends in *; any case."""
        wanted = command.upper()
        fits = [k for k in self.blocks if k.upper() == wanted or (k[-1] == "*" and wanted.startswith(k[:-1].upper()))]
        return max(fits, key=lambda k: (k[-1] != "*", len(k)), default=None)


class TapeModem(Modem):
    """The tape on a TCP port. It is switched on when first connected."""

    def __init__(self, tape):
        self.tape = tape
        self.start, self.end = LINE_ENDS[tape.header.get("lineas", "crlf")]
        self.prompt_text = json.loads(tape.header.get("prompt", '"\\r\\n> "'))
        self.echo = tape.header.get("eco", "si") == "si"
        self.noise = list(tape.noise)
        self.told, self.noise_told, self.report_pdu = {}, 0, ""
        super().__init__()

    def talk(self):
        if self.connections == 1:
            self.play(POWER_ON)
        super().talk()

    def on_command(self, command):
        if not command:
            return
        self.commands.append(command)
        if self.echo:
            self.send(command + "\r")
        if match := re.match(r"ATE([01])", command, re.I):
            self.echo = match.group(1) == "1"
        self.answer(command)

    def answer(self, command):
        """Also asked when a PDU has come, by its token."""
        key = PDU if command == PDU_TOKEN else self.tape.find(command)
        if key == PDU:
            self.report_pdu = report_of(self.pdus[-1], len(self.pdus))
        if self.noise:
            self.send(self.framed(self.noise[self.noise_told % len(self.noise)]))
            self.noise_told += 1
        if key is None:
            self.send(self.framed(self.tape.header.get("error", "ERROR")))
        else:
            self.play(key)

    def play(self, key):
        blocks = self.tape.blocks.get(key)
        if not blocks:
            return
        turn = self.told[key] = self.told.get(key, -1) + 1
        later = {}
        for line in blocks[min(turn, len(blocks) - 1)]:
            if line.quiet:
                self.noise = []
            else:
                later[line.delay_ms] = later.get(line.delay_ms, "") + self.written(line.text)
        self.send(later.pop(0, ""))
        for delay_ms, text in later.items():
            timer = threading.Timer(delay_ms / 1000, self.send, [text])
            timer.daemon = True
            timer.start()

    def written(self, text):
        if text == PROMPT_MARK:
            self.prompt = True
            return self.prompt_text
        return self.framed(self.filled(text))

    def filled(self, text):
        return (text.replace("{mr}", str(len(self.pdus))).replace("{report}", self.report_pdu)
                .replace("{report-len}", str(len(self.report_pdu) // 2 - 1)))

    def framed(self, text):
        return self.start + text + self.end

    def say(self, *lines):
        self.send("".join(self.framed(line) for line in lines))

    def send(self, text):
        try:
            self.client.sendall(text.encode("latin-1"))
        except (OSError, AttributeError):
            pass  # gone: it hears nothing


def report_of(pdu, reference):
    """The delivery report (23.040 9.2.2.3) for a SUBMIT: its own number, both times now."""
    submit = bytes.fromhex(pdu)
    tpdu = submit[1 + submit[0]:]
    number = tpdu[2:4 + (tpdu[2] + 1) // 2]
    stamp = bytes.fromhex("".join(two[::-1] for two in re.findall("..", time.strftime("%y%m%d%H%M%S00", time.gmtime()))))
    report = bytes([0x06, reference & 0xFF]) + number + stamp * 2 + b"\0"
    return (b"\0" + report).hex().upper()


def all_tapes():
    return sorted(TAPES.glob("*/*.tape"))
