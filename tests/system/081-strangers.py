# SPDX-License-Identifier: EUPL-1.2
"""A stranger who knows a NIF: only compared failures count, and what he uses up its owner passes by."""

import concurrent.futures
import http.client
import json
import signal

from box import CLAVE, NIF, PHONE, SLOW, WRAP, code_of, eventually
from limited import (CONTRAST, DAY, HOUR, MINUTE, OTHER, OTHER_CONTRAST, REFUSED, UNKNOWN, as_shipped, code_at,
                     enrol_owner, limited, nif, texts, wait_handed_over, wrong)

STRANGER = "6666"


def enters(box, sim, index, **more):
    """The owner asks and enters; index is that of his SMS."""
    box.ask_pin(**more)
    return box.verify(code_at(sim, index), **more)["resultado"] == "correcto"


def test_sixty_refusals_without_a_matching_clave():
    with as_shipped() as (box, sim):
        enrol_owner(box)
        for i in range(60):
            assert box.verify("0000", clave=f"{i:04d}") == REFUSED
        assert enters(box, sim, 0)
        for i in range(60):
            assert box.verify("0000", clave=f"{i:04d}") == REFUSED
        box.set_clock(2 * HOUR * 1000)
        assert enters(box, sim, 1)
        assert box.failures() == [] and box.status()["alarma"] is False


def test_sixty_invented_nifs_from_sixty_addresses():
    with as_shipped() as (box, sim):
        enrol_owner(box)
        for i in range(60):
            address = f"192.0.2.{i}"
            assert box.verify("0000", nif=nif(20000000 + i), ip_usuario=address) == REFUSED
            box.ask_pin(nif(20000000 + i), ip_usuario=address)
        answer = box.ask_pin(ip_usuario="192.0.2.99")
        assert answer["pide_contraste"] is False
        assert box.verify(code_at(sim, 0), ip_usuario="192.0.2.99")["resultado"] == "correcto"
        assert box.status()["alarma"] is False


def test_three_requests_of_strangers():
    with as_shipped() as (box, sim):
        enrol_owner(box)
        for minute in range(3):
            box.set_clock(minute * MINUTE * 1000 + 1000)
            box.ask_pin(clave=STRANGER)
            wait_handed_over(box)
        assert box.sent() == 3
        box.set_clock(62 * MINUTE * 1000)
        assert enters(box, sim, 3), "a live request too many replaces a stranger's"
        strangers = [box.verify(code_at(sim, i), clave=STRANGER)["resultado"] for i in range(3)]
        assert strangers == ["rechazado", "correcto", "correcto"], "the oldest unused one"


def test_strangers_use_up_the_sends():
    with as_shipped() as (box, sim):
        enrol_owner(box)
        for i in range(8):
            box.set_clock((i * 40 * MINUTE + 1) * 1000)
            box.ask_pin(clave=STRANGER)
            wait_handed_over(box)
        assert box.sent() == 5, "the open budget of a day"
        notices = [t for t in texts(sim, 6) if "varias veces" in t]
        assert len(notices) == 1, "the phone is told, once a day"
        box.ask_pin()
        assert box.sent() == 5
        box.ask_pin(contraste="30/12/2030")
        assert box.sent() == 5, "a wrong one is as none"
        box.ask_pin(contraste=CONTRAST)
        assert box.sent() == 6
        own = code_at(sim, 6)
        assert box.verify(own)["resultado"] == "correcto"
        for i in range(3):  # the stranger goes on when the day is over
            box.set_clock((26 * HOUR + i * 61) * 1000)
            box.ask_pin(clave=STRANGER)
        assert box.sent() == 9


def test_a_stranger_cannot_replace_what_the_owner_opened_with_the_contrast():
    with limited(vivas_por_nif=2, enrolled=False) as (box, sim):
        enrol_owner(box)
        box.ask_pin(contraste=CONTRAST)
        own = code_at(sim, 0)
        for _ in range(6):
            box.ask_pin(clave=STRANGER)
        assert box.verify(own)["resultado"] == "correcto"


def test_a_nif_is_paced_and_its_owner_passes_by():
    with as_shipped() as (box, sim):
        enrol_owner(box)
        box.ask_pin()
        right = code_at(sim, 0)
        for i in range(110):
            assert box.verify("0000", clave="9999") == REFUSED
        assert box.verify(right) == REFUSED, "refused unread"
        assert box.verify(right, contraste="30/12/2030") == REFUSED
        assert box.verify(right, contraste=CONTRAST)["resultado"] == "correcto"
        box.set_clock(65 * 1000)
        assert box.verify(right)["resultado"] == "correcto", "one a minute is looked at"
        assert box.verify("0000", clave="9999") == REFUSED
        assert box.verify(right) == REFUSED
        box.set_clock((HOUR + 2 * MINUTE) * 1000)
        assert box.verify(right)["resultado"] == "correcto"


def test_many_refusals_of_unregistered_nifs_hurt_nobody():
    count = 320 if WRAP or SLOW > 1 else 10000
    with as_shipped() as (box, sim):
        enrol_owner(box)
        box.ask_pin()
        right = code_at(sim, 0)
        written = box.database.stat().st_size

        def flood(worker):
            connection = http.client.HTTPConnection("127.0.0.1", box.port, timeout=20 * SLOW)
            headers = {"Authorization": f"Bearer {box.token}", "Content-Type": "application/json"}
            seen = set()
            for i in range(count // 16):
                body = {"nif": nif(30000000 + worker * count + i), "clave": CLAVE, "contraclave": "0000"}
                connection.request("POST", "/v1/verificaciones", json.dumps(body), headers)
                seen.add(connection.getresponse().read())
            connection.close()
            return seen
        # an answer is held for some milliseconds, so that its time tells nothing: sixteen at once wait for fewer of them
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            assert {a for seen in pool.map(flood, range(16)) for a in seen} == {b'{"resultado":"rechazado"}'}
        assert box.verify(right)["resultado"] == "correcto" and box.status()["alarma"] is False
        box.set_clock(2 * MINUTE * 1000)
        assert enters(box, sim, 1)
        box.stop()
        assert box.rows("SELECT count(*) FROM failures") == [(0,)]
        grouped = box.rows("SELECT sum(reference), count(*) FROM audit WHERE result = 'sin_coincidencia' AND subject IS NULL")
        assert grouped[0][0] == count and grouped[0][1] <= 3, grouped
        assert box.database.stat().st_size - written < 200000, "a row a minute, not a row a call"
        box.start()
        assert "completo" in box.ctl("auditoria", "comprobar").stdout


def test_compared_failures_ask_for_the_contrast_and_lock():
    with limited(fallos_seguidos_contraste=3, fallos_seguidos_bloqueo=5, enrolled=False) as (box, sim):
        enrol_owner(box)
        box.ask_pin()
        right = code_at(sim, 0)
        for i in range(3):
            assert box.verify(wrong(right)) == REFUSED
        box.ask_pin()
        assert box.sent() == 1, "open sends stop"
        assert any("varias veces" in t for t in texts(sim, 2))
        assert box.verify(right) == REFUSED, "what was opened without the contrast needs it now"
        assert len(box.failures()) == 3, "and that was not compared"
        box.ask_pin(contraste=CONTRAST)
        assert box.sent() == 2
        assert box.verify(code_at(sim, 2))["resultado"] == "correcto", "opened with it, entered without"
        assert box.verify(right, contraste=CONTRAST)["resultado"] == "correcto", "settles its three failures"
        box.ask_pin()
        assert box.sent() == 3
        other = code_at(sim, 3)
        for i in range(3):
            assert box.verify(wrong(other)) == REFUSED
        for i in range(2):
            assert box.verify(wrong(other), contraste=CONTRAST) == REFUSED
        assert any("bloqueado" in t for t in texts(sim, 5)), "the fifth locks, and tells"
        before = box.sent()
        box.ask_pin(contraste=CONTRAST)
        assert box.verify(other, contraste=CONTRAST) == REFUSED and box.sent() == before
        box.set_clock(31 * DAY * 1000)
        box.ask_pin(contraste=CONTRAST)
        assert box.sent() == before, "time does not unlock"
        box.ctl("ciudadano", "desbloquear", "--nif", NIF)
        box.ask_pin()
        assert box.sent() == before + 1


def test_the_owner_s_success_does_not_help_a_stranger():
    with limited(fallos_seguidos_contraste=4, enrolled=False) as (box, sim):
        enrol_owner(box)
        for i in range(4):
            box.ask_pin(clave=f"666{i}")
            assert box.verify(wrong(code_at(sim, 2 * i)), clave=f"666{i}") == REFUSED
            box.ask_pin(contraste=CONTRAST)
            assert box.verify(code_at(sim, 2 * i + 1), contraste=CONTRAST)["resultado"] == "correcto"
        before = box.sent()
        box.ask_pin(clave=STRANGER)
        assert box.sent() == before, "the stranger's four failures stand"
        box.set_clock(30 * DAY * 1000 + 60000)
        box.ask_pin()
        assert box.sent() == before + 1


def test_guessing_the_contrast():
    with limited(contrastes_nif_dia=3, contrastes_nif_30d=4, enrolled=False) as (box, sim):
        enrol_owner(box)
        box.enrol(*OTHER, contraste=OTHER_CONTRAST)
        for day in (1, 2):
            box.ask_pin(contraste=f"{day:02d}/01/2031")
        box.ask_pin(contraste=CONTRAST)
        assert len(box.rows("SELECT 1 FROM requests WHERE with_contrast = 1")) == 1
        assert len(texts(sim, 3)) == 3
        box.set_clock((DAY + HOUR) * 1000)
        box.ask_pin(contraste="03/01/2031")
        box.ask_pin(contraste=CONTRAST)
        assert len(box.rows("SELECT 1 FROM requests WHERE with_contrast = 1")) == 2
        box.ask_pin(contraste="04/01/2031")
        assert any("ya no vale" in t for t in texts(sim, 7)), "the fourth in 30 days: told"
        box.set_clock(40 * DAY * 1000)
        box.ask_pin(contraste=CONTRAST)
        assert len(box.rows("SELECT 1 FROM requests WHERE with_contrast = 1")) == 2
        assert json.loads(box.ctl("--json", "ciudadano", "ver", "--nif", NIF).stdout)["contraste_bloqueado"] is True
        box.ctl("ciudadano", "desbloquear", "--nif", NIF)
        box.ask_pin(contraste=CONTRAST)
        assert len(box.rows("SELECT 1 FROM requests WHERE with_contrast = 1")) == 3
        assert box.failures() == [], "it counts in no other limit"
        for i in range(9):  # nothing to compare it with: nobody's
            box.ask_pin(UNKNOWN, contraste="01/01/2031")
        box.ask_pin(OTHER[0], contraste="x 99999999")
        assert len(box.rows("SELECT 1 FROM failures WHERE kind = 1 AND settled = 0")) == 1


def test_a_strangers_contrasts_are_his_addresss():
    """A stranger who guesses at it is no longer listened to; the owner, at home, is."""
    with limited(contrastes_direccion_dia=3, peticiones_nif_dia=1, enrolled=False) as (box, sim):
        enrol_owner(box)
        for day in (1, 2, 3):
            box.ask_pin(clave=STRANGER, contraste=f"{day:02d}/01/2031", ip_usuario="192.0.2.7")
        assert any("varias veces" in t for t in texts(sim, 2)), "the third: told"
        box.ask_pin(clave=STRANGER, contraste=CONTRAST, ip_usuario="192.0.2.7")
        assert not box.rows("SELECT 1 FROM requests WHERE with_contrast = 1"), "not compared any more"
        box.ask_pin(contraste=CONTRAST, ip_usuario="198.51.100.20")
        code = code_of(eventually(lambda: [m for m in sim.inbox() if "contraclave" in m["text"]][1:])[0])
        assert box.verify(code)["resultado"] == "correcto"
        box.ask_pin(contraste=CONTRAST)
        assert len(box.rows("SELECT 1 FROM requests WHERE with_contrast = 1")) == 2, "without an address: another one"


def test_a_wrong_contrast_in_a_verification_is_a_failure_of_its_request():
    with limited(intentos_por_peticion=2, contrastes_nif_dia=9, enrolled=False) as (box, sim):
        enrol_owner(box)
        box.ask_pin()
        right = code_at(sim, 0)
        assert box.verify(right, contraste="01/01/2031") == REFUSED
        assert len(box.failures()) == 1 and box.verify(right)["resultado"] == "correcto"
        assert box.verify(right, clave="9999", contraste="01/01/2031") == REFUSED
        assert len(box.failures()) == 1, "no request had that clave"
        assert box.verify(right, contraste="01/01/2031") == REFUSED
        assert box.verify(right) == REFUSED, "both tries are used up"


def test_the_form_of_the_contrast_tells_nothing():
    rows = [(NIF, "600123123", "contrast_date"), (NIF, PHONE, "contrast_date"), (NIF, "E12345678", "contrast_date"),
            (UNKNOWN, "31/02/2030", "contrast_date"), ("X1234567L", "31/12/2030", "contrast_support"),
            ("A58818501", "31/12/2030", "contrast_none")]
    with limited(enrolled=False) as (box, _):
        enrol_owner(box)
        for number, datum, kind in rows:
            for path, more in (("/v1/solicitudes", {}), ("/v1/verificaciones", {"contraclave": "0000"})):
                answer = box.post(path, {"nif": number, "clave": CLAVE, "contraste": datum, **more})
                assert (answer.status, answer.json["type"], answer.json["campo"]) == (422, kind, "contraste"), answer.text
        box.ask_pin(contraste="")
        assert box.rows("SELECT count(*) FROM failures") == [(0,)] and box.sent() == 1


def test_the_whole_town():
    numbers = [nif(40000000 + i) for i in range(4)]
    with limited(nifs_entidad_alarma=2, nifs_entidad_contraste=4, intentos_por_peticion=3, enrolled=False) as (box, sim):
        enrol_owner(box)
        for i, number in enumerate(numbers):
            box.enrol(number, "Ana Ruiz", f"+346000000{i:02d}", contraste=CONTRAST)
        box.ask_pin()
        early = code_at(sim, 0)
        for i, number in enumerate(numbers):
            status = box.status()
            assert status["alarma"] is (i >= 2) and status["pide_contraste"] is False, (i, status)
            for _ in range(3):  # one NIF three times is one
                box.verify("0000", nif=UNKNOWN)
            box.ask_pin(number)
            code = code_at(sim, i + 1)
            for _ in range(2):
                box.verify(wrong(code), nif=number)
        status = box.status()
        assert status["alarma"] and status["pide_contraste"] and "contraste" in status["aviso_limites"], status
        assert "contraste" in box.ctl("diagnostico", check=False).stdout
        assert box.program.log().count("límites: Hay demasiados fallos") == 1
        before = box.sent()
        assert box.ask_pin()["pide_contraste"] is True and box.ask_pin(UNKNOWN)["pide_contraste"] is True
        assert box.sent() == before and box.verify(early) == REFUSED
        box.stop(signal.SIGKILL)
        box.start()
        assert box.ask_pin()["pide_contraste"] is True, "known after a crash"
        assert box.sent() == before
        box.ask_pin(contraste=CONTRAST)
        assert box.sent() == before + 1
        assert box.verify(early, contraste=CONTRAST)["resultado"] == "correcto"
        for number in numbers[:2]:
            box.ctl("ciudadano", "desbloquear", "--nif", number)
        assert box.status()["pide_contraste"] is True, "until under the alarm again"
        box.ctl("ciudadano", "desbloquear", "--nif", numbers[2])
        status = box.status()
        assert status["pide_contraste"] is False and status["alarma"] is False, status
        box.ask_pin()
        assert box.sent() == before + 2


def test_the_total_of_the_town():
    with limited(fallos_entidad_total=3, fallos_entidad_30d=2, enrolled=False) as (box, sim):
        enrol_owner(box)
        box.ask_pin()
        right = code_at(sim, 0)
        for expected in ((False, False), (True, False), (True, True)):
            box.verify(wrong(right))
            status = box.status()
            assert (status["alarma"], status["pide_contraste"]) == expected, (expected, status)
        assert box.verify(wrong(right)) == REFUSED and len(box.failures()) == 3
        box.set_clock((DAY + HOUR) * 1000)
        box.ask_pin()
        assert box.sent() == 2 and box.status()["pide_contraste"] is False


def test_the_same_clave_twice_is_two_comparisons():
    with limited(intentos_por_peticion=3, enrolled=False) as (box, sim):
        enrol_owner(box)
        for _ in range(2):
            box.ask_pin()
        codes = [code_at(sim, i) for i in range(2)]
        bad = next(c for c in ("0000", "1111", "2222") if c not in codes)
        assert box.verify(bad) == REFUSED and len(box.failures()) == 2
        assert [box.verify(c)["resultado"] for c in codes] == ["correcto"] * 2


def test_three_of_three_hundred_parallel_guesses_are_compared():
    with as_shipped(limits="rechazos_nif_hora = 0") as (box, sim):
        enrol_owner(box)
        box.ask_pin()
        right = code_at(sim, 0)
        guesses = [f"{n:04d}" for n in range(10000) if f"{n:04d}" != right][:300]

        def guess(code):
            try:
                return box.verify(code)["resultado"]
            except (OSError, http.client.HTTPException):
                return None
        with concurrent.futures.ThreadPoolExecutor(30) as pool:
            answers = pool.map(guess, guesses[:150])
            eventually(lambda: box.failures() or None)
            box.stop(signal.SIGKILL)
            assert set(answers) <= {"rechazado", None}
        assert len(box.failures()) <= 3
        box.start()
        with concurrent.futures.ThreadPoolExecutor(30) as pool:
            assert set(pool.map(guess, guesses[150:])) == {"rechazado"}
        assert len(box.failures()) == 3 and len(set(box.failures())) == 1
        assert box.verify(right) == REFUSED, "dead"
        assert box.rows("SELECT tries FROM requests") == [(3,)]


def test_profile_reforzado():
    with as_shipped(extra="") as (box, sim):
        box.stop()
        box.conf.write_text(box.conf.read_text().replace('perfil = "pin24h"', 'perfil = "reforzado"'))
        box.start()
        enrol_owner(box)
        assert box.ask_pin()["pide_contraste"] is True and box.sent() == 0, "always with the contrast"
        box.ask_pin(contraste=CONTRAST)
        text = next(t for t in texts(sim, 2) if "6 cifras" in t)
        code = next(w for w in text.split() if len(w) == 6 and w.isdigit())
        for short in (code[:4], code + "0"):
            answer = box.post("/v1/verificaciones", {"nif": NIF, "clave": CLAVE, "contraclave": short})
            assert (answer.status, answer.json["type"]) == (422, "contraclave_format"), answer.text
        assert box.verify(code)["resultado"] == "correcto"
        assert box.verify(code) == REFUSED, "one use"
        box.set_clock(61 * 1000)
        box.ask_pin(contraste=CONTRAST)
        text = [t for t in texts(sim, 3) if "6 cifras" in t][1]
        code = next(w for w in text.split() if len(w) == 6 and w.isdigit())
        box.set_clock((61 + 10 * MINUTE) * 1000)
        assert box.verify(code) == REFUSED, "ten minutes"
