# SPDX-License-Identifier: EUPL-1.2
"""The verdict of the box: said by the status and by contraclavectl, in each language; and the pause."""

import re

from box import eventually, running


def verdict(box):
    return box.status()["veredicto"]


def test_all_is_well_in_five_languages():
    with running() as (box, _):
        said = box.get("/v1/estado").json["veredicto"]
        assert (said["puede"], said["necesita"], said["causa"]) == ("si", "nada", ""), said
        assert said["frase"] == "Sí, puede enviar.", said
        told = {box.get(f"/v1/estado?idioma={tag}").json["veredicto"]["frase"] for tag in "es ca eu gl en".split()}
        assert len(told) == 5, told
        header = box.get("/v1/estado", headers={"Accept-Language": "fr, eu;q=0.8"}).json["veredicto"]["frase"]
        assert header == box.get("/v1/estado?idioma=eu").json["veredicto"]["frase"], header
        assert box.get("/v1/estado?idioma=fr").status in (400, 422)


def test_an_unplugged_modem_and_back():
    with running() as (box, sim):
        sim.stop()
        said = eventually(lambda: verdict(box)["puede"] == "no" and verdict(box))
        assert said["causa"] == "desenchufado" and said["necesita"] == "vaya", said
        # one o'clock is «la»
        assert re.match("No puede enviar: el módem «principal» no está enchufado desde las? [0-9]", said["frase"]), said
        assert said["que_hacer"].startswith("Vaya al equipo: compruebe el cable"), said
        shown = box.ctl("estado").stdout
        assert said["frase"] in shown and said["que_hacer"] in shown, shown
        assert said["frase"] in box.ctl("diagnostico", check=False).stdout
        sim.start()
        eventually(lambda: verdict(box)["puede"] == "si")


def test_a_pause_holds_messages_and_survives_a_restart():
    with running() as (box, sim):
        box.ctl("envios", "pausar", "--motivo", "cambio de antena")
        said = verdict(box)
        assert (said["puede"], said["necesita"], said["causa"]) == ("no", "desde_aqui", "pausa"), said
        assert re.search("los envíos están en pausa desde las? [0-9].*uid", said["frase"]), said
        box.ask_pin()
        first, *others = box.status()["colas"]
        assert first["clase"] == "contraclave" and first["esperan"] == 1 and first["primera"] < first["caduca"], first
        assert [row["esperan"] for row in others] == [0, 0] and others[0]["primera"] is None, others
        told = box.get("/v1/estado").json["colas"][0]
        assert told["esperan"] == 0 and told["primera"] is told["caduca"] is None, "a client must not see one message"
        assert box.status()["pausa"]["motivo"] == "cambio de antena"
        box.stop()
        box.start(ready=False)
        eventually(lambda: box.status()["modems"][0]["listo"])
        assert verdict(box)["causa"] == "pausa" and box.status()["cola"]["en_cola"] == 1
        box.ctl("envios", "reanudar")
        eventually(lambda: box.status()["cola"]["entregado"] == 1)
        assert verdict(box)["puede"] == "si" and box.status()["pausa"] is None
        events = [row[0] for row in box.rows("SELECT event FROM audit WHERE event LIKE 'envios_%' ORDER BY id")]
        assert events == ["envios_pausa", "envios_reanuda"], events


def test_a_client_may_not_pause():
    with running() as (box, _):
        assert box.post("/v1/envios/pausa", {}).status in (403, 404, 405)
        assert verdict(box)["puede"] == "si"
