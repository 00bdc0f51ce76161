# SPDX-License-Identifier: EUPL-1.2
"""Figures by month: each act counts once, in the month of the town, and stays when the daemon starts again."""

from box import NIF, code_of, eventually, running

OTHER = "87654321X"


def figures(box):
    answer = box.control_request("GET", "/v1/cifras")
    assert answer.status == 200 and answer.json["al_dia"] is True, answer.text
    return answer.json["meses"]


def whole(box):
    """The acts of all months, for one may end during a test, and who is registered now."""
    months = figures(box)
    now = {name: months[-1][name] for name in ("personas", "activas")}
    return {name: sum(month[name] or 0 for month in months) for name in months[-1] if name not in ("mes", *now)} | now


def test_what_a_day_counts():
    with running(limits="segundos_entre_peticiones = 1") as (box, sim):
        box.enrol(OTHER, "Otra", "+34600999888")
        assert box.control_request("POST", "/v1/registro/ciudadanos/renuncia", {"nif": OTHER, "motivo": "lo pide"}).status == 200
        box.ask_pin()
        code = code_of(eventually(lambda: [m for m in sim.inbox() if "contraclave" in m["text"]])[0])
        box.verify(f"{(int(code) + 1) % 10000:04}")
        for _ in range(2):
            assert box.verify(code)["resultado"] == "correcto"
        eventually(lambda: whole(box)["sms_enviados"] == 2)  # the contraclave, and that of the renuncia
        eventually(lambda: box.rows("SELECT count(*) FROM outbox WHERE state = 3")[0][0] == 2)
        told = {name: value for name, value in whole(box).items() if value}
        assert told == {"altas_presencial": 2, "bajas": 1, "peticiones": 1, "entradas": 2, "sms_enviados": 2,
                        "personas": 1, "activas": 1}, told
        act = lambda name, **more: box.control_request("POST", f"/v1/registro/ciudadanos/{name}", {"nif": NIF, "motivo": "a", **more})
        assert act("suspension").status == 200 and (whole(box)["personas"], whole(box)["activas"]) == (1, 0)
        assert act("reactivacion").status == 200 and whole(box)["activas"] == 1
        eventually(lambda: whole(box)["sms_enviados"] == 4)  # and those of the two acts
        before = whole(box)
        box.stop()
        box.start()
        again = whole(box)
        assert again["entradas_rechazadas"] == 1, "refusals reach the trail a minute later, or at the end"
        assert again == {**before, "entradas_rechazadas": 1}, again
        text = box.ctl("cifras").stdout
        assert "ACTIVAS" in text and figures(box)[0]["mes"] in text, text


def test_counted_by_the_minute_and_once():
    with running(clock=True) as (box, sim):
        box.wait_at_rest(sim)
        before = whole(box)
        box.pass_time(61_000)
        [[folded]] = eventually(lambda: box.rows("SELECT count FROM monthly WHERE month = 0 AND kind = 0"))
        assert 0 < folded <= box.rows("SELECT max(id) FROM audit")[0][0]
        assert box.rows("SELECT sum(count) FROM monthly WHERE kind = 1") == [(1,)]
        assert whole(box) == before and before["altas_presencial"] == 1
