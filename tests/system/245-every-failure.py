# SPDX-License-Identifier: EUPL-1.2
"""What modems are known to do wrong, each with its expected outcome: those that no other file has (tests/README.md)."""

import concurrent.futures
import time

from box import SLOW, code_of, eventually, running
from town import NO_LIMITS, at_once, messages, modem_of, reach, states

DEADLINE_S = 15  # a tenth of the real one
REPLACE_TYPE_1 = 0x41


def asked(sim, command):
    return sim.ask(cmd="state")["by_command"].get(command, 0)


def arm(sim, *faults):
    for fault in faults:
        assert sim.ask(cmd="fault", fault=fault)["ok"], fault


def at_the_first_try(sim, box, number=1):
    assert len(sim.inbox()) == number, sim.inbox()
    assert {m["intentos"] for m in messages(box)} == {1}, messages(box)


# ---- slow is not dead ---------------------------------------------------------------------------


def answers_after(seconds, keys=""):
    """Later than any, and all the same sent, once; the next one waits for it."""
    with running(limits=NO_LIMITS, modem=keys) as (box, sim):
        arm(sim, f"final-late:{int(seconds * 1000)}")
        began = time.monotonic()
        box.ask_pin()
        box.ask_pin()
        eventually(sim.inbox)
        assert states(box)[0] == "enviando" and len(sim.inbox()) == 1, messages(box)
        reach(box, "entregado", "entregado", seconds=seconds + 5)
        assert time.monotonic() - began >= seconds
        at_the_first_try(sim, box, 2)
        assert modem_of(box)["inciertos"] == 0 and asked(sim, "+CFUN") <= 1


def answers_too_late():
    """Beyond the deadline nobody knows, until its report tells; it does not go again."""
    keys = f"plazo_envio_s = {SLOW}"
    with running(limits=NO_LIMITS, modem=keys, extra=f"espera_informe_s = {10 * SLOW}") as (box, sim):
        arm(sim, f"final-late:{2500 * SLOW}")
        box.ask_pin()
        reach(box, "incierto")
        reach(box, "entregado")
        at_the_first_try(sim, box)
        box.ask_pin()
        reach(box, "entregado", "entregado")
        at_the_first_try(sim, box, 2)


def prompts_after_8_s():
    with running(limits=NO_LIMITS) as (box, sim):
        arm(sim, "prompt-late:8000")
        box.ask_pin()
        reach(box, "entregado", seconds=15)
        at_the_first_try(sim, box)
        assert modem_of(box)["perdidas"] == 0 and asked(sim, "+CMGS") == 1


def test_slow_is_not_dead():
    """23 s and a prompt after 8 s as they are; 60 and 135 s of 150 in tenths."""
    tenths = f"plazo_envio_s = {DEADLINE_S * SLOW}"
    at_once((answers_after, 23), (answers_after, 6, tenths), (answers_after, 13.5, tenths), (answers_too_late,),
            (prompts_after_8_s,))


# ---- what the network and the modem refuse ------------------------------------------------------


def not_known_but_delivered(code):
    with running(limits=NO_LIMITS, extra=f"espera_informe_s = {10 * SLOW}") as (box, sim):
        sim.ask(cmd="set", report_latency_s=2)
        arm(sim, f"cms-after:{code}")
        box.ask_pin()
        reach(box, "incierto")
        assert messages(box)[0]["causa"] == f"CMS {code}", messages(box)
        reach(box, "entregado")
        at_the_first_try(sim, box)


def not_known_and_lost(code):
    """No report: once its window closes the same contraclave goes once more."""
    with running(limits=NO_LIMITS, extra=f"espera_informe_s = {SLOW}") as (box, sim):
        arm(sim, f"cms:{code}")
        box.ask_pin()
        reach(box, "incierto")
        reach(box, "entregado")
        assert messages(box)[0]["intentos"] == 2 and len(sim.inbox()) == 1, messages(box)
        message = sim.inbox()[0]
        assert message["pid"] == REPLACE_TYPE_1 and box.verify(code_of(message))["resultado"] == "correcto"


def test_codes_that_leave_it_open():
    at_once(*((not_known_but_delivered, code) for code in (332, 350, 500)),
            *((not_known_and_lost, code) for code in (332, 350, 500)))


def test_a_modem_that_is_receiving_another():
    """CMS 512 and its like: the same message soon again, and no blame."""
    with running(limits=NO_LIMITS) as (box, sim):
        for n, fault in enumerate(("cms:512*2", "cms:314", "cms:532"), 1):
            arm(sim, fault)
            began = time.monotonic()
            box.ask_pin()
            reach(box, *["entregado"] * n)
            assert time.monotonic() - began < 5 * SLOW, fault
            at_the_first_try(sim, box, n)
        assert sim.ask(cmd="state")["refused"] == 4


def test_a_full_memory_refuses():
    """CMS 322: it is emptied, and then the message goes; one that stays full makes it wait."""
    with running(limits=NO_LIMITS) as (box, sim):
        eventually(lambda: asked(sim, "+CMGL") >= 2)
        arm(sim, "storage-fill", "cms:322")
        began = time.monotonic()
        box.ask_pin()
        eventually(lambda: asked(sim, "+CMGD") >= 30)
        reach(box, "entregado")
        assert time.monotonic() - began < 5 * SLOW
        at_the_first_try(sim, box)
        before = asked(sim, "+CMGL")
        arm(sim, "cms:322*")
        box.ask_pin()
        eventually(lambda: sim.ask(cmd="state")["refused"] == 3)
        eventually(lambda: asked(sim, "+CMGL") > before)
        time.sleep(2 * SLOW)  # it must stay away for 15 s now
        assert sim.ask(cmd="state")["refused"] == 3 and states(box) == ["entregado", "en_cola"], messages(box)


# ---- words in the wrong places ------------------------------------------------------------------


def test_events_in_every_place():
    table = (["ring-pdu"], ["urc-noise*3"], ["ring-pdu", "urc-noise*3"], ["ring-pdu", "crlf-double:500"],
             ["ring-pdu", "echo-off:500"], ["ring-pdu", "prompt-bare", "report-early"])
    with running(limits=NO_LIMITS) as (box, sim):
        for n, faults in enumerate(table, 1):
            arm(sim, *faults)
            box.ask_pin()
            reach(box, *["entregado"] * n)
            at_the_first_try(sim, box, n)
            assert "ring-pdu" not in [f["name"] for f in sim.ask(cmd="state")["faults"]], "it rang"
            sim.ask(cmd="clear-faults")
        assert modem_of(box)["perdidas"] == 0 and modem_of(box)["basura"] == 0, modem_of(box)


def test_commands_that_it_does_not_have():
    """COMMAND NOT SUPPORT to all that it can do without."""
    optional = ("+CSMS", "+CPMS", "+CGREG", "+CEREG", "+CESQ", "+COPS", "+CCLK", "+CSCA", "+CGSMS", "+CTZU", "+CRSM", "+CPINR",
                "+CGMR", "+CGSN", "+CMMS", "+CMGL")
    options = [word for name in optional for word in ("--fault", f"not-supported:{name}")]
    with running(options=options, limits=NO_LIMITS) as (box, sim):
        box.ask_pin()
        reach(box, "entregado")
        at_the_first_try(sim, box)


# ---- the card's PIN -----------------------------------------------------------------------------


def pin_told(box, sim, pin, *words, state="sim_pin"):
    """The daemon is started with that PIN, and says so of the card."""
    box.write_conf(sim.device, modem=f'pin_sim = "{pin}"')
    box.start(ready=False)
    eventually(lambda: modem_of(box)["estado"] == state and all(word in modem_of(box)["detalle"] for word in words))
    assert box.stop() == 0


def test_two_wrong_pins_and_no_third():
    """The counter goes from 3 to 1 by two that people wrote; the last try is theirs, and so is the PUK after it."""
    with running(options=("--pin", "7391"), modem='pin_sim = "1111"', ready=False, enrolled=False) as (box, sim):
        eventually(lambda: "no acepta el PIN" in modem_of(box)["detalle"])
        assert box.stop() == 0 and sim.ask(cmd="state")["pin_left"] == 2
        pin_told(box, sim, "2222", "no acepta el PIN")
        assert sim.ask(cmd="state")["pin_left"] == 1
        pin_told(box, sim, "7391", "un solo intento", "teléfono")
        assert sim.ask(cmd="state")["pin_left"] == 1
        arm(sim, "pin-counter:0")
        pin_told(box, sim, "7391", "PUK", "Desbloquéela", state="sim_puk")
        assert sim.ask(cmd="state")["pin_left"] == 0


# ---- starts, networks, and lines that break -----------------------------------------------------


def busy_after_a_restart(code):
    with running(limits=NO_LIMITS) as (box, sim):
        arm(sim, f"cme-after-cfun:{2000 * SLOW}:{code}")
        box.ctl("modem", "reinicia")
        eventually(lambda: not modem_of(box)["listo"])
        restarted = time.monotonic()
        box.ask_pin()
        reach(box, "entregado", seconds=15)
        assert time.monotonic() - restarted > 1.5 * SLOW
        at_the_first_try(sim, box)
        assert asked(sim, "+CFUN") == 1 and modem_of(box)["estado"] == "listo", modem_of(box)


def test_busy_after_a_restart():
    at_once((busy_after_a_restart, 14), (busy_after_a_restart, 515))


def test_networks_that_carry_messages_all_the_same():
    """Registered for SMS only; refused by the old network and taken by LTE."""
    with running(limits=NO_LIMITS) as (box, sim):
        for n, (faults, stat) in enumerate(((["creg:6"], 6), (["creg:3", "cereg:1"], 1)), 1):
            arm(sim, *faults)
            eventually(lambda stat=stat: modem_of(box)["listo"] and modem_of(box)["registro_red"] == stat)
            box.ask_pin()
            reach(box, *["entregado"] * n)
        arm(sim, "creg:3")
        eventually(lambda: not modem_of(box)["listo"] and "rechaza esta SIM" in modem_of(box)["detalle"])
        box.ask_pin()
        time.sleep(0.3 * SLOW)
        assert states(box) == ["entregado", "entregado", "en_cola"]


def test_gone_while_the_pdu_is_typed():
    """It may have left, for all that the daemon knows; it had not, and arrives once."""
    with running(limits=NO_LIMITS, extra=f"espera_informe_s = {SLOW}") as (box, sim):
        arm(sim, "vanish-entry:300")
        box.ask_pin()
        reach(box, "incierto")
        reach(box, "entregado")
        assert len(sim.inbox()) == 1 and modem_of(box)["perdidas"] == 1
        assert box.verify(code_of(sim.inbox()[0]))["resultado"] == "correcto"
