# SPDX-License-Identifier: EUPL-1.2
"""A modem that talks nonsense: counted, told once a kind, and never an outcome that is not true."""

import concurrent.futures
import contextlib
import os
import random
import re
import time

from box import PHONE, SLOW, code_of, eventually, on_modem, running
from mailbox import deliver, report, texts
from scripted import PDU, PROMPT, Modem
from town import NO_LIMITS, at_once, messages, modem_of, reach, states

ANA, BEA = "+34711222333", "+34744999000"
MANY = 300  # lines of a flood
FEW = 12  # lines of the log that it may cost
ONCE = "no se repetirá este aviso"
QUICK = f"plazo_envio_s = {SLOW} plazo_aviso_s = {SLOW}"


def box_on(modem, ready=True, **more):
    return on_modem(modem, QUICK, ready, limits=NO_LIMITS, **more)


def said(box):
    """What the log says of the modem; messages that can be read are no nonsense."""
    return [line for line in box.program.log().split("\n") if "módem " in line and "SMS recibido" not in line]


def settles(modem):
    """Its first round of questions is over: what comes now comes by itself."""
    eventually(lambda: "AT+C5GREG?" in modem.commands[:modem.answered])


def counted(box, before, number):
    try:
        eventually(lambda: modem_of(box)["basura"] - before >= number)
    except AssertionError:
        raise AssertionError((number, modem_of(box)["basura"] - before)) from None


# ---- floods on an idle line ---------------------------------------------------------------------

CUT_REPORT = report(PHONE, 1)[:-6]
CUT_MESSAGE = deliver(ANA, "Esto llega cortado")[:-8]
NOISE = bytes(b for b in range(256) if b not in b"\r\n\x1a\x1b")
# What comes again and again, how often it counts each time, and what the log says of it.
KINDS = {
    "rubbish": (NOISE, 1, "no son texto"),
    "NULs": (b"\0" * 500, 1, "no son texto"),
    "64 KiB without an end": (b"x" * 65536, 1, "no acaban"),
    "a report without its second line": (b"+CDS: 25\r\n\r\nRING", 1, "a medias"),
    "a message without its second line": (b"+CMT: ,25\r\n\r\nRING", 1, "a medias"),
    "a second line that is no PDU": (b"+CDS: 25\r\nhola, 00", 1, "a medias"),
    "half a report": (f"+CDS: 25\r\n{CUT_REPORT}".encode(), 1, "informe de entrega que no se puede leer"),
    "an odd digit of a report": (f"+CDS: 25\r\n{CUT_REPORT}0".encode(), 1, "informe de entrega que no se puede leer"),
    "no report at all": (f"+CDS: 25\r\n{'F' * 900}".encode(), 1, "informe de entrega que no se puede leer"),
    "half a message": (f"+CMT: ,25\r\n{CUT_MESSAGE}".encode(), 1, "SMS que no se puede leer"),
    "an odd digit of a message": (f"+CMT: ,25\r\n{CUT_MESSAGE}0".encode(), 1, "SMS que no se puede leer"),
    "a registration beyond all numbers": (b"+CREG: 99999999999\r\n+CEREG: -1\r\n+CGREG: uno", 3, "estado de la red"),
    "replies to nobody": (b"+CMGS: 7\r\nOK\r\n+CMS ERROR: 38\r\n+CME ERROR: 10\r\nERROR", 5, "no se le han dado"),
    "a memory that is a command": (b'+CMTI: "\';",3', 1, "una memoria que no existe"),
}


def flood(name):
    piece, number, words = KINDS[name]
    times = MANY if len(piece) < 10000 else 20
    modem = Modem()
    with box_on(modem) as box:
        settles(modem)
        before, log = modem_of(box)["basura"], len(said(box))
        for _ in range(times):
            modem.client.sendall(b"\r\n" + piece + b"\r\n")
        modem.client.sendall(b"\r\nRING\r\n")
        counted(box, before, times * number)
        told = said(box)
        assert len(told) - log <= FEW, told[log:]
        assert sum(words in line and ONCE in line for line in told) == 1, (words, told[log:])
        assert modem_of(box)["listo"] and modem.connections == 1 and not modem.pdus
        box.ask_pin()
        reach(box, "enviado")
        modem.report(1)
        reach(box, "entregado")
        assert len(modem.pdus) == 1 and texts(box) in ([], ["Esto llega co"])  # once, as far as it can be read


def flood_test(name):
    return lambda: flood(name)


for _name in KINDS:
    globals()["test_" + re.sub(r"\W", "_", _name).lower()] = flood_test(_name)


def test_an_answer_that_does_not_end():
    modem = Modem(lambda modem, command: ["+CPMS: y más"] * 2000 + ["OK"] if command == "AT+CPMS?" else None)
    with box_on(modem) as box:
        counted(box, 0, 1900)
        assert len([line for line in said(box) if "mucho más" in line]) == 1
        box.ask_pin()
        reach(box, "enviado")


def test_nothing_but_noise_and_then_a_modem():
    """As at the wrong speed: no answer can be read, until it can."""
    modem = Modem(lambda modem, command: ["\x80\xff\x00~\x7f\xfe" * 4])
    with box_on(modem, ready=False) as box:
        counted(box, 0, 3)
        assert not modem_of(box)["listo"]
        box.ask_pin()
        modem.hook = None
        reach(box, "enviado")
        assert len(modem.pdus) == 1 and sum(ONCE in line for line in said(box)) == 1


# ---- at random ----------------------------------------------------------------------------------


def seeded():
    seed = int(os.environ.get("SEED", "240"))
    print(f"SEED={seed}")  # shown if the test fails
    return random.Random(seed)


# Whole ones, none of them about the messages that are sent here.
LINES = [f"+CDS: 25\r\n{report(ANA, 1)}", f"+CDS: 25\r\n{report(BEA, 2, 0x46)}", f"+CMT: ,30\r\n{deliver(ANA, 'hola')}",
         f"+CMT: ,60\r\n{deliver(ANA, 'una parte', concat=(5, 3, 1))}", '+CMTI: "SM",3', '+CDSI: "SR",8', "+CREG: 1",
         '+CREG: 1,"00A1","0000F3B0",7', '+CEREG: 1,"00A1","0000F3B0",7', "+CUSD: 0,\"hola\",15", "^RSSI:25", "+CSQ: 20,99",
         '+CPMS: 3,30,3,30,3,30', '+CCLK: "26/08/14,12:34:56+08"', "RING", "+CLIP: \"600\",129", "NO CARRIER", "+CMGR: 0,,24",
         "+CMGL: 1,0,,24", "AT+CMGS=25", "+CPIN: READY", '+COPS: 0,0,"Red",7', "^SMMEMFULL: \"SM\"", "+CMGS", "OK?", "0", "4"]
# Nobody could tell these from the real ones; and a restart that it tells is taken for one.
FORGERY = re.compile(rb"^ *(OK|ERROR|TOO MANY|COMMAND NOT|\+CM[ES] ERROR:|\+CMGS:|RDY|\^SYSSTART)", re.MULTILINE)


def mutant(chance):
    """A line with something wrong in it, in bytes; line ends may be part of it."""
    line = bytearray(chance.choice(LINES).encode())
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(line) + 1)
        what = chance.randrange(6)
        if what == 0:
            del line[at:]
        elif what == 1:
            del line[at:at + chance.randrange(1, 5)]
        elif what == 2:
            line[at:at] = chance.randbytes(chance.randrange(1, 9))
        elif what == 3:
            line[at:at + 1] = bytes([chance.randrange(256)])
        elif what == 4:
            line[at:at] = str(chance.choice((-1, 99999999999, 256, "FFFF", '"', ",,,"))).encode()
        else:
            line += chance.choice(LINES).encode() * chance.randrange(1, 40)
    if FORGERY.search(bytes(line).replace(b"\r", b"\n")):
        return mutant(chance)
    return bytes(line)


def test_mutants_at_an_idle_modem():
    chance = seeded()
    modem = Modem()
    with box_on(modem) as box:
        settles(modem)
        for _ in range(600):
            with contextlib.suppress(OSError):
                modem.client.sendall(b"\r\n" + mutant(chance) + b"\r\n")
        modem.client.sendall(b'\r\n"\r\n+CREG: 1\r\n')
        eventually(lambda: modem_of(box)["basura"] >= 100)
        told = [line for line in said(box) if ONCE in line]
        assert len(told) == len(set(line.split("módem", 1)[1] for line in told)), told
        assert modem_of(box)["perdidas"] == 0 and not modem.pdus and states(box) == []
        box.wait("/readyz")
        box.ask_pin()
        reach(box, "enviado")
        modem.report(1)
        reach(box, "entregado")


def test_mutants_at_a_modem_that_sends():
    """In all places of each message; it goes once, and what is told of it is what became of it."""
    chance = seeded()
    number = 25

    def strew(modem):
        for _ in range(chance.randrange(12)):
            modem.client.sendall(b"\r\n" + mutant(chance) + b"\r\n")

    def hook(modem, command):
        if command.startswith("AT+CMGS="):
            strew(modem)
            return [PROMPT]
        if command == PDU:
            strew(modem)
            return [f"+CMGS: {len(modem.pdus)}", "OK"]
        return None
    modem = Modem(hook)
    with box_on(modem) as box:
        for n in range(number):
            box.ask_pin()
            eventually(lambda n=n: len(modem.pdus) == n + 1, 15)
        reach(box, *["enviado"] * number)
        assert [m["intentos"] for m in messages(box)] == [1] * number, messages(box)
        for n in range(1, number + 1):
            modem.report(n)
        reach(box, *["entregado"] * number)
        assert len(modem.pdus) == number and modem_of(box)["perdidas"] == 0, modem_of(box)


# ---- outcomes that somebody else's word must not decide -----------------------------------------


def a_reference_before_the_prompt_and_a_bare_ok():
    modem = Modem()
    modem.hook = lambda m, c: ["+CMGS: 7", PROMPT] if c.startswith("AT+CMGS=") else ["OK"] if c == PDU else None
    with box_on(modem) as box:
        box.ask_pin()
        reach(box, "incierto")
        modem.report(1)
        reach(box, "entregado")
        assert len(modem.pdus) == 1


def two_references():
    modem = Modem(lambda m, c: ["+CMGS: 7", "+CMGS: 1", "OK"] if c == PDU else None)
    with box_on(modem) as box:
        box.ask_pin()
        reach(box, "enviado")
        modem.report(1)
        reach(box, "entregado")


def a_reference_beyond_all_numbers():
    modem = Modem(lambda m, c: ["+CMGS: 99999999999", "OK"] if c == PDU else None)
    with box_on(modem) as box:
        box.ask_pin()
        reach(box, "enviado")
        modem.report(77)
        reach(box, "entregado")


def replies_to_nobody_are_not_the_next_ones():
    modem = Modem()
    with box_on(modem) as box:
        modem.report(7)
        modem.say("+CMGS: 7", "OK")
        modem.hook = lambda m, c: [] if c == PDU else None
        box.ask_pin()
        eventually(lambda: modem.pdus)
        modem.say("+CMTI: \"SM\",3")
        reach(box, "incierto")
        modem.report(1, number="34711222333")  # another one's
        time.sleep(0.3 * SLOW)
        assert states(box) == ["incierto"]
        modem.report(1)
        reach(box, "entregado")


def test_words_that_decide_nothing():
    at_once((a_reference_before_the_prompt_and_a_bare_ok,), (two_references,), (a_reference_beyond_all_numbers,),
            (replies_to_nobody_are_not_the_next_ones,))


def test_what_the_network_says_by_itself_swallows_nothing():
    """An answer to a balance that nobody asked for, with a quote that never closes."""
    modem = Modem()
    with box_on(modem) as box:
        settles(modem)
        modem.say('+CUSD: 0,"Su saldo')
        modem.say("+CREG: 2")
        eventually(lambda: not modem_of(box)["listo"])
        modem.say("+CREG: 1")
        eventually(lambda: modem_of(box)["listo"])


# ---- the simulated modem's nonsense -------------------------------------------------------------


def test_a_message_through_each_kind_of_nonsense():
    table = ("garbage*5", "garbage:5000", "nuls:4096*3", "garbage-line*3", "stray-reply", "absurd*20")
    with running(limits=NO_LIMITS, modem=QUICK) as (box, sim):
        for n, fault in enumerate(table, 1):
            assert sim.ask(cmd="fault", fault=fault)["ok"], fault
            box.ask_pin()
            try:
                eventually(lambda n=n: states(box) == ["entregado"] * n)
            except AssertionError:
                raise AssertionError((fault, messages(box), sim.inbox()[n - 1:])) from None
            sim.ask(cmd="clear-faults")
        assert len(sim.inbox()) == len(table) and {m["intentos"] for m in messages(box)} == {1}, messages(box)
        assert modem_of(box)["basura"] >= 3 and modem_of(box)["perdidas"] == 0, modem_of(box)
        assert box.verify(code_of(sim.inbox()[-1]))["resultado"] == "correcto"


def test_half_a_report_says_nothing():
    with running(limits=NO_LIMITS, modem=QUICK) as (box, sim):
        sim.ask(cmd="fault", fault="half-pdu")
        box.ask_pin()
        eventually(lambda: modem_of(box)["basura"] == 1)
        reach(box, "enviado")
        box.ask_pin()
        reach(box, "enviado", "entregado")
        assert len(sim.inbox()) == 2
