# SPDX-License-Identifier: EUPL-1.2
"""The PIN of the SIM card: given once, and a wrong one never twice (MODEMS 1 #10). What each family's cards and modems make of
it: unit/test_house_card."""

import contextlib

from box import Sim, clock_env, eventually, folder, running
from driven import DrivenBox
from town import modem_of

PIN, WRONG = "7391", "1234"
ICCID = "8934001234567890127"  # of the simulated card


def tape_of(box):
    return box.folder / "cinta"


def pin_key(box_folder, pin):
    return f'pin_sim = "{pin}" cinta = "{box_folder}/cinta"'


def tries(box):
    """How often a PIN was given to the card: the byte tape shows the command, never the digits."""
    tape = tape_of(box).read_text()
    assert PIN not in tape.split('"') and WRONG not in tape.split('"'), tape
    return tape.count("> AT+CPIN=")


def ready(box):
    box.until(lambda: box.get("/readyz").status == 200)


def blocked(box, *words, state="sim_pin"):
    detail = box.until(lambda: (seen := modem_of(box))["estado"] == state and seen)["detalle"]
    assert all(w in detail for w in words), detail
    assert box.get("/healthz").status == 200 and box.get("/readyz").status == 503


@contextlib.contextmanager
def locked_card(pin, more=""):
    """A card that asks for PIN, and a daemon that was told `pin`."""
    with folder() as path:
        sim = Sim(path, "pty", "--pin", PIN, env=clock_env(path / "clock", CC_CLOCK_TRUE="1"))
        box = DrivenBox(path, sim.device, modem=pin_key(path, pin) + more)
        box.modems = [sim]
        try:
            box.start(ready=False).client()
            yield box, sim
            assert box.stop() == 0
        except BaseException:
            print(box.program.log()[-3000:])
            raise
        finally:
            if box.program.running():
                box.stop()
            sim.stop()


def replug(box, sim):
    """Until the daemon has met it: what is told of the card behind this is told anew."""
    before = modem_of(box)["perdidas"]
    sim.ask(cmd="vanish", ms=50)
    eventually(lambda: modem_of(box)["perdidas"] > before)


def test_the_right_pin():
    with locked_card(PIN, f' iccid_sim = "{ICCID}"') as (box, sim):
        ready(box)
        assert tries(box) == 1
        assert ICCID not in box.get("/v1/estado").text and modem_of(box)["iccid"].endswith(ICCID[-3:]), modem_of(box)
        replug(box, sim)  # the card asks anew, and gets it anew
        box.until(lambda: tries(box) == 2)
        ready(box)


def test_the_right_pin_of_another_card():
    with locked_card(PIN, f' iccid_sim = "{ICCID[:-1]}8"') as (box, sim):
        blocked(box, "Ponga la suya", state="sim_otra")
        assert tries(box) == 0 and ICCID not in box.get("/v1/estado").text


def test_a_wrong_pin_is_tried_once_ever():
    with locked_card(WRONG) as (box, sim):
        blocked(box, "cambie pin_sim")
        assert "no acepta el PIN" in box.program.log(), box.program.log()  # in the status for the 2 s until it looks again
        assert tries(box) == 1
        replug(box, sim)
        blocked(box, "no se repetirá", "pin_sim")
        assert box.stop() == 0
        box.start(ready=False)
        blocked(box, "ya se probó", "pin_sim")
        assert tries(box) == 1
        assert sim.ask(cmd="state")["pin_left"] == 2


def test_the_pin_corrected_in_the_configuration():
    with locked_card(WRONG) as (box, sim):
        blocked(box, "pin_sim")
        assert box.stop() == 0
        box.write_conf(sim.device, modem=pin_key(box.folder, PIN))
        box.start(ready=False)
        ready(box)
        assert tries(box) == 2
        assert sim.ask(cmd="state")["pin_left"] == 3, "a right one restores the counter"


def test_the_last_try_is_left_to_a_person():
    with locked_card(WRONG) as (box, sim):
        blocked(box, "pin_sim")
        sim.ask(cmd="fault", fault="pin-counter:1")
        replug(box, sim)
        blocked(box, "un solo intento", "teléfono")
        assert sim.ask(cmd="state")["pin_left"] == 1 and sim.ask(cmd="state")["pin"] == "SIM PIN"


def test_no_pin_in_the_configuration():
    with locked_card("") as (box, sim):
        blocked(box, "pide PIN", "Escríbalo en pin_sim")
        assert tries(box) == 0


def test_a_blocked_card():
    with locked_card(PIN) as (box, sim):
        ready(box)
        sim.ask(cmd="fault", fault="pin-counter:0")
        replug(box, sim)
        blocked(box, "PUK", "Desbloquéela", state="sim_puk")
        assert tries(box) == 1


def test_a_card_that_cannot_send_is_not_called_what_it_was_before():
    with running(options=("--fault", "no-sim"), ready=False, kind=DrivenBox, true_network=True) as (box, sim):
        blocked(box, "Ponga una SIM", state="sim_falta")
        sim.ask(cmd="clear-faults")
        replug(box, sim)
        ready(box)
        sim.ask(cmd="fault", fault="cms:330")
        box.ask_pin()
        blocked(box, "CMS 330", "centro de mensajes", state="sim_bloqueada")
