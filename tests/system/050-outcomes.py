# SPDX-License-Identifier: EUPL-1.2
"""The three outcomes of a send, refusals by class, and what a modem may do without any harm (DESIGN decision 3)."""

import datetime
import json
import time

from box import SLOW, code_of, eventually, running

NO_LIMITS = ("cliente_por_segundo = 0 segundos_entre_peticiones = 0 peticiones_nif_hora = 0 peticiones_nif_dia = 0 "
             "sms_movil_dia = 0 vivas_por_nif = 0")
WINDOW_S = 1
QUICK = {"extra": f"espera_informe_s = {WINDOW_S * SLOW}", "limits": NO_LIMITS,
         "modem": f"plazo_envio_s = {0.5 * SLOW} plazo_aviso_s = {0.5 * SLOW}"}
OTHER_NIF, OTHER_PHONE = "87654321X", "+34711222333"
REPLACE_TYPE_1 = 0x41


def queue(box):
    return json.loads(box.ctl("--json", "cola").stdout)["mensajes"]


def newest(box, state, **expected):
    """Waits until the newest message is in that state."""
    def reached():
        message = queue(box)[0]
        return message["estado"] == state and all(message[k] == v for k, v in expected.items())
    try:
        eventually(reached, 8, 0.05)
    except AssertionError:
        raise AssertionError((state, expected, queue(box))) from None
    return queue(box)[0]


def counts(box):
    return box.status()["cola"]


def refusals(box):
    """As the daemon has recorded them: the simulator counts them before it says so."""
    return box.status()["modems"][0]["rechazados"]


def arm(sim, *faults):
    for fault in faults:
        assert sim.ask(cmd="fault", fault=fault)["ok"], fault


def stays(sim, number, seconds):
    """No further message arrives in that time."""
    time.sleep(seconds * SLOW)
    assert len(sim.inbox()) == number, sim.inbox()


def poke(box):
    """A turn of the loop, so that a clock that was set is looked at at once."""
    assert box.verify("0000", nif=OTHER_NIF)["resultado"] == "rechazado"


def once_with_report(*faults):
    with running(**QUICK) as (box, sim):
        arm(sim, *faults)
        box.ask_pin()
        newest(box, "entregado", intentos=1)
        stays(sim, 1, 2 * WINDOW_S)
        assert box.verify(code_of(sim.inbox()[0]))["resultado"] == "correcto"


def twice_without_report(*faults):
    with running(**QUICK) as (box, sim):
        arm(sim, *faults)
        box.ask_pin()
        newest(box, "incierto")
        first, second = eventually(lambda: len(sim.inbox()) == 2 and sim.inbox())
        assert second["text"] == first["text"], "the same contraclave"
        assert first["pid"] == 0 and second["pid"] == REPLACE_TYPE_1
        stays(sim, 2, 2.5 * WINDOW_S)
        newest(box, "incierto", intentos=2)
        assert box.verify(code_of(second))["resultado"] == "correcto"


def test_lost_reply_with_report():
    once_with_report("lost-reply")


def test_lost_reply_with_late_report():
    once_with_report("lost-reply", f"report-late:{800 * SLOW}")


def test_lost_reply_and_lost_report():
    twice_without_report("lost-reply*2", "no-report*2")


def test_error_after_the_pdu_with_report():
    once_with_report("cms-after:500")


def test_error_after_the_pdu_without_report():
    twice_without_report("cms-after:500*2", "no-report*2")


def test_lost_reply_then_a_good_repeat():
    with running(**QUICK) as (box, sim):
        arm(sim, "lost-reply", "no-report")
        box.ask_pin()
        newest(box, "entregado", intentos=2)
        stays(sim, 2, 2 * WINDOW_S)


def test_harmless_whims_of_a_modem():
    """Each delivered exactly once, at the first try."""
    table = (["prompt-bare"], [f"prompt-late:{200 * SLOW}"], ["urc-noise*3"], ["crlf-double:300"], ["report-early"],
             [f"report-late:{300 * SLOW}"], ["report-twice"], ["echo-off:300"], ["garbage"], ["final-late:200"],
             ["report-early", "report-twice"], ["prompt-bare", "urc-noise*3", "garbage", "crlf-double:300"])
    with running(**QUICK) as (box, sim):
        for n, faults in enumerate(table, 1):
            arm(sim, *faults)
            box.ask_pin()
            try:
                eventually(lambda: counts(box)["entregado"] == n, 6)
            except AssertionError:
                raise AssertionError((faults, queue(box)[:2], sim.inbox()[n - 1:])) from None
            assert len(sim.inbox()) == n, (faults, sim.inbox()[n - 1:])
            assert queue(box)[0]["intentos"] == 1, (faults, queue(box)[0])
            sim.ask(cmd="clear-faults")
        assert box.status()["modems"][0]["perdidas"] == 0


def test_prompt_lost():
    """Nothing has left: it goes later, once."""
    with running(**QUICK) as (box, sim):
        arm(sim, "prompt-lost")
        box.ask_pin()
        newest(box, "entregado", intentos=1)
        assert len(sim.inbox()) == 1, sim.inbox()


def test_a_permanent_refusal_is_not_repeated():
    with running(**QUICK) as (box, sim):
        for cms in (1, 8, 304):
            arm(sim, f"cms:{cms}")
            box.ask_pin()
            message = newest(box, "rechazado", causa=f"CMS {cms}")
            assert message["causa_texto"], message
        stays(sim, 0, 1)
        assert sim.ask(cmd="state")["refused"] == 3
        box.ask_pin()  # and the next one passes
        newest(box, "entregado")


def test_temporary_refusals_back_off_and_others_pass():
    """CMS 38 is also what a dead number gives: three times, then no more. Meanwhile others are served."""
    with running(clock=True, **QUICK) as (box, sim):
        box.enrol(nif=OTHER_NIF, phone=OTHER_PHONE)
        arm(sim, "cms:38")
        box.ask_pin()
        newest(box, "en_cola", causa="CMS 38")
        box.ask_pin(nif=OTHER_NIF)
        eventually(lambda: counts(box)["entregado"] == 1)
        assert [m["number"] for m in sim.inbox()] == [OTHER_PHONE]
        now_s = 0
        for wait_s, early_s, refused in ((15, 0, 2), (60, 30, 3)):
            arm(sim, "cms:38")
            box.set_clock((now_s + early_s) * 1000)
            poke(box)
            assert refusals(box) == refused - 1, "before its time"
            now_s += wait_s + 1
            box.set_clock(now_s * 1000)
            poke(box)
            eventually(lambda n=refused: poke(box) or refusals(box) == n)
        eventually(lambda: counts(box)["rechazado"] == 1)
        box.set_clock(3600 * 1000)
        poke(box)
        stays(sim, 1, 0.3)


def test_congestion_backs_off_then_delivers_once():
    with running(clock=True, **QUICK) as (box, sim):
        arm(sim, "cms:42")
        box.ask_pin()
        newest(box, "en_cola", causa="CMS 42", intentos=0)
        box.set_clock(5 * 1000)
        poke(box)
        assert not sim.inbox()
        box.set_clock(16 * 1000)
        poke(box)
        newest(box, "entregado", intentos=1)
        assert len(sim.inbox()) == 1


def test_not_deliverable_until_caduca():
    with running(clock=True, **QUICK) as (box, sim):
        sim.ask(cmd="set", creg=2)
        eventually(lambda: box.get("/readyz").status == 503)
        asked = box.ask_pin()
        newest(box, "en_cola")
        caduca = datetime.datetime.fromisoformat(asked["caduca"].replace("Z", "+00:00")).timestamp()
        box.set_clock(int((caduca - time.time() + 1) * 1000))
        newest(box, "caducado")
        sim.ask(cmd="set", creg=1)
        eventually(lambda: box.get("/readyz").status == 200)
        stays(sim, 0, 0.3)
