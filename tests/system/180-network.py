# SPDX-License-Identifier: EUPL-1.2
"""What an idle modem is asked, what the status shows of it, the history; and that a message always goes first."""

import datetime
import json
import threading
import time
import urllib.parse

from box import SLOW, on_modem, patience, running
from driven import DrivenBox
from mailbox import control
from scripted import Modem
from town import NO_LIMITS, at_once, modem_of, states

OURS, OTHERS = "+34607003110", "+34600000000"
LAST_QUESTION = "AT+CEREG?"


def box_on(modem, keys=""):
    def driven(*args, **more):
        box = DrivenBox(*args, **more)
        modem.now = box.now
        return box
    return on_modem(modem, keys, limits=NO_LIMITS, kind=driven)


def told(**answers):
    """A hook: COPS="+COPS: 0" is what AT+COPS? and AT+COPS are answered; a list is taken as it is."""
    def hook(modem, command):
        answer = answers.get(command.removeprefix("AT+").removesuffix("?"))
        return [answer, "OK"] if isinstance(answer, str) else answer
    return hook


def shows(box, **wanted):
    def shown():
        return all(modem_of(box)[key] == value for key, value in wanted.items())
    try:
        box.until(shown, 15)
    except AssertionError:
        raise AssertionError((wanted, modem_of(box))) from None


def says(box, *words):
    try:
        box.until(lambda: all(word in modem_of(box)["detalle"] for word in words), 15)
    except AssertionError:
        raise AssertionError((words, modem_of(box))) from None


def round_ends(box, number=1):
    """The history has that many points, of rounds that ended."""
    box.until(lambda: sum(row[1] for row in history(box).json["filas"]) >= number, 15)


def history(box, name="principal", **more):
    return box.get(f"/v1/modems/{name}/historia?" + urllib.parse.urlencode(more))


# ---- what is shown ------------------------------------------------------------------------------


def test_the_status_tells_the_network():
    with running() as (box, sim):
        shows(box, operador="Red Simulada", red="4G", registro_red=1, itinerancia=False, area=0xA1, celda=0xF3B0,
              senal_dbm=-73, memoria_usada=0, servicio_sms="circuitos", centro_mensajes="+34600000000", basura=0)
        seen = modem_of(box)
        assert -140 <= seen["rsrp_dbm"] <= -44 and -20 <= seen["rsrq_db"] <= -3, seen
        assert abs(seen["reloj_red_s"]) <= 1 and seen["ims"] is None and seen["peldano"] == "", seen
        assert seen["imei"].count("*") == 7 and seen["iccid"].count("*") >= 7, seen
        whole = box.status()
        assert whole["aviso_reloj"] == "" and whole["reloj_fiable"], whole
        told_by_ctl = json.loads(box.ctl("--json", "estado").stdout)
        assert told_by_ctl["modems"][0]["operador"] == "Red Simulada"


def registration(hook, **wanted):
    modem = Modem(hook)
    with box_on(modem) as box:
        shows(box, **wanted)
        box.ask_pin()
        box.until(lambda: states(box) == ["enviado"])


def test_whoever_can_send_is_ready():
    registration(told(CREG="+CREG: 2,3", CEREG='+CEREG: 2,1,"00B2","01AABBCC",7'),
                 registro_red=1, red="4G", area=0xB2, celda=0x1AABBCC, itinerancia=False)
    registration(told(CREG="+CREG: 0,6", CEREG="ERROR", CGREG=["ERROR"]), registro_red=6, itinerancia=False, area=None)
    registration(told(CREG='+CREG: 2,5,"1A2B","00FFEE01",2', COPS='+COPS: 0,0,"Otra",2'),
                 registro_red=5, red="3G", itinerancia=True, area=0x1A2B, operador="Otra")


def test_the_cell_of_an_event_and_a_network_that_goes():
    modem = Modem(told(CREG='+CREG: 2,1,"00A1","0F3B",0'))
    with box_on(modem) as box:
        shows(box, area=0xA1, red="2G")
        round_ends(box)
        modem.say('+CREG: 1,"00A2","0F3C",2')
        shows(box, area=0xA2, celda=0xF3C, red="3G", listo=True)
        modem.hook = told(CREG="+CREG: 2,2")
        modem.say("+CREG: 2")
        shows(box, listo=False, estado="buscando_red", registro_red=2)
        modem.hook = None
        modem.say("+CREG: 1")
        shows(box, listo=True)


# ---- what makes no sense ------------------------------------------------------------------------

ABSURD = {"CSQ": "+CSQ: 999999", "CESQ": "+CESQ: -1,x,,,9999999999999,7", "CPMS": '+CPMS: "SM",-5,20,"SM",-5,20,"SM",-5,20',
          "CCLK": '+CCLK: "99/99/99,99:99:99+99"', "CSCA": '+CSCA: "hola",145', "CGSMS": "+CGSMS: 77",
          "COPS": '+COPS: 0,0,"<b>\x07\x1b[2J{\\"x\\":1}",77', "CGREG": "+CGREG: 1,77", "CEREG": "+CEREG: 2,-5,99999999999"}


def test_absurd_numbers_are_no_readings():
    modem = Modem(told(**ABSURD))
    with box_on(modem) as box:
        box.until(lambda: LAST_QUESTION in modem.commands)
        round_ends(box)
        shows(box, senal_dbm=None, rsrp_dbm=None, memoria_usada=None, reloj_red_s=None, centro_mensajes="", operador="",
              servicio_sms=None, registro_red=1, listo=True, detalle="")
        assert modem_of(box)["basura"] >= len(ABSURD), modem_of(box)
        log = box.program.log()
        assert log.count("respuesta sin sentido a AT+CSQ\n") == 1 and "hola" not in log, log
        box.ask_pin()
        box.until(lambda: states(box) == ["enviado"])
        assert modem.connections == 1


def test_a_hostile_operator_is_harmless():
    modem = Modem(told(COPS='+COPS: 0,0,"<b>\x07{x}\\:1",0'))
    with box_on(modem) as box:
        shows(box, operador="<b>?{x}\\:1", red="2G")
        assert "\x07" not in box.ctl("estado").stdout


def mute(question):
    """Left out after the first time; the modem is used as before."""
    modem = Modem(told(**{question: []}))
    with box_on(modem) as box:
        box.until(lambda: f"AT+{question}?" in modem.commands or f"AT+{question}" in modem.commands, 20)
        box.until(lambda: modem.commands.count(LAST_QUESTION) == 1)
        shows(box, listo=True, detalle="")
        box.ask_pin()
        box.until(lambda: states(box) == ["enviado"])
        assert sum(c.rstrip("?") == f"AT+{question}" for c in modem.commands) == 1, modem.commands
        for starts, asked in ((2, 2), (3, 2)):  # it starts anew: once more, and then for good
            modem.drop()
            box.until(lambda n=starts: modem.commands.count(LAST_QUESTION) == n)
            assert sum(c.rstrip("?") == f"AT+{question}" for c in modem.commands) == asked, modem.commands


def refused(question):
    modem = Modem(told(**{question: ["+CME ERROR: 4"]}))
    with box_on(modem) as box:
        round_ends(box)
        shows(box, listo=True, detalle="", basura=0)
        assert modem.connections == 1 and modem.commands.count("AT") == 1


def test_a_question_that_is_refused_or_mute_harms_nobody():
    at_once((mute, "CESQ"), (mute, "CSQ"), (refused, "CESQ"), (refused, "COPS"), (refused, "CCLK"))


# ---- a message goes first -----------------------------------------------------------------------


def test_a_message_waits_for_one_question_at_most():
    is_asked = threading.Event()

    def hook(modem, command):
        if command == "AT+CESQ":
            is_asked.wait(patience() * SLOW)
    modem = Modem(hook)
    with box_on(modem) as box:
        box.until(lambda: "AT+CESQ" in modem.commands)
        box.ask_pin()
        before = len(modem.commands)
        is_asked.set()
        box.until(lambda: modem.count("AT+CMGS=") == 1)
        at = next(n for n, c in enumerate(modem.commands) if c.startswith("AT+CMGS="))
        assert LAST_QUESTION not in modem.commands[:at] and at <= before + 1, modem.commands
        box.until(lambda: LAST_QUESTION in modem.commands, 20)  # and the round goes on afterwards
        assert modem.commands.count("AT+CESQ") == 1


def test_nothing_but_messages_while_messages_wait():
    all_wait = threading.Event()

    def hook(modem, command):
        if command == "AT+COPS=3,0":
            all_wait.wait(patience() * SLOW)
    modem = Modem(hook)
    with box_on(modem) as box:
        box.until(lambda: "AT+COPS=3,0" in modem.commands)
        for _ in range(4):
            box.ask_pin()
        all_wait.set()
        box.until(lambda: states(box) == ["enviado"] * 4)
        sends = [n for n, c in enumerate(modem.commands) if c.startswith("AT+CMGS=")]
        assert len(sends) == 4 and sends[3] - sends[0] == 3, modem.commands[sends[0]:]


# ---- the message centre -------------------------------------------------------------------------


class Card:
    """A card with a message centre that may be written; the hook of a modem."""

    def __init__(self, smsc, writable=True):
        self.smsc, self.writable, self.busy = smsc, writable, 0

    def __call__(self, modem, command):
        if command.startswith("AT+CSCA") and self.busy > 0:
            self.busy -= 1
            return ["+CMS ERROR: 314"]
        if command == "AT+CSCA?":
            return [f'+CSCA: "{self.smsc}",{145 if self.smsc.startswith("+") else 129}', "OK"]
        if command.startswith("AT+CSCA="):
            if not self.writable:
                return ["+CMS ERROR: 302"]
            self.smsc = command.split('"')[1]
        return None


def test_the_message_centre_of_the_configuration_is_written_once():
    card = Card(OTHERS)
    card.busy = 1
    modem = Modem(card)
    with box_on(modem, keys=f'centro_mensajes = "{OURS}"') as box:
        shows(box, centro_mensajes=OURS, detalle="")
        assert modem.count("AT+CSCA=") == 1 and f'AT+CSCA="{OURS}",145' in modem.commands
        asked = modem.commands.index(f'AT+CSCA="{OURS}",145')
        assert asked < modem.commands.index("AT+CREG?"), "before the first message"
        modem.drop()
        box.until(lambda: modem.connections == 2)
        shows(box, listo=True, centro_mensajes=OURS)
        assert modem.count("AT+CSCA=") == 1


def test_a_card_that_refuses_its_message_centre():
    modem = Modem(Card(OTHERS, writable=False))
    with box_on(modem, keys=f'centro_mensajes = "{OURS}"') as box:
        says(box, "no ha tomado el centro de mensajes", "centro_mensajes")
        modem.drop()
        box.until(lambda: modem.connections == 2)
        shows(box, listo=True)
        assert modem.count("AT+CSCA=") == 1, "once per card"
        box.ask_pin()
        box.until(lambda: states(box) == ["enviado"])


def test_a_card_without_a_message_centre():
    modem = Modem(Card(""))
    with box_on(modem) as box:
        says(box, "Falta el centro de mensajes", "centro_mensajes")
        assert modem.count("AT+CSCA=") == 0
        modem.hook.smsc = OTHERS
        modem.drop()
        shows(box, centro_mensajes=OTHERS, detalle="")


def test_a_memory_that_fills_up():
    modem = Modem(told(CPMS='+CPMS: "ME",0,50,"ME",0,50,"SM",16,20'))
    with box_on(modem) as box:
        says(box, "memoria de mensajes", "casi llena")
        shows(box, memoria_usada=16, memoria_total=20, listo=True)
        assert box.program.log().count("casi llena") == 1
        modem.hook = told(CPMS='+CPMS: "ME",0,50,"ME",0,50,"SM",15,20')
        modem.drop()
        shows(box, memoria_usada=15, detalle="")


# ---- the network's time -------------------------------------------------------------------------


def nitz(seconds):
    def hook(modem, command):
        at = datetime.datetime.fromtimestamp(modem.now(), datetime.timezone.utc) + datetime.timedelta(seconds=seconds, hours=1)
        return [f'+CCLK: "{at:%y/%m/%d,%H:%M:%S}+04"', "OK"] if command == "AT+CCLK?" else None
    return hook


def test_the_networks_time_is_a_witness():
    modem = Modem(nitz(3600))
    with box_on(modem) as box:
        round_ends(box)
        seen = modem_of(box)["reloj_red_s"]
        assert 3590 <= seen <= 3610, seen
        assert box.status()["aviso_reloj"] == "", "once may be a mistake of the network"
        modem.hook = nitz(3600)
        modem.drop()
        advice = box.until(lambda: box.status()["aviso_reloj"], 15)
        assert "Según la red móvil, la hora es" in advice and "otra hora" in advice, advice
        hour = datetime.datetime.fromtimestamp(box.now()).astimezone() + datetime.timedelta(hours=1)
        assert any((hour + datetime.timedelta(minutes=m)).strftime(":%M del") in advice for m in (-1, 0, 1)), advice
        assert box.program.log().count("la hora de la red móvil") == 1
        hour = datetime.datetime.fromisoformat(box.status()["hora"].replace("Z", "+00:00"))
        assert abs(hour.timestamp() - box.now()) < 60, "it never sets the clock"
        modem.hook = nitz(0)
        modem.drop()
        box.until(lambda: box.status()["aviso_reloj"] == "", 15)


def test_of_a_clock_that_is_behind_the_network_tells_the_hour():
    modem = Modem(nitz(0))
    with box_on(modem) as box:
        box.ask_pin()  # the highest time is stored
        box.until(lambda: states(box) == ["enviado"])
        box.set_clock(-86400 * 1000)
        modem.hook = nitz(86400)
        modem.drop()
        advice = box.until(lambda: not box.status()["reloj_fiable"]
                            and box.status()["aviso_reloj"], 15)
        assert "no es fiable" in advice and "póngalo en hora" in advice, advice
        box.until(lambda: abs((modem_of(box)["reloj_red_s"] or 0) - 86400) < 60)


# ---- the history --------------------------------------------------------------------------------


def test_the_history_of_a_modem():
    with running() as (box, _):
        round_ends(box)
        seen = history(box).json
        row = dict(zip(seen["campos"], seen["filas"][0], strict=True))
        assert row["senal_dbm"] == row["senal_minima_dbm"] == -73 and row["muestras"] == row["con_red"] == 1, row
        assert row["tecnologia"] == 7 and row["memoria_total"] > 0 and row["temperatura_c"] is None, row
        assert abs(row["hora_s"] - time.time()) < 120 and seen["segundos_por_fila"] == 60
        assert seen["recuperaciones"] == []
        for days, seconds in ((0, 60), (2, 900), (100, 86400)):
            since = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=days, minutes=5)
            answer = history(box, desde=f"{since:%Y-%m-%dT%H:%M:%SZ}").json
            assert answer["segundos_por_fila"] == seconds and len(answer["filas"]) == 1, answer
        status, answer = control(box, "GET", "/v1/modems/principal/historia")
        assert status == 200 and answer["filas"] == seen["filas"], answer


def test_the_history_of_the_box():
    """Its queue and its deliveries are those of all modems, and no client sees them."""
    with running(clock=True, limits=NO_LIMITS) as (box, sim):
        def told(**more):
            answer = box.control_request("GET", "/v1/historia?" + urllib.parse.urlencode(more)).json
            return answer | {"rows": [dict(zip(answer["campos"], row, strict=True)) for row in answer["filas"]]}
        if time.time() % 86400 > 86400 - 600:
            box.pass_time(900 * 1000)  # the deliveries and the look at the queue are of one day
        for _ in range(3):
            box.ask_pin()
        box.until(lambda: box.status()["cola"]["entregado"] == 3)
        box.pass_time(61 * 1000)
        box.until(lambda: told()["rows"])
        for days, seconds in ((0, 60), (2, 900), (100, 86400)):
            since = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=days, minutes=5)
            answer = told(desde=f"{since:%Y-%m-%dT%H:%M:%SZ}")
            assert answer["segundos_por_fila"] == seconds, answer
            assert all(row["muestras"] > 0 and row["en_cola"] >= 0 for row in answer["rows"]), answer
        assert answer["rows"][-1]["entregados"] == 3, answer
        assert 1 <= answer["rows"][-1]["entrega_p50_s"] <= answer["rows"][-1]["entrega_p90_s"], answer
        assert box.get("/v1/historia").status == 403, "a client"
        assert box.control_request("GET", "/v1/historia?detalle=horas").status == 422
        assert box.control_request("GET", "/v1/historia?desde=ayer").status == 422


def test_who_may_ask_for_which_history():
    with running() as (box, _):
        for path, status, field in (("otro/historia", 404, "nombre"), ("7/historia", 404, "nombre"),
                                    ("principal/historia?desde=ayer", 422, "desde"),
                                    ("principal/historia?desde=2199-01-01T00:00:00Z", 422, "desde"),
                                    ("principal/historia?desde=2026-13-01T00:00:00Z", 422, "desde"),
                                    ("principal/historia?desde=%ZZ", 400, "desde"),
                                    ("principal/historia?detalle=horas", 422, "detalle"),
                                    ("principal/historia?otro=x", 400, "otro")):
            answer = box.get(f"/v1/modems/{path}")
            assert (answer.status, answer.json.get("campo", field)) == (status, field), (path, answer.text)
        assert box.get("/v1/modems/principal/historia", token=None).status == 401
        box.client(scopes="verificar", name="otra")
        assert history(box).status == 403
