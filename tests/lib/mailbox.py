# SPDX-License-Identifier: EUPL-1.2
"""Messages for the scripted modem's memories, and the technicians' side of them."""

import contextlib
import re
import time

from box import on_modem
from scripted import Modem

SEVEN, EIGHT, UCS2 = 0x00, 0x04, 0x08


def address(text):
    """TP-OA or TP-DA (23.040 9.1.2.5): a number, or a name of up to 11 letters."""
    if text.lstrip("+").isdigit():
        digits = text.lstrip("+")
        even = digits + "F" * (len(digits) % 2)
        return bytes([len(digits), 0x91 if text[0] == "+" else 0x81]) + bytes.fromhex(
            "".join(even[n + 1] + even[n] for n in range(0, len(even), 2)))
    packed = pack(text.encode("ascii"))
    return bytes([2 * len(packed), 0xD0]) + packed


def pack(septets, fill=0):
    bits = sum((s & 0x7F) << (7 * n) for n, s in enumerate(septets)) << fill
    return bits.to_bytes((7 * len(septets) + fill + 7) // 8, "little")


def stamp(at=None):
    """TP-SCTS in UTC; None = now."""
    text = time.strftime("%y%m%d%H%M%S", time.gmtime(time.time() if at is None else at)) + "00"
    return bytes(int(text[n + 1] + text[n], 16) for n in range(0, 14, 2))


def deliver(sender, data, dcs=SEVEN, concat=None, at=None):
    """A DELIVER in hexadecimal, SCA first. data: text (7 bit: ASCII), or bytes. concat: (reference, total, index), 16-bit
    from reference 256 on."""
    if isinstance(data, str):
        data = data.encode("utf-16-be") if dcs == UCS2 else data.encode("ascii")
    header = b""
    if concat:
        reference, total, index = concat
        element = bytes([8, 4, reference >> 8, reference & 255]) if reference > 255 else bytes([0, 3, reference])
        header = bytes([len(element) + 2]) + element + bytes([total, index])
    if dcs == SEVEN:
        septets = (8 * len(header) + 6) // 7
        length, data = septets + len(data), pack(data, 7 * septets - 8 * len(header))
    else:
        length = len(header) + len(data)
    first = 0x44 if header else 0x04
    return (bytes([0, first]) + address(sender) + bytes([0, dcs]) + stamp(at) + bytes([length]) + header + data).hex().upper()


def report(number, reference, status=0, submitted=None, done=None):
    """A STATUS-REPORT in hexadecimal, SCA first; None = now."""
    return (bytes([0, 0x06, reference]) + address(number) + stamp(submitted) + stamp(done) + bytes([status])).hex().upper()


class Mailbox:
    """The memories of a scripted modem: give the hook to it. `more` is asked first."""

    def __init__(self, more=None, total=10):
        self.slots, self.memory, self.more, self.total = {}, "SM", more, total
        self.read, self.deleted = [], []

    def put(self, memory, index, pdu, stat=0):
        self.slots[memory, index] = (stat, pdu)

    def come(self, modem, memory, index, pdu, name="+CMTI"):
        """Stored and announced."""
        self.put(memory, index, pdu)
        modem.say(f'{name}: "{memory}",{index}')

    @staticmethod
    def tpdu(pdu):
        return len(pdu) // 2 - 1

    def hook(self, modem, command):
        answer = self.more(modem, command) if self.more else None
        if answer is not None:
            return answer
        if found := re.match(r'AT\+CPMS="(..)"', command):
            self.memory = found[1]
            used = sum(m == self.memory for m, _ in self.slots)
            return [f"+CPMS: {used},{self.total},{used},{self.total},{used},{self.total}", "OK"]
        if command == "AT+CMGL=4":
            return [line for (memory, index), (stat, pdu) in sorted(self.slots.items()) if memory == self.memory
                    for line in (f"+CMGL: {index},{stat},,{self.tpdu(pdu)}", pdu)] + ["OK"]
        if found := re.match(r"AT\+CMGR=(\d+)", command):
            return self.answer_read(self.memory, int(found[1]))
        if found := re.match(r"AT\+CMGD=(\d+)", command):
            self.deleted.append((self.memory, int(found[1])))
            self.slots.pop((self.memory, int(found[1])), None)
            return ["OK"]
        return None

    def answer_read(self, memory, index):
        self.read.append((memory, index))
        if (memory, index) not in self.slots:
            return ["+CMS ERROR: 321"]
        stat, pdu = self.slots[memory, index]
        return [f"+CMGR: {stat},,{self.tpdu(pdu)}", pdu, "OK"]


@contextlib.contextmanager
def box_with(mailbox, keys="", **more):
    """A ready daemon on a scripted modem with these memories: yields (box, modem). It must end well."""
    modem = Modem(mailbox.hook)
    with on_modem(modem, keys, enrolled=False, **more) as box:
        yield box, modem


def control(box, method, path, body=None):
    """(status, JSON) of the control socket."""
    answer = box.control_request(method, path, body)
    return answer.status, answer.json


def inbox(box):
    """Newest first."""
    return box.get("/v1/buzon").json["mensajes"]


def texts(box):
    """Oldest first."""
    return [m["texto"] for m in reversed(inbox(box))]
