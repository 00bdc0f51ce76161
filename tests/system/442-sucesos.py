# SPDX-License-Identifier: EUPL-1.2
"""What has happened: kept, listed, told to open pages, in their language."""

import calendar
import contextlib
import os
import time

from box import eventually, running
from driven import DrivenBox
from stream import Stream

LONG_AGO = "2020-01-01T00:00:00Z"


def from_utc(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def listed(box, language="es"):
    answer = box.control_request("GET", f"/v1/estado/eventos?idioma={language}&desde={LONG_AGO}")
    assert answer.status == 200 and answer.headers["Content-Type"] == "application/json", answer.text
    return answer.json["sucesos"]


def sentences(box, language="es"):
    return [event["frase"] for event in reversed(listed(box, language))]


def test_out_and_in_survive_a_restart_and_are_told_in_each_language():
    with running(enrolled=False) as (box, sim):
        eventually(lambda: len(listed(box)) == 1)
        sim.ask(cmd="vanish", ms=1500)
        eventually(lambda: listed(box)[0]["fin"])
        told = sentences(box)
        assert len(told) == 3 and told[:2] == ["Arranca el servicio.", "«principal» se ha desenchufado."], told
        assert told[2].startswith("«principal» vuelve a poder enviar, tras "), told
        assert sentences(box, "eu")[1] == "«principal» deskonektatu da."
        event = listed(box)[1]
        assert event["suceso"] == "desenchufado" and event["modem"] == "principal" and not event["fin"], event
        assert event["nivel"] == "mal" and event["id"] < listed(box)[0]["id"]
        assert box.stop() == 0
        box.start()
        eventually(lambda: len(listed(box)) > 3)
        assert len(listed(box)) == 4 and sentences(box)[:3] == told, (told, sentences(box))


def test_a_pause_and_a_restart_name_who_asked():
    with running(enrolled=False, kind=DrivenBox, true_network=True) as (box, sim):
        assert box.control_request("POST", "/v1/envios/pausa", {"motivo": "antena"}).status == 200
        box.until(lambda: any("en pausa; los paró contraclavectl (uid" in text for text in sentences(box)))
        assert box.control_request("DELETE", "/v1/envios/pausa").status == 200
        box.until(lambda: any(text.startswith("Resuelto, tras") for text in sentences(box)))
        assert box.control_request("POST", "/v1/modems/principal/reinicio", {}).status == 202
        box.until(lambda: any(text.endswith("reinicia «principal».") for text in sentences(box)))


def test_open_pages_are_told_and_get_what_they_missed():
    with running(enrolled=False) as (box, sim):
        eventually(lambda: sentences(box) == ["Arranca el servicio."])
        with contextlib.closing(Stream(box, "?idioma=en")) as page:
            _, status, _ = page.next()
            assert [event["frase"] for event in status["sucesos"]] == ["The service starts."], status["sucesos"]
            sim.ask(cmd="vanish", ms=1500)
            _, event, known = page.next_named("suceso")
            assert event["frase"] == "“principal” was unplugged." and known == str(event["id"]), event
        eventually(lambda: listed(box)[0]["fin"])
        assert len(listed(box)) == 3, sentences(box)
        with contextlib.closing(Stream(box, "?idioma=en", {"Last-Event-ID": known})) as page:
            _, status, _ = page.next()
            assert "entidad" in status and "sucesos" not in status
            _, event, again = page.next_named("suceso")
            assert event["frase"].startswith("“principal” can send again, after "), event
            assert int(again) > int(known)
        with contextlib.closing(Stream(box, "?idioma=en", {"Last-Event-ID": "999999"})) as page:
            assert len(page.next()[1]["sucesos"]) == 3, "an id of another database: all of it"


def test_a_client_gets_no_list_and_a_bad_instant_is_blamed():
    with running(enrolled=False) as (box, _):
        assert box.get(f"/v1/estado/eventos?desde={LONG_AGO}").status == 403
        for bad in ("ayer", "2999-01-01T00:00:00Z", "1"):
            answer = box.control_request("GET", f"/v1/estado/eventos?desde={bad}")
            assert answer.status == 422 and answer.json["campo"] == "desde", answer.text
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 1))
        assert box.control_request("GET", f"/v1/estado/eventos?desde={now}").status == 200


def test_figures_of_today_and_of_the_box():
    with running(kind=DrivenBox, true_network=True) as (box, sim):
        assert box.status()["equipo"]["copia"] is None
        box.ask_pin()
        eventually(lambda: box.status()["cola"]["entregado"] == 1)
        box.until(lambda: box.status()["cifras"]["entregados"] == 1)
        status = box.status()
        figures = status["cifras"]
        assert figures["rechazados"] == figures["inciertos"] == figures["fallos_hoy"] == 0, figures
        assert 0 <= figures["salida_p50_s"] <= figures["entrega_p50_s"] <= figures["entrega_p90_s"] < 60, figures
        assert status["modems"][0]["ultima_entrega"].endswith("Z")
        machine = status["equipo"]
        assert machine["disco_libre"] > 0 and 0 < machine["disco_usado_pc"] <= 100 and machine["arranque"] <= status["hora"]
        client = box.get("/v1/estado").json
        assert client["cifras"] is None and client["modems"][0]["ultima_entrega"] is None, "no oracle"
        box.ctl("copia", str(box.folder / "copia.db"))
        assert box.stop() == 0
        box.start()
        assert time.time() - 120 < from_utc(box.status()["equipo"]["copia"]) <= time.time() + 1


def test_minutes_without_sending_are_those_of_the_events():
    with running(clock=True, enrolled=False) as (box, sim):
        sim.ask(cmd="vanish", ms=600000)
        eventually(lambda: any("desenchufado" in text for text in sentences(box)))
        box.pass_time(5 * 60 * 1000)
        eventually(lambda: box.status()["cifras"]["minutos_sin_enviar"] in (5, 6))


def test_an_old_copy_is_told():
    with running(enrolled=False) as (box, _):
        box.ctl("copia", str(box.folder / "copia.db"))
        note = box.folder / "contraclaved.db-copia"
        assert note.stat().st_mode & 0o777 == 0o600
        days = time.time() - 7.5 * 86400  # more than seven, for all that tell it
        os.utime(note, (days, days))
        assert box.stop() == 0
        box.start()
        verdict = box.status()["veredicto"]
        assert verdict["causa"] == "copia_antigua" and verdict["puede"] == "si_pero", verdict
        assert "contraclaved-copia" in box.ctl("diagnostico", check=False).stdout, "the doctor"
