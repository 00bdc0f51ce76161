# SPDX-License-Identifier: EUPL-1.2
"""The limits per address of an end user: whoever calls too often is refused, and the others are not."""

import concurrent.futures
import json
import threading
import time

from box import CLAVE, NIF, code_of, eventually, running

NOBODY = "87654321X"
HOUR = 3600
OFF = "segundos_entre_peticiones = 0 peticiones_nif_hora = 0 peticiones_nif_dia = 0 vivas_por_nif = 0 sms_movil_dia = 0"


def ask(box, ip, nif=NIF, clave=CLAVE):
    return box.post("/v1/solicitudes", {"nif": nif, "clave": clave, **({"ip_usuario": ip} if ip else {})}).status


def check(box, ip, nif=NOBODY, contraclave="0000"):
    body = {"nif": nif, "clave": CLAVE, "contraclave": contraclave, **({"ip_usuario": ip} if ip else {})}
    return box.post("/v1/verificaciones", body).status


def test_one_address_at_20_a_second_is_refused_alone():
    """The limits as they come: 200 others get no 429."""
    with running(limits="ip_por_segundo = 2") as (box, _):
        conf = box.conf.read_text()
        box.conf.write_text(conf[:conf.index("limites {")] + conf[conf.index("modem "):])
        box.stop()
        box.start()
        began, visited, attacker, others = time.monotonic(), threading.Event(), [], []

        def attack():
            while not visited.is_set() or attacker.count(429) <= 60:
                attacker.append(check(box, "203.0.113.66"))
                time.sleep(0.05)
            return time.monotonic() - began

        def visit(first):
            for i in range(first, 200, 4):
                others.append(check(box, f"198.51.100.{i}"))
                others.append(ask(box, f"198.51.100.{i}", NOBODY))
                time.sleep(0.1)  # 400 calls in 5 s: what a whole town may do, under cliente_por_segundo
        with concurrent.futures.ThreadPoolExecutor(5) as pool:
            running_attack = pool.submit(attack)
            eventually(lambda: attacker.count(429) > 5)
            try:
                for done in [pool.submit(visit, i) for i in range(4)]:
                    done.result()
            finally:
                visited.set()
            lasted = running_attack.result()
        assert set(others) == {200, 202}, {s: others.count(s) for s in set(others)}
        assert attacker.count(200) <= 10 + 2 * (lasted + 1), (attacker.count(200), lasted)


def test_ipv6_is_counted_by_64_and_48():
    with running(limits="ip_por_segundo = 1 ip_rafaga = 2 ip_red48_veces = 3 cliente_por_segundo = 0") as (box, _):
        def burst(first, a_second, *addresses):
            """The first are answered, and of the others no more than so many a second for as long as it lasted."""
            began = time.monotonic()
            got = [check(box, ip) for ip in addresses]
            lasted = time.monotonic() - began
            assert got[:first] == [200] * first and got[first:].count(200) <= a_second * lasted, (got, lasted)
        burst(2, 1, *(f"2001:db8:1:1::{i}" for i in range(1, 7)))
        burst(6, 3, *(f"2001:db8:2:{i}::1" for i in range(40)))
        burst(2, 1, "2001:db8:3::1", "192.0.2.1")


def test_the_hourly_limit_of_a_48_is_a_multiple():
    limits = f"{OFF} peticiones_ip_hora = 2 ip_red48_veces = 2 ip_por_segundo = 0 cliente_por_segundo = 0"
    with running(clock=True, limits=limits) as (box, _):
        assert [ask(box, f"2001:db8:1:{i}::1") for i in range(6)] == [202] * 4 + [429] * 2
        assert [ask(box, "2001:db8:2::1", nif) for nif in (NIF, NOBODY, NIF)] == [202, 202, 429]
        box.set_clock((HOUR + 5) * 1000)
        assert ask(box, "2001:db8:1:9::1") == 202


def test_compared_failures_of_a_48():
    limits = f"{OFF} fallos_ip_hora = 2 ip_red48_veces = 2 intentos_por_peticion = 0 ip_por_segundo = 0" \
        " cliente_por_segundo = 0"
    with running(limits=limits) as (box, sim):
        box.ask_pin()
        right = code_of(eventually(sim.inbox)[0])
        wrong = f"{(int(right) + 1) % 10000:04d}"
        assert [check(box, "2001:db8:5::1", NOBODY, wrong) for _ in range(6)] == [200] * 6, "none of them was compared"
        assert [check(box, f"2001:db8:1:{i}::1", NIF, wrong) for i in range(6)] == [200] * 4 + [429] * 2
        assert check(box, "2001:db8:1:77::1", NOBODY, wrong) == 429, "the NIF makes no difference"
        assert box.verify(right, ip_usuario="2001:db8:2::1")["resultado"] == "correcto", "the owner, from elsewhere"


def test_the_town_s_own_kiosks_are_exempt():
    limits = f"{OFF} peticiones_ip_hora = 1 ip_por_segundo = 1 ip_rafaga = 1 cliente_por_segundo = 0" \
        ' redes_exentas = "10.1.0.0/16, 2001:db8:aaaa::/48"'
    with running(limits=limits) as (box, _):
        for ip in ("10.1.2.3", "::ffff:10.1.2.3", "2001:db8:aaaa::7"):
            assert [ask(box, ip) for _ in range(5)] == [202] * 5, ip
        assert [ask(box, "10.2.0.1") for _ in range(3)] == [202, 429, 429]
        assert ask(box, "2001:db8:aaab::7") == 202


def test_a_client_may_have_to_name_the_address():
    with running() as (box, _):
        made = json.loads(box.ctl("--json", "cliente", "crear", "--nombre", "estricta", "--ambitos", "solicitar,verificar",
                                  "--ip-obligatoria").stdout)
        assert made["ip_obligatoria"] is True, made
        free, box.token = box.token, made["token"]
        for path, body in (("/v1/solicitudes", {"nif": NIF, "clave": CLAVE}),
                           ("/v1/verificaciones", {"nif": NIF, "clave": CLAVE, "contraclave": "0000"})):
            answer = box.post(path, body)
            assert answer.status == 400 and answer.json["campo"] == "ip_usuario", answer.text
            assert answer.json["type"] == "field_missing", answer.text
            assert box.post(path, {**body, "ip_usuario": "192.0.2.7"}).status in (200, 202), path
        assert ask(box, None) == 400
        box.token = free
        assert ask(box, None) == 202
        listed = {c["nombre"]: c["ip_obligatoria"] for c in json.loads(box.ctl("--json", "cliente", "lista").stdout)["clientes"]}
        assert listed == {"sede": False, "estricta": True}, listed
        line = [l for l in box.ctl("cliente", "lista").stdout.splitlines() if "estricta" in l][0]
        assert "sí" in line and "solicitar,verificar" in line, line
        box.stop()
        box.start()
        box.token = made["token"]
        assert ask(box, None) == 400, "after a restart too"
