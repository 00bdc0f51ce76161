# SPDX-License-Identifier: EUPL-1.2
"""The message centre, given by a person: written to the SIM, read back, kept."""

import concurrent.futures

from box import eventually, on_modem, running
from driven import DrivenBox
from scripted import Modem

OURS = "+34609090909"
OTHERS = "+34600000000"


class Card:
    """A card whose message centre is kept, refused, or lost as soon as it is written; the hook of a modem."""

    def __init__(self, smsc="", how="kept"):
        self.smsc, self.how = smsc, how

    def __call__(self, modem, command):
        if command == "AT+CSCA?":
            return [f'+CSCA: "{self.smsc}",145', "OK"]
        if command.startswith("AT+CSCA="):
            if self.how == "mute":
                return []
            if self.how == "refused":
                return ["+CMS ERROR: 302"]
            if self.how == "kept":
                self.smsc = command.split('"')[1]
            return ["OK"]
        return None


def give(box, number, name="principal"):
    return box.control_request("POST", f"/v1/modems/{name}/centro", {"numero": number})


def told(box, name="principal"):
    return box.control_request("GET", f"/v1/modems/{name}/centro").json


def ends(box, state):
    box.until(lambda: told(box)["estado"] == state)
    return told(box)


def happened(box):
    events = box.control_request("GET", "/v1/estado/eventos?desde=2020-01-01T00:00:00Z").json["sucesos"]
    return [event["suceso"] for event in events]


def cause(box):
    return box.status()["veredicto"]["causa"]


def test_a_card_without_a_centre_gets_one_and_keeps_it():
    modem = Modem(Card())
    with on_modem(modem, kind=DrivenBox) as box:
        box.until(lambda: cause(box) == "sin_centro")
        assert "Poner el centro de mensajes" in box.status()["veredicto"]["que_hacer"]
        assert told(box)["estado"] == "sin_poner"
        answer = give(box, "+34 609 090 909")
        assert answer.status == 202 and answer.json["estado"] in ("escribiendo", "puesto"), answer.text
        assert ends(box, "puesto")["centro_mensajes"] == OURS
        assert modem.count("AT+CSCA=") == 1 and f'AT+CSCA="{OURS}",145' in modem.commands
        box.until(lambda: cause(box) == "")
        assert box.status()["modems"][0]["centro_mensajes"] == OURS
        assert [row[0].split(":")[0] for row in box.rows("SELECT actor FROM audit WHERE event = 'modem_centro'")] == ["control"]
        box.until(lambda: "centro_puesto" in happened(box))
        assert box.stop() == 0
        box.start()
        box.until(lambda: box.status()["modems"][0]["centro_mensajes"] == OURS)
        assert modem.count("AT+CSCA=") == 1, "the card has it"


def test_a_card_that_was_blocked_for_its_centre_is_tried_again():
    with running(kind=DrivenBox, true_network=True) as (box, sim), concurrent.futures.ThreadPoolExecutor(1) as beside:
        sim.ask(cmd="fault", fault="cms:330")
        box.ask_pin()
        box.until(lambda: cause(box) == "sin_centro")
        sim.ask(cmd="clear-faults")
        done = beside.submit(box.ctl, "modem", "centro", OURS)
        box.until(done.done)
        assert f"Puesto: la SIM tiene el centro de mensajes {OURS}." in done.result().stdout, done.result().stdout
        box.until(lambda: box.status()["cola"]["entregado"] == 1)


def test_a_card_that_does_not_keep_it_or_does_not_answer():
    for how, error in (("refused", "centre_refused"), ("lost", "centre_refused"), ("mute", "no_answer")):
        modem = Modem(Card(OTHERS, how))
        with on_modem(modem, kind=DrivenBox) as box:
            assert give(box, OURS).status == 202
            answer = ends(box, "fallido")
            assert answer["error"] == error and answer["error_texto"], (how, answer)
            modem.hook.how = "kept"
            box.until(lambda: give(box, OURS).status == 202)
            ends(box, "puesto")


def test_what_may_not_be_asked():
    with running(enrolled=False) as (box, sim):
        for bad in ("609090909", "+34", "", "+34 6090x", "+0123456789", "+1234567890123456"):
            answer = give(box, bad)
            assert answer.status == 422 and answer.json["campo"] == "numero", (bad, answer.text)
        assert give(box, OURS, "otro").status == 404
        assert box.post("/v1/modems/principal/centro", {"numero": OURS}).status == 403
        sim.ask(cmd="vanish", ms=5000)
        eventually(lambda: give(box, OURS).status == 503)
    with running(enrolled=False, kind=DrivenBox, true_network=True, modem=f'centro_mensajes = "{OTHERS}"') as (box, sim):
        answer = give(box, OURS)
        assert answer.status == 409 and answer.json["type"] == "centre_fixed" and "centro_mensajes" in answer.text, answer.text
        assert give(box, OTHERS).status == 202
        ends(box, "puesto")
